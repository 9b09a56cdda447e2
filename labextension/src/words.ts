/**
 * States and reasons in words that a person reads: the same as `%reactive why` says
 * (`reactive_kernel/shell/words.py`). Pure.
 */
import { cellName } from './graph';
import type { ICellState, IReason, StateName } from './protocol';
import type { IReactiveModel } from './tokens';

/**
 * What is shown in front of a cell: nothing while all is well. `upstream`: a cell that it
 * needs has failed; `earlier`: what it shows comes from before this kernel session.
 */
export const MARKS = [
  'earlier',
  'stale',
  'queued',
  'running',
  'error',
  'upstream',
  'blocked',
  'disabled',
  'frozen'
] as const;
export type Mark = (typeof MARKS)[number];

/** Return the mark of a cell; null for none. */
export function markOf(model: IReactiveModel, cell: ICellState): Mark | null {
  switch (cell.state) {
    case 'fresh':
      return null;
    case 'new':
      return 'earlier';
    case 'blocked':
      return cell.reasons.some(reason => hasFailed(model, reason))
        ? 'upstream'
        : 'blocked';
    case 'frozen':
    case 'stale':
    case 'queued':
    case 'running':
    case 'error':
    case 'disabled':
      return cell.state;
  }
}

function hasFailed(model: IReactiveModel, { kind, cell }: IReason): boolean {
  return kind === 'upstream-error' && verb(model, cell) === 'failed';
}

/** Return what became of a cell that others lack a name of. */
function verb(model: IReactiveModel, id: string | null): string {
  return id !== null && model.cells.get(id)?.state === 'disabled'
    ? 'is disabled'
    : 'failed';
}

/** Whether what a cell shows cannot be relied on until something is done. */
export function needsARun(state: StateName): boolean {
  return state === 'stale' || state === 'error' || state === 'blocked';
}

/** Return what to call a cell that may be gone. */
export function nameOf(model: IReactiveModel, id: string | null): string {
  return id !== null && model.cells.has(id) ? cellName(model, id) : 'a deleted cell';
}

/** Return the state of a cell and its reasons; '' if it is fresh and rests on nothing. */
export function describe(model: IReactiveModel, id: string): string {
  const cell = model.cells.get(id);
  if (cell === undefined) {
    return '';
  }
  const remarks = [...because(model, cell), ...resting(model, cell)].join('; ');
  if (cell.state === 'fresh') {
    return remarks;
  }
  return remarks === '' ? cell.state : `${cell.state}: ${remarks}`;
}

function because(model: IReactiveModel, cell: ICellState): string[] {
  switch (cell.state) {
    case 'new':
      return ['not run in this session'];
    case 'disabled':
      return ['neither runs nor defines anything'];
    case 'error':
      return ['its last run failed'];
    case 'fresh':
    case 'frozen':
    case 'stale':
    case 'queued':
    case 'running':
    case 'blocked':
      return cell.reasons.map(reason => sentence(model, reason));
  }
}

function resting(model: IReactiveModel, cell: ICellState): string[] {
  const names = cell.restsOn.map(id => nameOf(model, id));
  if (names.length === 0) {
    return [];
  }
  const are = names.length === 1 ? 'is' : 'are';
  return [`rests on ${names.join(', ')}, which ${are} frozen`];
}

function sentence(model: IReactiveModel, reason: IReason): string {
  const listed = reason.names.join(', ');
  const cell = nameOf(model, reason.cell);
  switch (reason.kind) {
    case 'edited':
      return reason.cell === null
        ? 'edited since it ran'
        : `${cell}, which defined ${listed}, was edited`;
    case 'input':
      return `${listed} changed in ${cell}`;
    case 'deleted':
      return listed === ''
        ? 'its values were removed'
        : `${listed} is not defined any more`;
    case 'moved':
      return `${listed} now comes from ${cell}`;
    case 'trait':
      return `${listed} changed`;
    case 'module':
      return `module ${listed} changed`;
    case 'outside':
      return `${listed} was changed by somebody else`;
    case 'upstream-error':
      return `${listed} is missing because ${cell} ${verb(model, reason.cell)}`;
    case 'cycle':
      return `cells depend on each other through ${reason.names.join(' -> ')}`;
    case 'interrupted':
      return 'interrupted';
    default:
      return listed === '' ? reason.kind : `${reason.kind} ${listed}`;
  }
}

/** Return the state of a notebook in one line, for those who do not see the marks. */
export function summary(model: IReactiveModel): string {
  const parts = [
    counted(model.count('stale'), 'stale'),
    counted(model.count('blocked'), 'blocked'),
    counted(model.count('error'), 'with an error')
  ].filter(part => part !== '');
  return parts.length === 0 ? 'All cells are up to date' : parts.join(', ');
}

function counted(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? 'cell' : 'cells'} ${what}`;
}
