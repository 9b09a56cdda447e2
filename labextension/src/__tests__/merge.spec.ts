import { merge } from '../merge';
import type { IText } from '../merge';

function cells(texts: Record<string, string>): IText[] {
  return Object.entries(texts).map(([id, source]) => ({
    id,
    type: 'code',
    source
  }));
}

function merged(
  base: Record<string, string>,
  notebook: Record<string, string>,
  file: Record<string, string>
): string {
  return merge(cells(base), cells(notebook), cells(file))
    .map(cell => {
      const text = (cell.from === 'file' ? file : notebook)[cell.id];
      return `${cell.id}=${text}${cell.other ? `|${cell.other}` : ''}`;
    })
    .join(' ');
}

describe('merge', () => {
  const base = { a: '1', b: '2', c: '3' };

  it('takes what was changed in the file', () => {
    const file = { a: '1', b: '20', n: 'new', c: '3' };
    expect(merged(base, base, file)).toBe('a=1 b=20 n=new c=3');
  });

  it('keeps what was changed in the notebook', () => {
    const notebook = { a: '10', n: 'new', b: '2', c: '3' };
    expect(merged(base, notebook, base)).toBe('a=10 n=new b=2 c=3');
  });

  it('takes changes of different cells from both sides', () => {
    const notebook = { ...base, a: '10' };
    const file = { ...base, c: '30' };
    expect(merged(base, notebook, file)).toBe('a=10 b=2 c=30');
  });

  it('keeps both texts of a cell that both sides have changed', () => {
    const notebook = { ...base, b: 'mine' };
    const file = { ...base, b: 'theirs' };
    expect(merged(base, notebook, file)).toBe('a=1 b=mine|theirs c=3');
  });

  it('knows when both sides have made the same change', () => {
    const both = { ...base, b: 'same' };
    expect(merged(base, both, both)).toBe('a=1 b=same c=3');
  });

  it('deletes what one side has deleted and the other left alone', () => {
    expect(merged(base, base, { a: '1', c: '3' })).toBe('a=1 c=3');
    expect(merged(base, { a: '1', c: '3' }, base)).toBe('a=1 c=3');
  });

  it('deletes nothing that the other side has changed', () => {
    const shorter = { a: '1', c: '3' };
    const changed = { ...base, b: 'new' };
    expect(merged(base, changed, shorter)).toBe('a=1 b=new c=3');
    expect(merged(base, shorter, changed)).toBe('a=1 b=new c=3');
  });

  it('takes the order of the side that has moved cells', () => {
    const moved = { c: '3', a: '1', b: '2' };
    expect(merged(base, base, moved)).toBe('c=3 a=1 b=2');
    expect(merged(base, moved, base)).toBe('c=3 a=1 b=2');
  });
});
