/**
 * Keeps an open ``.py`` notebook in step with its file, which other editors change.
 */
import type { ISharedNotebook, SharedCell } from '@jupyter/ydoc';
import { Notification } from '@jupyterlab/apputils';
import type * as nbformat from '@jupyterlab/nbformat';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Poll } from '@lumino/polling';

import { merge } from './merge';
import type { IText } from './merge';

const INTERVAL = 2000;

/** Begin to follow the file of a notebook, until its panel is closed. */
export function watch(panel: NotebookPanel, contents: Contents.IManager): void {
  void panel.context.ready.then(() => {
    if (!panel.isDisposed) {
      const watcher = new Watcher(panel, contents);
      panel.disposed.connect(() => {
        watcher.dispose();
      });
    }
  });
}

class Watcher {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _contents: Contents.IManager
  ) {
    this._base = this._texts();
    this._panel.context.saveState.connect((_, state) => {
      if (state === 'started') {
        this._sent = this._texts();
      } else {
        this._base = (state === 'completed' && this._sent) || this._base;
        this._sent = null;
      }
    });
    this._poll = new Poll({
      factory: () => this._look(),
      frequency: { interval: INTERVAL, backoff: true, max: 30 * INTERVAL },
      standby: 'when-hidden'
    });
  }

  dispose(): void {
    this._poll.dispose();
  }

  /** Take in what was changed in the file, if anything was. */
  private async _look(): Promise<void> {
    const { context } = this._panel;
    const known = context.contentsModel;
    if (context.model.collaborative || this._sent !== null || !known) {
      return;
    }
    const found = await this._contents.get(context.path, {
      content: false,
      hash: true
    });
    const unchanged = known.hash
      ? found.hash === known.hash
      : found.last_modified === known.last_modified;
    // A save in the meantime has changed the file, too.
    if (!unchanged && known.hash === context.contentsModel?.hash) {
      await this._takeIn();
    }
  }

  /** Revert to the file, but for what was changed here: that is merged. */
  private async _takeIn(): Promise<void> {
    const { context } = this._panel;
    const { model } = context;
    let left = false;
    // Its usual way makes all cells anew: without outputs, and scrolled to the top.
    model.fromJSON = content => {
      left = this._merge(model, content as nbformat.INotebookContent);
    };
    try {
      await context.revert();
    } finally {
      Reflect.deleteProperty(model, 'fromJSON');
    }
    model.dirty = left;
  }

  /** Return whether the notebook now differs from its file. */
  private _merge(model: INotebookModel, content: nbformat.INotebookContent): boolean {
    const file = content.cells.map(textOf);
    const merged = merge(this._base, this._texts(), file);
    const cells = new Map(content.cells.map(cell => [idOf(cell), cell]));
    const notebook = model.sharedModel;
    notebook.transact(() => {
      merged.forEach(({ id, from }, index) => {
        place(notebook, index, id, from === 'file' ? cells.get(id) : undefined);
      });
      if (notebook.cells.length > merged.length) {
        notebook.deleteCellRange(merged.length, notebook.cells.length);
      }
      addOthers(notebook, merged);
    });
    this._base = file;
    const conflicts = merged.filter(cell => cell.other !== undefined).length;
    if (conflicts > 0) {
      Notification.warning(
        `${this._panel.title.label}: ${conflicts} of the cells that you have edited ` +
          'were changed in the file as well. What the file says stands below each.',
        { autoClose: false }
      );
    }
    return !sameTexts(this._texts(), file);
  }

  private _texts(): IText[] {
    return this._panel.context.model.sharedModel.cells.map(cell => ({
      id: cell.getId(),
      type: cell.cell_type,
      source: cell.getSource()
    }));
  }

  private _base: readonly IText[];
  private _sent: readonly IText[] | null = null;
  private readonly _poll: Poll;
}

/** Put the cell of an id at a place, with the content of the file if there is some. */
function place(
  notebook: ISharedNotebook,
  index: number,
  id: string,
  content: nbformat.ICell | undefined
): void {
  let at = notebook.cells.findIndex(cell => cell.getId() === id);
  const cell = notebook.cells[at];
  if (cell && content && cell.cell_type !== content.cell_type) {
    notebook.deleteCell(at);
    at = -1;
  }
  if (at < 0) {
    notebook.insertCell(index, content as SharedCell.Cell);
  } else if (at !== index) {
    notebook.moveCell(at, index);
  }
  const here = notebook.cells[index];
  if (here && content && here.getSource() !== sourceOf(content)) {
    here.setSource(sourceOf(content));
  }
}

/** Put the texts of the file below the cells that have another one here. */
function addOthers(notebook: ISharedNotebook, merged: ReturnType<typeof merge>): void {
  for (let index = merged.length - 1; index >= 0; index--) {
    const other = merged[index]?.other;
    if (other !== undefined) {
      notebook.insertCell(index + 1, {
        cell_type: 'raw',
        id: UUID.uuid4(),
        metadata: {},
        source: other
      });
    }
  }
}

function textOf(cell: nbformat.ICell): IText {
  return {
    id: idOf(cell),
    type: String(cell.cell_type),
    source: sourceOf(cell)
  };
}

function idOf(cell: nbformat.ICell): string {
  return typeof cell.id === 'string' ? cell.id : '';
}

function sourceOf(cell: nbformat.ICell): string {
  const source: ReadonlyPartialJSONValue = cell.source;
  return Array.isArray(source) ? source.join('') : String(source);
}

function sameTexts(one: readonly IText[], other: readonly IText[]): boolean {
  return (
    one.length === other.length &&
    one.every(
      ({ id, source }, index) =>
        id === other[index]?.id && source === other[index]?.source
    )
  );
}
