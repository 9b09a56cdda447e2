import { ReactiveModel } from '../model';
import type { IModelChange } from '../tokens';
import { cell, state, stateSample } from './samples';

/** Return a model in which b and c read a name of a, and c one of b. */
function chain(): ReactiveModel {
  const model = new ReactiveModel();
  model.apply(
    state(
      {},
      {
        a: cell({ defines: ['x'] }),
        b: cell({ state: 'stale', uses: new Map([['x', 'a']]), defines: ['y'] }),
        c: cell({
          state: 'stale',
          uses: new Map([
            ['x', 'a'],
            ['y', 'b'],
            ['nowhere', null]
          ])
        })
      }
    )
  );
  return model;
}

function changesOf(model: ReactiveModel): IModelChange[] {
  const changes: IModelChange[] = [];
  model.changed.connect((_, change) => changes.push(change));
  return changes;
}

it('folds the samples', () => {
  const model = new ReactiveModel();
  expect(model.apply(stateSample('state_full'))).toBe(true);
  const changes = changesOf(model);
  expect(model.apply(stateSample('state_delta'))).toBe(true);
  expect(model.order).toEqual(['8f0c1a6e', 'b41d22c7', 'c97e03fa']);
  expect(new Set(model.cells.keys())).toEqual(new Set(model.order));
  expect([...(changes[0]?.cells ?? [])].sort()).toEqual([
    '8f0c1a6e',
    'c97e03fa',
    'd5508e11'
  ]);
});

it('refuses a delta if one before it is missing, and changes nothing', () => {
  const model = chain();
  const changes = changesOf(model);
  expect(model.apply(state({ full: false, revision: 3 }, { a: cell() }))).toBe(false);
  expect(model.revision).toBe(1);
  expect(changes).toEqual([]);
});

it('takes any full state, also an older one', () => {
  const model = chain();
  const changes = changesOf(model);
  expect(model.apply(state({ revision: 0 }, { d: cell() }))).toBe(true);
  expect([...model.cells.keys()]).toEqual(['d']);
  expect([...(changes[0]?.cells ?? [])].sort()).toEqual(['a', 'b', 'c', 'd']);
  expect(model.count('stale')).toBe(0);
});

it('knows who takes names from whom', () => {
  const model = chain();
  expect([...model.upstream('c')]).toEqual(['a', 'b']);
  expect([...model.downstream('a')]).toEqual(['b', 'c']);
  expect([...model.downstream('c')]).toEqual([]);
  expect([...model.upstream('unknown')]).toEqual([]);
});

it('follows when a cell takes its names elsewhere', () => {
  const model = chain();
  const moved = cell({ uses: new Map([['y', 'b']]) });
  model.apply(state({ full: false, revision: 2 }, { c: moved }));
  expect([...model.downstream('a')]).toEqual(['b']);
  expect([...model.downstream('b')]).toEqual(['c']);
  model.apply(state({ full: false, revision: 3, removed: ['c'] }));
  expect([...model.downstream('b')]).toEqual([]);
});

it('counts the cells in a state', () => {
  const model = chain();
  expect(model.count('stale')).toBe(2);
  model.apply(state({ full: false, revision: 2 }, { b: cell({ state: 'running' }) }));
  expect([model.count('stale'), model.count('running')]).toEqual([1, 1]);
});

it('passes over the removal of a cell that it does not know', () => {
  const model = chain();
  const changes = changesOf(model);
  model.apply(state({ full: false, revision: 2, removed: ['never'] }));
  expect(changes).toEqual([]);
  expect(model.revision).toBe(2);
});

it('passes over cells that are not of its notebook', () => {
  const model = chain();
  const changes = changesOf(model);
  model.restrict(['c', 'b']);
  expect(model.order).toEqual(['b', 'c']);
  expect([...model.cells.keys()]).toEqual(['b', 'c']);
  expect(changes.map(({ cells }) => [...cells])).toEqual([['a']]);
  model.apply(state({ full: false, revision: 2 }, { a: cell({ state: 'error' }) }));
  expect(model.count('error')).toBe(0);
  expect(changes).toHaveLength(1);
  model.restrict(['a', 'b', 'c']);
  expect(model.cells.get('a')?.state).toBe('error');
  expect(model.order).toEqual(['a', 'b', 'c']);
  expect([...model.downstream('a')]).toEqual(['b', 'c']);
});

it('says whether order, mode or rest changed', () => {
  const model = chain();
  const changes = changesOf(model);
  model.apply(
    state({ full: false, revision: 2, mode: 'lazy', order: ['b', 'a', 'c'] })
  );
  model.apply(state({ full: false, revision: 3, mode: 'lazy', settled: false }));
  expect(changes.map(({ order, mode, settled }) => [order, mode, settled])).toEqual([
    [true, true, false],
    [false, false, true]
  ]);
});

it('forgets everything when it is cleared, once', () => {
  const model = chain();
  const changes = changesOf(model);
  model.clear();
  model.clear();
  expect(changes).toHaveLength(1);
  expect(changes[0]?.cells).toEqual(new Set(['a', 'b', 'c']));
  expect([model.revision, model.cells.size, model.count('stale')]).toEqual([-1, 0, 0]);
  expect(model.downstream('a').size).toBe(0);
});
