import { readFileSync } from 'fs';
import { join } from 'path';

import { ReactiveModel } from '../model';
import type { ICellState, IReason } from '../protocol';
import { STATES } from '../protocol';
import { describe as inWords, markOf, MARKS, nameOf, summary } from '../words';
import { cell, state } from './samples';

const RUN = { seconds: 0.1, cause: 'user' };

function modelOf(cells: Record<string, ICellState>): ReactiveModel {
  const model = new ReactiveModel();
  model.apply(state({}, cells));
  return model;
}

/** Return what is said of a stale cell with one reason; cell `a` is In[3], `b` is new. */
function saidOf(kind: string, what: Partial<IReason> = {}): string {
  const reasons = [{ kind, cell: null, names: [], ...what }];
  const model = modelOf({
    a: cell({ lastRun: { ...RUN, count: 3 } }),
    b: cell({ state: 'new' }),
    c: cell({ state: 'stale', reasons })
  });
  return inWords(model, 'c');
}

it.each([
  ['edited', {}, 'edited since it ran'],
  ['edited', { cell: 'a', names: ['x'] }, 'In[3], which defined x, was edited'],
  ['input', { cell: 'a', names: ['x', 'y'] }, 'x, y changed in In[3]'],
  ['input', { cell: 'b', names: ['x'] }, 'x changed in cell 2'],
  ['input', { cell: 'gone', names: ['x'] }, 'x changed in a deleted cell'],
  ['deleted', {}, 'its values were removed'],
  ['deleted', { names: ['x'] }, 'x is not defined any more'],
  ['moved', { cell: 'a', names: ['x'] }, 'x now comes from In[3]'],
  ['trait', { names: ['n.value'] }, 'n.value changed'],
  ['module', { names: ['m'] }, 'module m changed'],
  ['outside', { names: ['file a.csv'] }, 'file a.csv was changed by somebody else'],
  ['interrupted', {}, 'interrupted'],
  ['of the future', { names: ['x'] }, 'of the future x']
])('says why: %s %j', (kind, what, words) => {
  expect(saidOf(kind, what)).toBe(`stale: ${words}`);
});

it('says nothing of a cell that is fresh or unknown', () => {
  const model = modelOf({ a: cell() });
  expect(inWords(model, 'a')).toBe('');
  expect(inWords(model, 'b')).toBe('');
});

it('says that a cell rests on frozen ones, also if it is fresh', () => {
  const model = modelOf({
    a: cell({ state: 'frozen', lastRun: { ...RUN, count: 1 } }),
    b: cell({ restsOn: ['a'] })
  });
  expect(inWords(model, 'b')).toBe('rests on In[1], which is frozen');
});

it('gives every state but fresh a mark', () => {
  const unmarked = STATES.filter(
    state => markOf(modelOf({}), cell({ state })) === null
  );
  expect(unmarked).toEqual(['fresh']);
});

it('tells a failed input from one that is disabled and from a cycle', () => {
  const reason = (kind: string, id: string) => ({ kind, cell: id, names: ['x'] });
  const blocked = (kind: string, id: string) =>
    cell({ state: 'blocked', reasons: [reason(kind, id)] });
  const cells = {
    failed: cell({ state: 'error' }),
    off: cell({ state: 'disabled' }),
    a: blocked('upstream-error', 'failed'),
    b: blocked('upstream-error', 'off'),
    c: blocked('cycle', 'a')
  };
  const model = modelOf(cells);
  expect(markOf(model, cells.a)).toBe('upstream');
  expect(markOf(model, cells.b)).toBe('blocked');
  expect(markOf(model, cells.c)).toBe('blocked');
  expect(inWords(model, 'a')).toBe('blocked: x is missing because cell 1 failed');
  expect(inWords(model, 'b')).toBe('blocked: x is missing because cell 2 is disabled');
});

it('is drawn by the style sheet, each mark with a shape and a word of its own', () => {
  const css = readFileSync(join(__dirname, '..', '..', 'style', 'marks.css'), 'utf-8');
  const drawn = MARKS.map(
    mark => css.match(`-${mark}::after {[^}]*content: '([^']*)'`)?.[1]
  );
  expect(drawn).not.toContain(undefined);
  expect(new Set(drawn).size).toBe(MARKS.length);
});

it('names a cell by its number, or its place', () => {
  const model = modelOf({ a: cell(), b: cell({ lastRun: { ...RUN, count: 7 } }) });
  expect([nameOf(model, 'a'), nameOf(model, 'b')]).toEqual(['cell 1', 'In[7]']);
  expect(nameOf(model, null)).toBe('a deleted cell');
});

it('sums up', () => {
  const stale = cell({ state: 'stale' });
  expect(summary(modelOf({ a: cell() }))).toBe('All cells are up to date');
  expect(summary(modelOf({ a: stale }))).toBe('1 cell stale');
  expect(summary(modelOf({ a: stale, b: stale, c: cell({ state: 'error' }) }))).toBe(
    '2 cells stale, 1 cell with an error'
  );
});
