import { ReactiveModel } from '../model';
import { left, Progress } from '../progress';
import type { StateName } from '../protocol';
import { cell } from './samples';

/** Return a model and its progress; `to` changes states, and tells both. */
function cascade() {
  const model = new ReactiveModel();
  const progress = new Progress(model);
  let now = 0;
  model.changed.connect((_, change) => progress.update(change.cells, now));
  let revision = 0;
  const to = (states: Record<string, StateName>, settled: boolean, at: number) => {
    now = at;
    const cells = Object.entries(states).map(([id, state]) => {
      const lastRun = { count: 1, seconds: 2, cause: 'user' };
      return [id, cell({ state, lastRun })] as const;
    });
    revision += 1;
    model.apply({
      type: 'state',
      revision,
      full: revision === 1,
      mode: 'auto',
      settled,
      removed: [],
      order: Object.keys(states),
      cells: new Map(cells)
    });
    return progress.at(now);
  };
  return { progress, to };
}

it('counts what is done, and estimates the rest', () => {
  const { progress, to } = cascade();
  expect(to({ a: 'fresh', b: 'fresh' }, true, 0)).toBeNull();
  expect(to({ a: 'running', b: 'queued', c: 'queued' }, false, 0)).toEqual({
    done: 0,
    total: 3,
    current: 'a',
    rest: 6
  });
  expect(progress.at(500)?.rest).toBe(5.5);
  expect(to({ a: 'fresh', b: 'running', c: 'queued' }, false, 1000)).toEqual({
    done: 1,
    total: 3,
    current: 'b',
    rest: 4
  });
  expect(to({ b: 'fresh', c: 'fresh' }, true, 2000)).toBeNull();
});

it('makes no promise when a cell takes longer than last time', () => {
  const { progress, to } = cascade();
  to({ a: 'running' }, false, 0);
  expect(progress.at(4000)?.rest).toBeNull();
});

it('says what is left in words', () => {
  expect([left(0.2), left(12.1), left(200)]).toEqual([
    'less than 1 s left',
    'about 13 s left',
    'about 4 min left'
  ]);
});
