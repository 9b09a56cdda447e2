import type { JSONObject } from '@lumino/coreutils';

import type { IContent } from '../protocol';
import { difference } from '../sync';

function content(
  cells: Record<string, string>,
  settings: Record<string, JSONObject> = {},
  own?: JSONObject
): IContent {
  return {
    settings: own,
    cells: Object.entries(cells).map(([id, source]) => ({
      id,
      source,
      settings: settings[id]
    }))
  };
}

const types = (told: IContent | null, now: IContent) =>
  difference(told, now).map(message => message['type']);

it('tells everything first', () => {
  expect(difference(null, content({ a: 'x = 1' }))).toEqual([
    {
      type: 'notebook',
      metadata: {},
      cells: [{ id: 'a', source: 'x = 1', metadata: {} }]
    }
  ]);
});

it('says nothing if nothing changed', () => {
  expect(types(content({ a: 'x', b: 'y' }), content({ a: 'x', b: 'y' }))).toEqual([]);
});

it('tells an edit alone, of the edited cells alone', () => {
  expect(difference(content({ a: 'x', b: 'y' }), content({ a: 'x', b: 'z' }))).toEqual([
    { type: 'edit', cells: [{ id: 'b', source: 'z', metadata: {} }] }
  ]);
});

it('tells changed settings, and that there are none any more', () => {
  const set = content({ a: 'x' }, { a: { frozen: true } });
  const [message] = difference(content({ a: 'x' }), set);
  expect(message?.['cells']).toEqual([
    { id: 'a', source: 'x', metadata: { reactive: { frozen: true } } }
  ]);
  const [back] = difference(set, content({ a: 'x' }));
  expect(back?.['cells']).toEqual([{ id: 'a', source: 'x', metadata: {} }]);
});

it('takes equal settings for the same, in whatever order', () => {
  const told = content({ a: 'x' }, { a: { frozen: true, reads: ['p'] } });
  const now = content({ a: 'x' }, { a: { reads: ['p'], frozen: true } });
  expect(types(told, now)).toEqual([]);
});

it('tells a move and a deletion as the new order', () => {
  const told = content({ a: 'x', b: 'y', c: 'z' });
  expect(difference(told, content({ c: 'z', a: 'x' }))).toEqual([
    { type: 'order', ids: ['c', 'a'] }
  ]);
});

it('tells a move with an edit by two messages', () => {
  expect(types(content({ a: 'x', b: 'y' }), content({ b: 'z', a: 'x' }))).toEqual([
    'order',
    'edit'
  ]);
});

it('tells everything when there is a new cell', () => {
  expect(types(content({ a: 'x' }), content({ a: 'x', b: 'y' }))).toEqual(['notebook']);
});

it('tells everything when the settings of the notebook change', () => {
  const told = content({ a: 'x' }, {}, { mode: 'auto' });
  expect(types(told, content({ a: 'x' }, {}, { mode: 'lazy' }))).toEqual(['notebook']);
  expect(types(told, content({ a: 'x' }, {}, { mode: 'auto' }))).toEqual([]);
  expect(types(told, content({ a: 'x' }))).toEqual(['notebook']);
});
