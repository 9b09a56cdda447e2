/**
 * What other extensions may use: all open notebooks that run on the Reactive Python
 * kernel, and what the kernel knows about their cells.
 *
 * ```ts
 * function activate(app: JupyterFrontEnd, notebooks: IReactiveNotebooks) {
 *   notebooks.added.connect((_, notebook) => {
 *     notebook.model.changed.connect(model => console.log(model.count('stale')));
 *   });
 * }
 * ```
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';
import type { IObservableDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { ICellState, Mode, StateName } from './protocol';

/** What changed in a model. */
export interface IModelChange {
  /** The cells that came, changed or went. */
  readonly cells: ReadonlySet<string>;
  readonly order: boolean;
  readonly mode: boolean;
  readonly settled: boolean;
}

/** What the kernel knows about the cells of one notebook; knows no page and no kernel. */
export interface IReactiveModel {
  /** The kernel's count of changes; -1 while nothing is known. */
  readonly revision: number;
  readonly mode: Mode;
  /** Nothing runs or is queued. */
  readonly settled: boolean;
  /** The code cells in document order. */
  readonly order: readonly string[];
  readonly cells: ReadonlyMap<string, ICellState>;
  readonly changed: ISignal<IReactiveModel, IModelChange>;

  /** Return the cells that a cell takes names from. */
  upstream(id: string): ReadonlySet<string>;
  /** Return the cells that take names from a cell. */
  downstream(id: string): ReadonlySet<string>;
  /** Return how many cells are in a state. */
  count(state: StateName): number;
}

/** An open notebook whose kernel is ours; disposed when it is closed or gets another. */
export interface IReactiveNotebook extends IObservableDisposable {
  readonly panel: NotebookPanel;
  readonly model: IReactiveModel;
  /** The kernel answers and has told everything. */
  readonly live: boolean;
  readonly liveChanged: ISignal<IReactiveNotebook, boolean>;

  /** Run cells with what they need; null: everything stale. */
  run(cells: readonly string[] | null): void;
  /** Choose the mode for this kernel session. */
  configure(mode: Mode): void;
  /** Tell the kernel at once what was edited just now. */
  flush(): void;
  /**
   * Ask the kernel something that it answers with a message of the same type and the
   * same `request`. Rejects if the kernel answers with an error, goes or takes too long.
   */
  request(type: string, fields?: JSONObject): Promise<ReadonlyJSONObject>;
}

/** All open notebooks whose kernel is ours. */
export interface IReactiveNotebooks {
  /** That of the current notebook, if its kernel is ours. */
  readonly current: IReactiveNotebook | null;
  readonly currentChanged: ISignal<IReactiveNotebooks, IReactiveNotebook | null>;
  readonly added: ISignal<IReactiveNotebooks, IReactiveNotebook>;

  forEach(callback: (notebook: IReactiveNotebook) => void): void;
  of(panel: NotebookPanel): IReactiveNotebook | undefined;
}

export const IReactiveNotebooks = new Token<IReactiveNotebooks>(
  'reactive-kernel:IReactiveNotebooks',
  'The open notebooks that run on the Reactive Python kernel.'
);
