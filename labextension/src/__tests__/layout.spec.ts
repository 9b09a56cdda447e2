import { BOX, layout, pathThrough } from '../layout';
import type { ILayout, ILink } from '../layout';

function link(text: string): ILink {
  const [from = '', to = ''] = text.split('>');
  return { from, to };
}

function drawn(ids: string, ...edges: string[]): ILayout {
  return layout(ids.split(''), edges.map(link));
}

/** Return a notebook in which cells read from one or two of those not far above. */
function large(size: number): [string[], ILink[]] {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const ids = Array.from({ length: size }, (_, index) => `c${index}`);
  const links = ids.slice(1).flatMap((to, index) =>
    [0, 1].map(() => {
      const back = Math.floor(random() ** 3 * Math.min(index + 1, 80));
      return { from: `c${index - back}`, to };
    })
  );
  return [ids, links];
}

describe('the layout', () => {
  it('puts each cell below all that it takes names from', () => {
    const { layers } = drawn('abcd', 'a>b', 'b>c', 'a>c', 'c>d');
    expect(layers).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('puts a cell that takes nothing just above its first reader', () => {
    const { layers } = drawn('abcz', 'a>b', 'b>c', 'z>c');
    expect(layers).toEqual([['a'], expect.arrayContaining(['b', 'z']), ['c']]);
  });

  it('puts cells without edges last, in rows', () => {
    const { layers } = drawn('xaybzw', 'a>b');
    expect(layers).toEqual([['a'], ['b'], ['x', 'y', 'z'], ['w']]);
  });

  it('uncrosses edges', () => {
    const { boxes } = drawn('abcd', 'a>d', 'b>c');
    const x = (id: string) => boxes.get(id)?.x ?? NaN;
    expect(Math.sign(x('a') - x('b'))).toBe(Math.sign(x('d') - x('c')));
  });

  it('draws a cycle, and edges from cells that do not exist not at all', () => {
    const { boxes, routes } = drawn('ab', 'a>b', 'b>a', 'gone>a', 'a>a');
    expect([...boxes.keys()].sort()).toEqual(['a', 'b']);
    expect(routes).toHaveLength(2);
  });

  it('leads a long edge around the boxes between', () => {
    const { routes } = drawn('abc', 'a>b', 'b>c', 'a>c');
    expect(routes.map(({ points }) => points.length)).toEqual([2, 2, 3]);
  });

  it('of nothing is nothing', () => {
    expect(layout([], [])).toMatchObject({ width: 0, height: 0 });
    expect(pathThrough([])).toBe('');
  });

  it.each([10, 200, 1000])('of %i cells lets no boxes overlap', size => {
    const [ids, links] = large(size);
    const { boxes, layers, width, height } = layout(ids, links);
    expect(layers.flat().sort()).toEqual([...ids].sort());
    for (const row of layers) {
      const places = row.map(id => boxes.get(id)?.x ?? NaN);
      places.slice(1).forEach((x, index) => {
        expect(x - (places[index] ?? NaN)).toBeGreaterThanOrEqual(BOX.width);
      });
    }
    for (const { x, y } of boxes.values()) {
      expect(x).toBeGreaterThanOrEqual(BOX.width / 2);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeLessThanOrEqual(height);
    }
  });

  it.each([
    ['like a notebook', large(1000)],
    ['that one cell feeds', fan(() => 0)],
    ['in a row', fan(index => index)]
  ] as [string, [string[], ILink[]]][])(
    'of 1,000 cells %s takes less than 0.4 seconds',
    (_, [ids, links]) => {
      layout(ids, links);
      const start = process.cpuUsage();
      layout(ids, links);
      // Not by the clock: the machine may be busy with something else.
      expect(process.cpuUsage(start).user).toBeLessThan(400_000);
    }
  );
});

/** Return 1,000 cells that each read from another. */
function fan(from: (index: number) => number): [string[], ILink[]] {
  const ids = Array.from({ length: 1000 }, (_, index) => `c${index}`);
  const links = ids.slice(1).map((to, index) => ({ from: `c${from(index)}`, to }));
  return [ids, links];
}
