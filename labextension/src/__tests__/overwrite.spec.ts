import { onScreen, Overwriter } from '../overwrite';
import type { IShown, Output } from '../overwrite';

/** Outputs on a page, and what was done to them. */
class Page implements IShown {
  constructor(readonly outputs: Output[]) {}
  readonly done: string[] = [];

  get length(): number {
    return this.outputs.length;
  }
  get(index: number): Output {
    return this.outputs[index] as Output;
  }
  set(index: number, output: Output): void {
    this.outputs[index] = output;
    this.done.push(`set ${index}`);
  }
  add(output: Output): void {
    this.outputs.push(output);
    this.done.push('add');
  }
  reset(outputs: readonly Output[]): void {
    this.outputs.splice(0, this.outputs.length, ...outputs);
    this.done.push(`reset to ${outputs.length}`);
  }
}

const out = (text: string, name = 'stdout'): Output => ({
  output_type: 'stream',
  name,
  text
});
const data = (value: string): Output => ({
  output_type: 'display_data',
  data: { 'text/plain': value },
  metadata: {}
});

function rerun(before: Output[], after: Output[]): Page {
  const page = new Page([...before]);
  const overwriter = new Overwriter(page);
  after.forEach(output => overwriter.write(output));
  overwriter.end();
  return page;
}

it('leaves alone what comes out as before', () => {
  const page = rerun([data('a'), out('x\ny\n')], [data('a'), out('x\n'), out('y\n')]);
  expect(page.done).toEqual([]);
});

it('replaces only what differs', () => {
  const page = rerun(
    [data('a'), data('b'), data('c')],
    [data('a'), data('x'), data('c')]
  );
  expect(page.done).toEqual(['set 1']);
});

it('adds what is new and removes what is gone', () => {
  expect(rerun([data('a')], [data('a'), data('b')]).done).toEqual(['add']);
  expect(rerun([data('a'), data('b')], [data('a')]).done).toEqual(['reset to 1']);
  expect(rerun([data('a')], []).outputs).toEqual([]);
});

it('shows a text as it comes, once it differs', () => {
  const page = new Page([out('1\n2\n3\n')]);
  const overwriter = new Overwriter(page);
  overwriter.write(out('1\n'));
  expect(page.done).toEqual([]);
  overwriter.write(out('4\n'));
  expect(page.outputs).toEqual([out('1\n4\n')]);
  overwriter.write(out('5\n'));
  overwriter.end();
  expect(page.outputs).toEqual([out('1\n4\n5\n')]);
});

it('shortens a text that ends sooner', () => {
  expect(rerun([out('1\n2\n')], [out('1\n')]).outputs).toEqual([out('1\n')]);
});

it('keeps the streams apart', () => {
  const page = rerun([out('a'), out('b', 'stderr')], [out('a'), out('c', 'stderr')]);
  expect(page.outputs).toEqual([out('a'), out('c', 'stderr')]);
  expect(page.done).toEqual(['set 1']);
});

it('takes lists of lines, as in files, for the text that they are', () => {
  const shown = { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] };
  expect(rerun([shown], [out('a\nb')]).done).toEqual([]);
});

it('gives what can be updated later a place of its own', () => {
  const again = { ...data('a'), transient: { display_id: '1' } };
  expect(rerun([data('a'), data('b')], [again, data('b')]).done).toEqual([
    'reset to 0',
    'add',
    'add'
  ]);
});

it('lets the renderer of a widget go before another takes its place', () => {
  const widget = (id: string): Output => ({
    output_type: 'display_data',
    data: { 'application/vnd.jupyter.widget-view+json': { model_id: id } },
    metadata: {}
  });
  expect(rerun([widget('1')], [widget('1')]).done).toEqual([]);
  expect(rerun([widget('1')], [widget('2')]).done).toEqual(['set 0', 'set 0']);
});

it('clears at once when the cell does not want to wait', () => {
  const page = new Page([data('a')]);
  new Overwriter(page).clear(false);
  expect(page.outputs).toEqual([]);
});

it('begins anew when the cell clears its output', () => {
  const page = new Page([data('a'), data('b')]);
  const overwriter = new Overwriter(page);
  overwriter.write(data('a'));
  overwriter.clear(true);
  overwriter.write(data('b'));
  overwriter.end();
  expect(page.outputs).toEqual([data('b')]);
});

it('ends with what a fresh run would show, whatever was there', () => {
  const kinds = [out('a'), out('b'), out('a', 'stderr'), data('a'), data('b')];
  const rows = (length: number): Output[][] =>
    length === 0 ? [[]] : rows(length - 1).flatMap(row => kinds.map(k => [...row, k]));
  const all = [...rows(0), ...rows(1), ...rows(2), ...rows(3)];
  for (const before of all.map(row => rerun([], row).outputs)) {
    for (const after of all) {
      expect(rerun(before, after).outputs).toEqual(rerun([], after).outputs);
    }
  }
});

it.each([
  ['plain\ntext', 'plain\ntext'],
  ['10 %\r20 %\r100 %\n', '100 %\n'],
  ['done\r\nnext', 'done\nnext'],
  ['abc\rx', 'xbc'],
  ['ab\bc', 'ac'],
  ['50 %\r', '50 %\r']
])('shows %j as a terminal would', (text, shown) => {
  expect(onScreen(text)).toBe(shown);
});

it('overwrites a progress bar that comes in pieces', () => {
  const page = rerun([], [out('10 %\r'), out('20 %\r'), out('100 %\n')]);
  expect(page.outputs).toEqual([out('100 %\n')]);
});
