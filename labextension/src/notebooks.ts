/** All open notebooks whose kernel is ours. */
import { NotebookActions } from '@jupyterlab/notebook';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Channel } from './channel';
import { Document } from './document';
import { OutputRouter } from './outputs';
import { configureMessage, runMessage } from './protocol';
import type { Mode } from './protocol';
import type { IReactiveModel, IReactiveNotebook, IReactiveNotebooks } from './tokens';

/** A notebook while its kernel is ours. */
class ReactiveNotebook implements IReactiveNotebook {
  constructor(
    readonly panel: NotebookPanel,
    private readonly _channel: Channel
  ) {
    _channel.liveChanged.connect(this._onLiveChanged, this);
    this._router = new OutputRouter(panel);
  }

  get model(): IReactiveModel {
    return this._channel.model;
  }

  get live(): boolean {
    return !this._isDisposed && this._channel.live;
  }

  get liveChanged(): ISignal<this, boolean> {
    return this._liveChanged;
  }

  get disposed(): ISignal<this, void> {
    return this._disposed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._router.dispose();
    this._disposed.emit();
    Signal.clearData(this);
  }

  run(cells: readonly string[] | null): void {
    this._channel.send(runMessage(cells));
  }

  configure(mode: Mode): void {
    this._channel.send(configureMessage(mode));
  }

  flush(): void {
    this._channel.flush();
  }

  request(type: string, fields?: JSONObject): Promise<ReadonlyJSONObject> {
    return this._channel.request(type, fields);
  }

  private _onLiveChanged(_: Channel, live: boolean): void {
    this._liveChanged.emit(live);
  }

  private _isDisposed = false;
  private readonly _router: OutputRouter;
  private readonly _liveChanged = new Signal<this, boolean>(this);
  private readonly _disposed = new Signal<this, void>(this);
}

export class ReactiveNotebooks implements IReactiveNotebooks {
  /**
   * @param tracker - The open notebooks, of any kernel.
   * @param onFailure - Called with a sentence when a kernel that should be ours cannot be
   * understood.
   */
  constructor(
    private readonly _tracker: INotebookTracker,
    private readonly _onFailure: (panel: NotebookPanel, reason: string) => void
  ) {
    _tracker.widgetAdded.connect((_, panel) => void this._watch(panel));
    _tracker.forEach(panel => void this._watch(panel));
    NotebookActions.executionScheduled.connect((_, { notebook }) => {
      this.forEach(each => each.panel.content === notebook && each.flush());
    });
    _tracker.currentChanged.connect(() => this._updateCurrent());
  }

  get current(): IReactiveNotebook | null {
    return this._current;
  }

  get currentChanged(): ISignal<this, IReactiveNotebook | null> {
    return this._currentChanged;
  }

  get added(): ISignal<this, IReactiveNotebook> {
    return this._added;
  }

  forEach(callback: (notebook: IReactiveNotebook) => void): void {
    [...this._notebooks.values()].forEach(callback);
  }

  of(panel: NotebookPanel): IReactiveNotebook | undefined {
    return this._notebooks.get(panel);
  }

  private async _watch(panel: NotebookPanel): Promise<void> {
    await panel.context.ready;
    const model = panel.content.model;
    if (panel.isDisposed || model === null) {
      return;
    }
    const document = new Document(model);
    const channel = new Channel(panel.sessionContext, document);
    channel.kindChanged.connect(() => this._update(panel, channel));
    channel.failed.connect((_, reason) => this._onFailure(panel, reason));
    const leave = () => channel.close();
    window.addEventListener('pagehide', leave);
    // Before the connection to the kernel is given up.
    panel.sessionContext.disposed.connect(() => channel.dispose());
    panel.disposed.connect(() => {
      window.removeEventListener('pagehide', leave);
      this._remove(panel);
      channel.dispose();
      document.dispose();
    });
    this._update(panel, channel);
  }

  private _update(panel: NotebookPanel, channel: Channel): void {
    if (channel.kind !== 'ours') {
      this._remove(panel);
    } else if (!this._notebooks.has(panel)) {
      const notebook = new ReactiveNotebook(panel, channel);
      this._notebooks.set(panel, notebook);
      this._added.emit(notebook);
      this._updateCurrent();
    }
  }

  private _remove(panel: NotebookPanel): void {
    const notebook = this._notebooks.get(panel);
    this._notebooks.delete(panel);
    this._updateCurrent();
    notebook?.dispose();
  }

  private _updateCurrent(): void {
    const panel = this._tracker.currentWidget;
    const current = (panel && this._notebooks.get(panel)) ?? null;
    if (current !== this._current) {
      this._current = current;
      this._currentChanged.emit(current);
    }
  }

  private _current: IReactiveNotebook | null = null;
  private readonly _notebooks = new Map<NotebookPanel, ReactiveNotebook>();
  private readonly _currentChanged = new Signal<this, IReactiveNotebook | null>(this);
  private readonly _added = new Signal<this, IReactiveNotebook>(this);
}
