/** The samples of messages that the kernel is tested against, too. */
import { readFileSync } from 'fs';
import { join } from 'path';
import type { JSONObject } from '@lumino/coreutils';

import { parse } from '../protocol';
import type { ICellState, IState } from '../protocol';

const FOLDER = join(__dirname, '..', '..', '..', 'tests', 'contract');

export function sample(name: string): JSONObject {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf-8')) as JSONObject;
}

export function stateSample(name: string): IState {
  return asState(sample(name));
}

export function asState(data: unknown): IState {
  const message = parse(data);
  if (message.type !== 'state') {
    throw new Error(`no state: ${JSON.stringify(message)}`);
  }
  return message;
}

/** Return a full state with some cells, but for what is given. */
export function state(
  what: Partial<IState>,
  cells: Record<string, ICellState> = {}
): IState {
  return {
    type: 'state',
    revision: 1,
    full: true,
    mode: 'auto',
    settled: true,
    removed: [],
    order: what.full === false ? null : Object.keys(cells),
    cells: new Map(Object.entries(cells)),
    ...what
  };
}

/** Return a cell that is fresh but for what is given. */
export function cell(what: Partial<ICellState> = {}): ICellState {
  return {
    state: 'fresh',
    reasons: [],
    defines: [],
    uses: new Map(),
    mutates: [],
    deferred: [],
    traits: [],
    restsOn: [],
    settings: {},
    diagnostics: [],
    lastRun: null,
    ...what
  };
}
