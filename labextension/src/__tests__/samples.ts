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
