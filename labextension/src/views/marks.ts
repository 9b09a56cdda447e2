/**
 * The marks in front of the cells, and their reasons for the pointer and for screen
 * readers. Only the cells that changed are touched, and nothing on the page is measured:
 * the rest is CSS (style/marks.css).
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { IReactiveNotebooks } from '../tokens';
import type { IModelChange, IReactiveModel, IReactiveNotebook } from '../tokens';
import { describe, markOf, MARKS, summary } from '../words';
import type { Mark } from '../words';
import { h } from './dom';

/** Milliseconds of rest before the summary is said. */
const SUMMARY_PAUSE = 800;

const CLASS: Readonly<Record<Mark, string>> = Object.fromEntries(
  MARKS.map(mark => [mark, `jp-Reactive-${mark}`])
) as Record<Mark, string>;

const WORDS = 'aria-description';

/** What a cell shows of its state. */
interface IShown {
  readonly mark: Mark | null;
  readonly words: string;
}

const NOTHING: IShown = { mark: null, words: '' };

export class CellMarks implements IDisposable {
  constructor(private readonly _reactive: IReactiveNotebook) {
    this._notebook = _reactive.panel.content;
    this._model = _reactive.model;
    _reactive.panel.node.append(this._said);
    this._model.changed.connect(this._onChanged, this);
    // The notebook has been told before us, so its widgets are there.
    this._notebook.model?.cells.changed.connect(this._showAll, this);
    this._notebook.node.addEventListener('pointerover', explain);
    this._showAll();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
    clearTimeout(this._pause);
    this._said.remove();
    this._notebook.node.removeEventListener('pointerover', explain);
    this._shown.forEach((_, cell) => show(cell, NOTHING));
    this._shown.clear();
  }

  private _onChanged(_: IReactiveModel, change: IModelChange): void {
    if (change.order) {
      // Reasons name cells by their places.
      this._showAll();
    } else {
      this._showSome(change.cells);
    }
    clearTimeout(this._pause);
    if (this._model.settled) {
      this._pause = setTimeout(() => this._say(), SUMMARY_PAUSE);
    }
  }

  private _showAll(): void {
    this._byId = new Map(this._notebook.widgets.map(cell => [cell.model.id, cell]));
    const gone = [...this._shown.keys()].filter(cell => cell.isDisposed);
    gone.forEach(cell => this._shown.delete(cell));
    this._byId.forEach((cell, id) => this._show(cell, id));
  }

  private _showSome(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      this._showOne(id);
    }
    // A cell that ran has another number, by which the reasons of others name it.
    for (const [id, cell] of this._model.cells) {
      if (cell.reasons.some(({ cell }) => cell !== null && ids.has(cell))) {
        this._showOne(id);
      }
    }
  }

  private _showOne(id: string): void {
    const cell = this._byId.get(id);
    if (cell !== undefined) {
      this._show(cell, id);
    }
  }

  private _show(cell: Cell, id: string): void {
    const state = this._model.cells.get(id);
    const mark = state === undefined ? null : markOf(this._model, state);
    const now = { mark, words: describe(this._model, id) };
    const before = this._shown.get(cell) ?? NOTHING;
    if (now.mark !== before.mark || now.words !== before.words) {
      this._shown.set(cell, now);
      show(cell, now, before);
    }
  }

  private _say(): void {
    const words = summary(this._model);
    const isFirst = this._lastSaid === null;
    if (this._reactive.live && words !== this._lastSaid) {
      this._lastSaid = words;
      this._said.textContent = isFirst && this._model.count('stale') === 0 ? '' : words;
    }
  }

  private readonly _notebook: Notebook;
  private readonly _model: IReactiveModel;
  private readonly _said = h('div', {
    class: 'jp-Reactive-summary',
    role: 'status',
    'aria-live': 'polite'
  });
  private _lastSaid: string | null = null;
  private _byId: ReadonlyMap<string, Cell> = new Map();
  private readonly _shown = new Map<Cell, IShown>();
  private _pause: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

function show(cell: Cell, now: IShown, before?: IShown): void {
  const { classList } = cell.node;
  if (now.mark !== before?.mark) {
    classList.remove(...(before?.mark ? [CLASS[before.mark]] : Object.values(CLASS)));
    classList.toggle('jp-Reactive-marked', now.mark !== null);
    if (now.mark !== null) {
      classList.add(CLASS[now.mark]);
    }
  }
  if (now.words === '') {
    cell.node.removeAttribute(WORDS);
  } else {
    cell.node.setAttribute(WORDS, now.words);
  }
}

/** Let a prompt say in a tooltip what screen readers say of its cell. */
function explain(event: Event): void {
  const prompt = (event.target as Element).closest<HTMLElement>('.jp-InputPrompt');
  if (prompt !== null) {
    prompt.title = prompt.closest('.jp-Cell')?.getAttribute(WORDS) ?? '';
  }
}

export const marks: JupyterFrontEndPlugin<void> = {
  id: 'reactive-kernel:marks',
  description: 'Marks the cells that are stale, queued, running, blocked and so on.',
  autoStart: true,
  requires: [IReactiveNotebooks],
  activate: (_app, notebooks: IReactiveNotebooks) => {
    notebooks.added.connect((_, notebook) => {
      const marks = new CellMarks(notebook);
      notebook.disposed.connect(() => marks.dispose());
    });
  }
};
