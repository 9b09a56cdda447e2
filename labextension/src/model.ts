/**
 * What the kernel knows about the cells of one notebook: folds its messages into one
 * picture. No page, no kernel.
 */
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { ICellState, IState, Mode, StateName } from './protocol';
import type { IModelChange, IReactiveModel } from './tokens';

const NONE: ReadonlySet<string> = new Set();

export class ReactiveModel implements IReactiveModel {
  get revision(): number {
    return this._revision;
  }

  get mode(): Mode {
    return this._mode;
  }

  get settled(): boolean {
    return this._settled;
  }

  get order(): readonly string[] {
    return this._order;
  }

  get cells(): ReadonlyMap<string, ICellState> {
    return this._cells;
  }

  get changed(): ISignal<this, IModelChange> {
    return this._changed;
  }

  upstream(id: string): ReadonlySet<string> {
    const cell = this._cells.get(id);
    return cell === undefined ? NONE : writers(id, cell);
  }

  downstream(id: string): ReadonlySet<string> {
    return this._readers.get(id) ?? NONE;
  }

  count(state: StateName): number {
    return this._counts.get(state) ?? 0;
  }

  /** Take in a state; return false, and change nothing, if one before it is missing. */
  apply(state: IState): boolean {
    if (!state.full && state.revision !== this._revision + 1) {
      return false;
    }
    const gone = state.full
      ? [...this._all.keys()].filter(id => !state.cells.has(id))
      : state.removed;
    gone.forEach(id => this._all.delete(id));
    state.cells.forEach((cell, id) => this._all.set(id, cell));
    const before = { mode: this._mode, settled: this._settled };
    this._revision = state.revision;
    this._mode = state.mode;
    this._settled = state.settled;
    this._fullOrder = state.order ?? this._fullOrder;
    this._show([...gone, ...state.cells.keys()], before);
    return true;
  }

  /** Pass over all other cells: they are of another notebook, or are deleted. */
  restrict(ids: readonly string[]): void {
    const before = this._own;
    this._own = new Set(ids);
    const came = before === null ? [] : ids.filter(id => !before.has(id));
    const went = [...(before ?? this._all.keys())].filter(id => !this._own?.has(id));
    this._show([...came, ...went], { mode: this._mode, settled: this._settled });
  }

  /** Bring what is public up to date with some cells, and say what changed. */
  private _show(
    ids: readonly string[],
    before: { mode: Mode; settled: boolean }
  ): void {
    const cells = new Set<string>();
    for (const id of ids) {
      const cell = this._own?.has(id) === false ? undefined : this._all.get(id);
      if (cell !== undefined || this._cells.has(id)) {
        cells.add(id);
      }
      this._set(id, cell);
    }
    const order = this._fullOrder.filter(id => this._cells.has(id));
    const change = {
      cells,
      order: !equal(order, this._order),
      mode: before.mode !== this._mode,
      settled: before.settled !== this._settled
    };
    this._order = change.order ? order : this._order;
    if (cells.size > 0 || change.order || change.mode || change.settled) {
      this._changed.emit(change);
    }
  }

  /** Forget everything: the kernel is gone. */
  clear(): void {
    if (this._revision === -1) {
      return;
    }
    const change = {
      cells: new Set(this._cells.keys()),
      order: this._order.length > 0,
      mode: false,
      settled: !this._settled
    };
    this._all.clear();
    this._own = null;
    this._fullOrder = [];
    this._cells.clear();
    this._readers.clear();
    this._counts.clear();
    this._order = [];
    this._revision = -1;
    this._settled = true;
    this._changed.emit(change);
  }

  private _set(id: string, cell: ICellState | undefined): void {
    this._remove(id);
    if (cell === undefined) {
      return;
    }
    this._cells.set(id, cell);
    this._counts.set(cell.state, this.count(cell.state) + 1);
    for (const writer of writers(id, cell)) {
      const readers = this._readers.get(writer) ?? new Set();
      this._readers.set(writer, readers.add(id));
    }
  }

  private _remove(id: string): void {
    const cell = this._cells.get(id);
    if (cell === undefined) {
      return;
    }
    this._cells.delete(id);
    this._counts.set(cell.state, this.count(cell.state) - 1);
    for (const writer of writers(id, cell)) {
      this._readers.get(writer)?.delete(id);
    }
  }

  private _revision = -1;
  private _mode: Mode = 'auto';
  private _settled = true;
  private _order: readonly string[] = [];
  /** What the kernel has told, of all notebooks. */
  private readonly _all = new Map<string, ICellState>();
  private _fullOrder: readonly string[] = [];
  /** The cells of this notebook; null: all. */
  private _own: ReadonlySet<string> | null = null;
  private readonly _cells = new Map<string, ICellState>();
  private readonly _readers = new Map<string, Set<string>>();
  private readonly _counts = new Map<StateName, number>();
  private readonly _changed = new Signal<this, IModelChange>(this);
}

/** Return the other cells that a cell takes names from. */
function writers(id: string, cell: ICellState): ReadonlySet<string> {
  const all = new Set<string>();
  for (const writer of cell.uses.values()) {
    if (writer !== null && writer !== id) {
      all.add(writer);
    }
  }
  return all;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
