/**
 * How far a cascade is: folds what changes in a model into "k of n". Pure.
 *
 * A cascade lasts until the kernel has settled; what is queued meanwhile belongs to it.
 */
import type { IReactiveModel } from './tokens';

export interface IProgress {
  /** Cells that are done. */
  readonly done: number;
  /** Cells that are done, run or are queued. */
  readonly total: number;
  /** The cell that runs. */
  readonly current: string | null;
  /** Seconds, as the cells took last time; null if that says nothing. */
  readonly rest: number | null;
}

export class Progress {
  constructor(private readonly _model: IReactiveModel) {}

  /** Take in that these cells changed. */
  update(ids: Iterable<string>, now: number): void {
    if (this._model.settled) {
      this._waiting.clear();
      this._seen.clear();
      this._current = null;
      return;
    }
    for (const id of ids) {
      const state = this._model.cells.get(id)?.state;
      if (state === 'queued' || state === 'running') {
        this._seen.add(id);
        this._waiting.add(id);
      } else {
        this._waiting.delete(id);
      }
      if (state === 'running' && id !== this._current) {
        this._current = id;
        this._since = now;
      } else if (state !== 'running' && id === this._current) {
        this._current = null;
      }
    }
  }

  /** Return where it is; null if nothing is going on. */
  at(now: number): IProgress | null {
    const total = this._seen.size;
    if (total === 0) {
      return null;
    }
    const done = total - this._waiting.size;
    return { done, total, current: this._current, rest: this._rest(now) };
  }

  private _rest(now: number): number | null {
    let rest = 0;
    for (const id of this._waiting) {
      const seconds = this._model.cells.get(id)?.lastRun?.seconds;
      if (seconds === undefined) {
        return null;
      }
      const spent = id === this._current ? (now - this._since) / 1000 : 0;
      if (spent > seconds + 1) {
        return null; // It takes longer than last time.
      }
      rest += Math.max(0, seconds - spent);
    }
    return rest;
  }

  private readonly _seen = new Set<string>();
  private readonly _waiting = new Set<string>();
  private _current: string | null = null;
  private _since = 0;
}

/** Return a time that is left, in words. */
export function left(seconds: number): string {
  if (seconds < 1) {
    return 'less than 1 s left';
  }
  return seconds < 100
    ? `about ${Math.ceil(seconds)} s left`
    : `about ${Math.ceil(seconds / 60)} min left`;
}
