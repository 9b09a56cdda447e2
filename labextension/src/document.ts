/**
 * What the kernel is to know of an open notebook: its code cells and settings, and when
 * they change. Outputs are none of it.
 */
import { isCodeCellModel } from '@jupyterlab/cells';
import type { ICellModel } from '@jupyterlab/cells';
import type { CellChange, ISharedCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IContent } from './protocol';

/** The key in the metadata of notebooks and cells. */
export const METADATA = 'reactive';

export class Document implements IDisposable {
  constructor(private readonly _model: INotebookModel) {
    _model.cells.changed.connect(this._onCellsChanged, this);
    _model.metadataChanged.connect(this._onMetadataChanged, this);
    this._watchCells();
  }

  /** Emitted when `read` may return something else. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Return the notebook as it is now. */
  read(): IContent {
    return {
      settings: asSettings(this._model.getMetadata(METADATA)),
      cells: [...this._model.cells].filter(isCodeCellModel).map(cell => ({
        id: cell.id,
        source: cell.sharedModel.getSource(),
        settings: asSettings(cell.getMetadata(METADATA))
      }))
    };
  }

  private _onCellsChanged(): void {
    this._watchCells();
    this._changed.emit();
  }

  private _watchCells(): void {
    for (const cell of this._model.cells as Iterable<ICellModel>) {
      // Connecting twice has no effect.
      cell.sharedModel.changed.connect(this._onCellChanged, this);
    }
  }

  private _onCellChanged(_: ISharedCell, change: CellChange): void {
    if (change.sourceChange !== undefined || change.metadataChange?.has(METADATA)) {
      this._changed.emit();
    }
  }

  private _onMetadataChanged(_: INotebookModel, change: { key: string }): void {
    if (change.key === METADATA) {
      this._changed.emit();
    }
  }

  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

/** Return a copy of the settings; whatever is no object counts as none. */
function asSettings(value: unknown): JSONObject | undefined {
  return JSONExt.isObject(value as JSONObject)
    ? JSONExt.deepCopy(value as JSONObject)
    : undefined;
}
