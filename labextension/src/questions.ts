/**
 * What the kernel is asked, and its answers: messages of protocol 1 like those in
 * `protocol.ts`, tested against the same samples.
 */
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';

import {
  asBoolean,
  asCount,
  asList,
  asNumber,
  asObject,
  asRange,
  asString,
  asStrings,
  orNull
} from './protocol';
import type { IRange } from './protocol';

/** A name that a cell has bound, and what its value is; null where it is not known. */
export interface IVariable {
  readonly name: string;
  readonly cell: string;
  readonly type: string | null;
  readonly value: string | null;
  readonly size: number | null;
}

export interface IVariables {
  readonly variables: readonly IVariable[];
  readonly omitted: number;
}

/** A place where a cell mentions a name. */
export interface IMention {
  readonly cell: string;
  readonly range: IRange;
  readonly defines: boolean;
}

export interface IFound {
  readonly name: string;
  readonly definition: IMention | null;
  readonly mentions: readonly IMention[];
}

export interface IEdit {
  readonly cell: string;
  readonly range: IRange;
  readonly text: string;
}

export interface IRenaming {
  readonly edits: readonly IEdit[];
  readonly left: readonly string[];
}

/** A place in the text of a cell: lines count from 1, columns from 0. */
export interface IPlace {
  readonly cell: string;
  readonly line: number;
  readonly column: number;
}

/** Return what `find` is asked with. */
export function findFields(name: string, at?: IPlace): JSONObject {
  return at === undefined ? { name } : { name, at: { ...at } };
}

/** Return what `rename` is asked with. */
export function renameFields(name: string, to: string): JSONObject {
  return { name, to };
}

/** Return the variables; throws if the answer is malformed, as all of these do. */
export function parseVariables(answer: ReadonlyJSONObject): IVariables {
  return {
    variables: asList(answer['variables'], 'variables', value => {
      const variable = asObject(value, 'a variable');
      return {
        name: asString(variable['name'], 'name'),
        cell: asString(variable['cell'], 'cell'),
        type: orNull(variable['type'], asString, 'type'),
        value: orNull(variable['value'], asString, 'value'),
        size: orNull(variable['size'], asNumber, 'size')
      };
    }),
    omitted: asCount(answer['omitted'], 'omitted')
  };
}

export function parseFound(answer: ReadonlyJSONObject): IFound {
  return {
    name: asString(answer['name'], 'name'),
    definition: orNull(answer['definition'], parseMention, 'definition'),
    mentions: asList(answer['mentions'], 'mentions', parseMention)
  };
}

function parseMention(value: unknown): IMention {
  const mention = asObject(value, 'a mention');
  return {
    cell: asString(mention['cell'], 'cell'),
    range: asRange(mention['range']),
    defines: asBoolean(mention['defines'], 'defines')
  };
}

export function parseRenaming(answer: ReadonlyJSONObject): IRenaming {
  return {
    edits: asList(answer['edits'], 'edits', value => {
      const edit = asObject(value, 'an edit');
      return {
        cell: asString(edit['cell'], 'cell'),
        range: asRange(edit['range']),
        text: asString(edit['text'], 'text')
      };
    }),
    left: asStrings(answer['left'], 'left')
  };
}
