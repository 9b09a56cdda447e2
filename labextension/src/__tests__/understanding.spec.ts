import * as graph from '../graph';
import { human, matches, rowsOf } from '../listing';
import * as questions from '../questions';
import { placeOf, spanOf, spansOf, wordAt } from '../texts';
import { parse } from '../protocol';
import { centred, fitted, moved, shows, zoomed } from '../viewport';
import { cell, sample } from './samples';

const model: graph.ICells = {
  order: ['a', 'b', 'c', 'd'],
  cells: new Map([
    ['a', cell({ defines: ['x'], lastRun: { count: 3, seconds: 0, cause: 'user' } })],
    ['b', cell({ defines: ['y'], uses: new Map([['x', 'a']]), state: 'stale' })],
    [
      'c',
      cell({
        uses: new Map([
          ['x', 'a'],
          ['y', 'b'],
          ['z', null]
        ])
      })
    ],
    ['d', cell({ uses: new Map([['file data.csv', null]]) })]
  ])
};

describe('the graph', () => {
  it('calls a cell by its number, or else by its place', () => {
    expect(['a', 'b', 'gone'].map(id => graph.cellName(model, id))).toEqual([
      'In[3]',
      'cell 2',
      'another notebook'
    ]);
  });

  it('says what a cell is about by what it defines, or else by how it begins', () => {
    const about = cell({ defines: ['x', 'file a.csv'], mutates: ['xs'] });
    expect(graph.cellTopic(about, 'x = 1')).toBe('x, xs');
    expect(graph.cellTopic(cell(), '\n  print(1)\nmore')).toBe('print(1)');
    expect(graph.cellTopic(undefined, '')).toBe('');
  });

  it('knows neighbours with the names that pass', () => {
    expect(graph.inputs(model, 'c')).toEqual([
      { id: 'a', names: ['x'] },
      { id: 'b', names: ['y'] }
    ]);
    expect(graph.dependents(model, 'a').map(({ id }) => id)).toEqual(['b', 'c']);
    expect(graph.links(model)).toHaveLength(3);
  });

  it('lists in a fix what cells have begun to take since', () => {
    const range = { line: 1, column: 0, endLine: 1, endColumn: 1 };
    const fix = { title: '', range, text: 'pi' };
    const text = 'from math import *';
    expect(graph.fixText(model, 'a', fix, text)).toBe('pi, x');
    expect(graph.fixText(model, 'a', fix, `${text}; x = 1`)).toBe('pi');
    expect(graph.fixText(model, 'a', { ...fix, text: 'x = 1' }, text)).toBe('x = 1');
  });

  it('knows the slice of a cell', () => {
    expect([...graph.slice(model, 'c')].sort()).toEqual(['a', 'b', 'c']);
    expect([...graph.slice(model, 'a')]).toEqual(['a']);
  });

  it('puts a cell into a sentence', () => {
    expect(graph.description(model, 'b', 'y')).toBe(
      'cell 2: y. stale. takes x In[3]. used by cell 3'
    );
  });
});

describe('the variables', () => {
  const rows = rowsOf(
    [
      { name: 'x', cell: 'a', type: 'int', value: '41', size: 28 },
      { name: 'y', cell: 'b', type: null, value: null, size: null }
    ],
    model
  );

  it('are joined with what the model knows', () => {
    expect(rows).toMatchObject([
      { definedIn: ['a'], usedBy: ['b', 'c'], state: 'fresh' },
      { definedIn: ['b'], usedBy: ['c'], state: 'stale' }
    ]);
  });

  it('come before modules and functions', () => {
    const types = ['module', 'int', 'function', 'list'].map((type, index) => ({
      name: `v${index}`,
      cell: 'a',
      type,
      value: '',
      size: 1
    }));
    const names = rowsOf(types, model).map(row => row.variable.name);
    expect(names).toEqual(['v1', 'v3', 'v0', 'v2']);
  });

  it.each([
    ['', ['x', 'y']],
    ['41', ['x']],
    ['INT in[3]', ['x']],
    ['stale', ['y']],
    ['nothing', []]
  ])('are found by words: %j', (search, names) => {
    const found = rows.filter(row => matches(row, model, search));
    expect(found.map(row => row.variable.name)).toEqual(names);
  });

  it.each([
    [null, ''],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [32e6, '32 MB'],
    [999_700, '1.0 MB']
  ])('have sizes that are easy to read: %j', (size, text) => {
    expect(human(size)).toBe(text);
  });
});

