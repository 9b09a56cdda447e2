/**
 * Messages between the kernel and this client, protocol 1: the twin of
 * `reactive_kernel/kernel/protocol.py`, tested against the same samples in
 * `tests/contract/`. docs/protocol.md is the reference.
 *
 * What comes from the kernel is `unknown` and leaves `parse` as one of the types below;
 * `parse` never throws. Fields that are not known are passed over.
 */
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';

export const PROTOCOL = 1;

/** The target name of the comm. */
export const TARGET = 'reactive_kernel';

/** What `kernel_info_reply.implementation` says if the kernel is ours. */
export const IMPLEMENTATION = 'reactive-python';

export const MODES = ['auto', 'lazy'] as const;
export type Mode = (typeof MODES)[number];

export const STATES = [
  'new',
  'fresh',
  'frozen',
  'stale',
  'queued',
  'running',
  'error',
  'blocked',
  'disabled'
] as const;
export type StateName = (typeof STATES)[number];

export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Why a cell is stale, queued, blocked, or would be if it were not frozen. */
export interface IReason {
  readonly kind: string;
  readonly cell: string | null;
  readonly names: readonly string[];
}

/** Lines count from 1, columns from 0 in characters; the end is exclusive. */
export interface IRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** An edit that settles a finding and changes no result. */
export interface IFix {
  readonly title: string;
  readonly range: IRange;
  readonly text: string;
}

export interface IDiagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: IRange | null;
  readonly fix: IFix | null;
}

export interface ILastRun {
  readonly count: number | null;
  readonly seconds: number;
  readonly cause: string;
}

/** What the kernel knows about one cell. */
export interface ICellState {
  readonly state: StateName;
  readonly reasons: readonly IReason[];
  readonly defines: readonly string[];
  /** By name: the cell it is taken from, or null. */
  readonly uses: ReadonlyMap<string, string | null>;
  readonly mutates: readonly string[];
  readonly deferred: readonly string[];
  readonly traits: readonly string[];
  readonly restsOn: readonly string[];
  readonly settings: ReadonlyJSONObject;
  readonly diagnostics: readonly IDiagnostic[];
  readonly lastRun: ILastRun | null;
}

/** A full state, or what changed since the one before. */
export interface IState {
  readonly type: 'state';
  readonly revision: number;
  readonly full: boolean;
  readonly mode: Mode;
  readonly settled: boolean;
  readonly removed: readonly string[];
  /** Null in a delta that leaves the order as it was. */
  readonly order: readonly string[] | null;
  readonly cells: ReadonlyMap<string, ICellState>;
}

/** What was wrong with our last message. */
export interface IKernelError {
  readonly type: 'error';
  readonly message: string;
}

/** A message of a type that is not known here: an answer to a request, or of the future. */
export interface IOther {
  readonly type: 'other';
  readonly data: ReadonlyJSONObject;
}

/** What breaks the protocol; `message` says where. */
export interface IMalformed {
  readonly type: 'malformed';
  readonly message: string;
}

export type KernelMessage = IState | IKernelError | IOther | IMalformed;

/** What is told of a code cell; `settings` is what its metadata has under `reactive`. */
export interface ICellContent {
  readonly id: string;
  readonly source: string;
  readonly settings: JSONObject | undefined;
}

/** What is told of a notebook: its settings, and its code cells in document order. */
export interface IContent {
  readonly settings: JSONObject | undefined;
  readonly cells: readonly ICellContent[];
}

/** Return the data that opens the comm for a notebook. */
export function openMessage(notebook: string): JSONObject {
  return { protocol: PROTOCOL, client: 'jupyterlab', notebook };
}

/** Return a message with everything that the kernel is to know of a notebook. */
export function notebookMessage(content: IContent): JSONObject {
  return {
    type: 'notebook',
    metadata: metadata(content.settings),
    cells: content.cells.map(cellMessage)
  };
}

/** Return a message with new texts and settings of some cells. */
export function editMessage(cells: readonly ICellContent[]): JSONObject {
  return { type: 'edit', cells: cells.map(cellMessage) };
}

/** Return a message with the ids of all code cells in their new order. */
export function orderMessage(ids: readonly string[]): JSONObject {
  return { type: 'order', ids: [...ids] };
}

/** Return a message that asks to run some cells; null: everything stale. */
export function runMessage(cells: readonly string[] | null): JSONObject {
  return { type: 'run', cells: cells && [...cells] };
}

/** Return a message that chooses the mode for this kernel session. */
export function configureMessage(mode: Mode): JSONObject {
  return { type: 'configure', mode };
}

/** Return a message that asks for a full state. */
export function snapshotMessage(): JSONObject {
  return { type: 'snapshot' };
}

function cellMessage(cell: ICellContent): JSONObject {
  return { id: cell.id, source: cell.source, metadata: metadata(cell.settings) };
}

function metadata(settings: JSONObject | undefined): JSONObject {
  return settings === undefined ? {} : { reactive: settings };
}

