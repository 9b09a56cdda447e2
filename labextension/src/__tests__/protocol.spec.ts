import type { JSONObject, JSONValue } from '@lumino/coreutils';

import * as protocol from '../protocol';
import { sample, stateSample } from './samples';

type Path = (string | number)[];

/** Return the samples' cells as what a notebook would tell. */
function contents(message: JSONObject): protocol.ICellContent[] {
  return (message['cells'] as JSONObject[]).map(cell => ({
    id: cell['id'] as string,
    source: cell['source'] as string,
    settings: (cell['metadata'] as JSONObject | undefined)?.['reactive'] as
      JSONObject | undefined
  }));
}

/** Return a sample with metadata as we send it: what is not ours is nobody's business. */
function withOurMetadata(message: JSONObject): JSONObject {
  const cells = (message['cells'] as JSONObject[]).map(cell => {
    const reactive = (cell['metadata'] as JSONObject | undefined)?.['reactive'];
    const metadata: JSONObject = reactive === undefined ? {} : { reactive };
    return { ...cell, metadata };
  });
  return { ...message, cells };
}

describe('what we send', () => {
  it('opens the comm as in the sample', () => {
    expect(protocol.openMessage('work/prices.ipynb')).toEqual(sample('comm_open'));
  });

  it('tells a notebook as in the sample', () => {
    const data = sample('notebook');
    const content = { settings: { mode: 'auto' }, cells: contents(data) };
    expect(protocol.notebookMessage(content)).toEqual(withOurMetadata(data));
  });

  it('tells edits as in the sample', () => {
    const data = sample('edit');
    expect(protocol.editMessage(contents(data))).toEqual(withOurMetadata(data));
  });

  it.each([
    ['order', protocol.orderMessage(sample('order')['ids'] as string[])],
    ['run', protocol.runMessage(['c97e03fa'])],
    ['run_stale', protocol.runMessage(null)],
    ['configure', protocol.configureMessage('lazy')],
    ['snapshot', protocol.snapshotMessage()]
  ])('asks for %s as in the sample', (name, message) => {
    expect(message).toEqual(sample(name));
  });
});

describe('what the kernel says', () => {
  it('is understood: a full state', () => {
    const state = stateSample('state_full');
    expect(state.full).toBe(true);
    expect(state.order).toEqual([...state.cells.keys()]);
  });

  it('is understood: a delta', () => {
    const state = stateSample('state_delta');
    expect(state).toMatchObject({ revision: 8, full: false, removed: ['d5508e11'] });
    expect(state.cells.get('c97e03fa')).toMatchObject({
      state: 'queued',
      reasons: [{ kind: 'input', cell: '8f0c1a6e', names: ['rate'] }],
      restsOn: ['b41d22c7'],
      lastRun: { count: 3, seconds: 0.004, cause: 'cascade' }
    });
    expect(state.cells.get('c97e03fa')?.uses.get('prices')).toBe('b41d22c7');
  });

  it('is understood: an error', () => {
    expect(protocol.parse(sample('error'))).toEqual(sample('error'));
  });

  it('may have fields and types of the future', () => {
    const data = { ...sample('state_delta'), future: [1] };
    expect(protocol.parse(data)).toEqual(stateSample('state_delta'));
    expect(protocol.parse({ type: 'future', a: 1 })).toEqual({
      type: 'other',
      data: { type: 'future', a: 1 }
    });
  });

  it('may have a reason without cell and names', () => {
    const data = sample('state_delta');
    const cells = data['cells'] as Record<string, JSONObject>;
    cells['c97e03fa'] = { ...cells['c97e03fa'], reasons: [{ kind: 'outside' }] };
    const state = protocol.parse(data) as protocol.IState;
    expect(state.cells.get('c97e03fa')?.reasons).toEqual([
      { kind: 'outside', cell: null, names: [] }
    ]);
  });
});

describe('a spoiled message', () => {
  it.each([null, undefined, 3, 'state', [], [1], true, {}, { type: 3 }])(
    'is no message: %j',
    data => {
      expect(protocol.parse(data).type).toBe('malformed');
    }
  );

  it.each(['state_full', 'state_delta', 'error'])(
    'is told from a good one, whatever its field (%s)',
    name => {
      for (const path of paths(sample(name))) {
        const data = sample(name);
        spoil(data, path);
        const told = protocol.parse(data);
        expect([path, told.type]).toEqual([path, 'malformed']);
        expect(told).toHaveProperty('message', expect.stringContaining('must'));
      }
    }
  );

  it.each([
    ['revision', -1],
    ['revision', 0.5],
    ['mode', 'eager'],
    ['cells', { a: { state: 'asleep' } }]
  ])('has a value that no state has: %s = %j', (field, value) => {
    const data = { ...sample('state_full'), [field]: value };
    expect(protocol.parse(data).type).toBe('malformed');
  });

  it('is a full state without an order', () => {
    const data = sample('state_full');
    delete data['order'];
    expect(protocol.parse(data).type).toBe('malformed');
  });

  it('cannot reach the prototype of anything', () => {
    const data = sample('state_full');
    const cells = JSON.stringify(data['cells']).replace('8f0c1a6e', '__proto__');
    data['cells'] = JSON.parse(cells) as JSONObject;
    const state = protocol.parse(data) as protocol.IState;
    expect(state.cells.has('__proto__')).toBe(true);
    expect(state.cells.has('toString')).toBe(false);
  });

  /** Yield the path of each field whose kind is fixed, the settings of cells apart. */
  function* paths(value: JSONValue, at: Path = []): Generator<Path> {
    if (at.includes('settings') && at[at.length - 1] !== 'settings') {
      return;
    }
    if (at.length > 0 && at[at.length - 1] !== 'type') {
      yield at;
    }
    if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries<JSONValue>(value)) {
        yield* paths(each, [...at, Array.isArray(value) ? Number(key) : key]);
      }
    }
  }
});

/** Put something of another kind in place of a field. */
function spoil(data: JSONObject, path: Path): void {
  let place: JSONObject = data;
  for (const key of path.slice(0, -1)) {
    place = place[key] as JSONObject;
  }
  const last = path[path.length - 1] ?? '';
  const before = place[last] ?? null;
  place[last] = before !== null && typeof before === 'object' ? 'odd' : [[1]];
}