describe('the questions', () => {
  it('are asked as in the samples', () => {
    const at = { cell: 'c97e03fa', line: 1, column: 17 };
    expect(sample('find')).toMatchObject(questions.findFields('rate', at));
    expect(sample('rename')).toMatchObject(questions.renameFields('rate', 'tax_rate'));
    expect(Object.keys(sample('variables')).sort()).toEqual(['request', 'type']);
  });

  it('have answers as in the samples', () => {
    for (const name of [
      'variables_answer',
      'find_answer',
      'rename_answer',
      'rename_refused'
    ]) {
      expect(parse(sample(name)).type).toBe('other');
    }
    const { variables } = questions.parseVariables(sample('variables_answer'));
    expect(variables.map(({ name }) => name)).toEqual([
      'pd',
      'prices',
      'rate',
      'taxes'
    ]);
    const found = questions.parseFound(sample('find_answer'));
    expect(found.definition).toEqual(found.mentions[0]);
    expect(found.mentions[1]?.range).toEqual({
      line: 1,
      column: 17,
      endLine: 1,
      endColumn: 21
    });
    const { edits, left } = questions.parseRenaming(sample('rename_answer'));
    expect(edits.map(({ text }) => text)).toEqual(['tax_rate', 'tax_rate']);
    expect(left).toEqual(['d5508e11']);
    expect(sample('rename_refused')['error']).toEqual(expect.any(String));
  });

  it.each([
    ['variables', questions.parseVariables, { variables: [{ name: 3 }], omitted: 0 }],
    ['find', questions.parseFound, { name: 'x', definition: {}, mentions: [] }],
    ['rename', questions.parseRenaming, { edits: [{ cell: 'a' }], left: [] }]
  ])('refuse a spoiled answer to %s', (_, parse, answer) => {
    expect(() => parse(answer)).toThrow(/must be/);
  });
});

describe('a diagnostic', () => {
  it('may come with a fix', () => {
    const fix = { title: 'Import pi by name', range: [1, 17, 1, 18], text: 'pi' };
    const data = sample('state_full');
    const [first] = Object.values(data['cells'] as Record<string, object>);
    const finding = { code: 'x', severity: 'info', message: 'm', range: null, fix };
    Object.assign(first ?? {}, { diagnostics: [finding] });
    expect(parse(data)).toMatchObject({ type: 'state' });
    Object.assign(first ?? {}, { diagnostics: [{ ...finding, fix: { title: 3 } }] });
    expect(parse(data)).toMatchObject({ type: 'malformed' });
  });
});

describe('the part of a drawing that is seen', () => {
  const window = { width: 400, height: 300 };

  it('fits all of it, but never larger than it is', () => {
    expect(fitted({ width: 200, height: 100 }, window).scale).toBe(1);
    const small = fitted({ width: 4000, height: 100 }, window);
    expect(4000 * small.scale).toBeLessThan(400);
    expect(
      fitted({ width: 0, height: 0 }, { width: 0, height: 0 }).scale
    ).toBeGreaterThan(0);
  });

  it('keeps what is under the pointer when it is zoomed', () => {
    const before = { x: 10, y: 20, scale: 1 };
    const after = zoomed(before, 2, { x: 110, y: 120 });
    expect(after).toEqual({ x: -90, y: -80, scale: 2 });
    expect(zoomed(before, 1000, { x: 0, y: 0 }).scale).toBe(3);
  });

  it('has a cell in the middle, readably', () => {
    const viewport = centred({ x: 1000, y: 1000 }, window);
    expect(viewport.scale).toBeGreaterThan(0.5);
    expect(shows(viewport, { x: 1000, y: 1000 }, window)).toBe(true);
    expect(shows(moved(viewport, 500, 0), { x: 1000, y: 1000 }, window)).toBe(false);
  });
});

describe('places in a text', () => {
  const range = (line: number, column: number, endLine: number, endColumn: number) => ({
    line,
    column,
    endLine,
    endColumn
  });

  it('are counted in characters by the kernel and in units by editors', () => {
    const text = "x = 1\n'😀' + rate";
    const span = spanOf(text, range(2, 6, 2, 10));
    expect(span && text.slice(span.from, span.to)).toBe('rate');
    expect(placeOf(text, span?.from ?? 0)).toEqual({ line: 2, column: 6 });
  });

  it.each([[range(3, 0, 3, 1)], [range(1, 0, 1, 9)], [range(1, 2, 1, 1)]])(
    'that a text does not have are none: %j',
    where => {
      expect(spanOf('abc', where)).toBeNull();
      expect(spansOf('abc', [{ range: where, text: '' }])).toBeNull();
    }
  );

  it('of edits come last first, so that none moves another', () => {
    const edits = [
      { range: range(1, 0, 1, 1), text: 'y' },
      { range: range(1, 4, 1, 5), text: 'y' }
    ];
    expect(spansOf('x + x', edits)?.map(({ from }) => from)).toEqual([4, 0]);
  });

  it.each([
    [0, 'größe'],
    [5, 'größe'],
    [6, null],
    [8, 'x_1']
  ])('have a word: at %i %j', (offset, word) => {
    expect(wordAt('größe  x_1', offset)?.text ?? null).toBe(word);
  });
});