/** Return what the kernel says; never throws. */
export function parse(data: unknown): KernelMessage {
  try {
    const message = asObject(data, 'a message');
    const type = asString(message['type'], 'type');
    switch (type) {
      case 'state':
        return parseState(message);
      case 'error':
        return { type, message: asString(message['message'], 'message') };
      default:
        return { type: 'other', data: message as ReadonlyJSONObject };
    }
  } catch (error) {
    return { type: 'malformed', message: String(error) };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseState(message: Fields): IState {
  const full = asBoolean(message['full'], 'full');
  const order = message['order'];
  if (full && order === undefined) {
    throw new TypeError('a full state needs its `order`');
  }
  return {
    type: 'state',
    revision: asCount(message['revision'], 'revision'),
    full,
    mode: asOneOf(message['mode'], MODES, 'mode'),
    settled: asBoolean(message['settled'], 'settled'),
    removed: asStrings(message['removed'], 'removed'),
    order: order === undefined ? null : asStrings(order, 'order'),
    cells: asMap(message['cells'], 'cells', parseCell)
  };
}

function parseCell(value: unknown): ICellState {
  const cell = asObject(value, 'a cell');
  return {
    state: asOneOf(cell['state'], STATES, 'state'),
    reasons: asList(cell['reasons'], 'reasons', parseReason),
    defines: asStrings(cell['defines'], 'defines'),
    uses: asMap(cell['uses'], 'uses', id => orNull(id, asString, 'uses')),
    mutates: asStrings(cell['mutates'], 'mutates'),
    deferred: asStrings(cell['deferred'], 'deferred'),
    traits: asStrings(cell['traits'], 'traits'),
    restsOn: asStrings(cell['rests_on'], 'rests_on'),
    settings: asObject(cell['settings'], 'settings') as ReadonlyJSONObject,
    diagnostics: asList(cell['diagnostics'], 'diagnostics', parseDiagnostic),
    lastRun: orNull(cell['last_run'], parseRun, 'last_run')
  };
}

function parseReason(value: unknown): IReason {
  const reason = asObject(value, 'a reason');
  return {
    kind: asString(reason['kind'], 'kind'),
    cell: orNull(reason['cell'] ?? null, asString, 'cell'),
    names: asStrings(reason['names'] ?? [], 'names')
  };
}

function parseDiagnostic(value: unknown): IDiagnostic {
  const finding = asObject(value, 'a diagnostic');
  return {
    code: asString(finding['code'], 'code'),
    severity: asOneOf(finding['severity'], SEVERITIES, 'severity'),
    message: asString(finding['message'], 'message'),
    range: orNull(finding['range'], asRange, 'range'),
    fix: orNull(finding['fix'] ?? null, parseFix, 'fix')
  };
}

function parseFix(value: unknown): IFix {
  const fix = asObject(value, 'a fix');
  return {
    title: asString(fix['title'], 'title'),
    range: asRange(fix['range']),
    text: asString(fix['text'], 'text')
  };
}

export function asRange(value: unknown): IRange {
  const [line, column, endLine, endColumn] = asList(value, 'range', asCount);
  if (
    line === undefined ||
    column === undefined ||
    endLine === undefined ||
    endColumn === undefined
  ) {
    throw new TypeError('a `range` needs four numbers');
  }
  return { line, column, endLine, endColumn };
}

function parseRun(value: unknown): ILastRun {
  const run = asObject(value, 'last_run');
  return {
    count: orNull(run['count'] ?? null, asCount, 'count'),
    seconds: asNumber(run['seconds'], 'seconds'),
    cause: asString(run['cause'], 'cause')
  };
}

export function asObject(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} must be an object`);
  }
  return value as Fields;
}

export function asString(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    throw new TypeError(`\`${what}\` must be a string`);
  }
  return value;
}

export function asBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') {
    throw new TypeError(`\`${what}\` must be true or false`);
  }
  return value;
}

export function asNumber(value: unknown, what: string): number {
  if (typeof value !== 'number') {
    throw new TypeError(`\`${what}\` must be a number`);
  }
  return value;
}

export function asCount(value: unknown, what = 'a place'): number {
  const number = asNumber(value, what);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new TypeError(`\`${what}\` must be a whole number`);
  }
  return number;
}

function asOneOf<T extends string>(value: unknown, all: readonly T[], what: string): T {
  const found = all.find(each => each === value);
  if (found === undefined) {
    throw new TypeError(`\`${what}\` must be one of ${all.join(', ')}`);
  }
  return found;
}

export function asList<T>(
  value: unknown,
  what: string,
  item: (value: unknown) => T
): T[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`\`${what}\` must be a list`);
  }
  return value.map(each => item(each));
}

export function asStrings(value: unknown, what: string): string[] {
  return asList(value, what, item => asString(item, what));
}

function asMap<T>(
  value: unknown,
  what: string,
  item: (value: unknown) => T
): ReadonlyMap<string, T> {
  const fields = Object.entries(asObject(value, `\`${what}\``));
  return new Map(fields.map(([key, each]) => [key, item(each)]));
}

export function orNull<T>(
  value: unknown,
  convert: (value: unknown, what: string) => T,
  what: string
): T | null {
  return value === null ? null : convert(value, what);
}
