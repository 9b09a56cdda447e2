/**
 * Keeps one notebook and its kernel in touch: opens the comm when the kernel is ours, and
 * again after a restart, a reconnection or a change of kernel; tells what was edited; folds
 * what the kernel says into the model.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import type { JSONObject, ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Document } from './document';
import { Line } from './line';
import { ReactiveModel } from './model';
import { IMPLEMENTATION, parse, snapshotMessage } from './protocol';
import type { IContent, IState, KernelMessage } from './protocol';
import { difference } from './sync';

/** Milliseconds without an edit before the kernel is told. */
const EDIT_PAUSE = 100;
/** Milliseconds that the kernel has to answer a request. */
const REQUEST_PATIENCE = 10_000;
/** Malformed messages in a row that are taken for accidents. */
const MALFORMED_LIMIT = 3;

/** Whether the kernel of a notebook is ours; `unknown` until it has said so. */
export type Kind = 'unknown' | 'ours' | 'other';

export class Channel implements IDisposable {
  readonly model = new ReactiveModel();

  constructor(
    private readonly _session: ISessionContext,
    private readonly _document: Document
  ) {
    _session.kernelChanged.connect(this._onKernelChanged, this);
    _session.statusChanged.connect(this._onStatusChanged, this);
    _session.connectionStatusChanged.connect(this._onConnectionChanged, this);
    _document.changed.connect(this._schedule, this);
    this._onKernelChanged();
  }

  get kind(): Kind {
    return this._kind;
  }

  get kindChanged(): ISignal<this, Kind> {
    return this._kindChanged;
  }

  /** The comm is open and the kernel has told everything. */
  get live(): boolean {
    return this._live;
  }

  get liveChanged(): ISignal<this, boolean> {
    return this._liveChanged;
  }

  /** Emitted with a sentence when kernel and client cannot understand each other. */
  get failed(): ISignal<this, string> {
    return this._failed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._hangUp(true);
    Signal.clearData(this);
  }

  /** Close the comm; another may be opened when the connection is made anew. */
  close(): void {
    this._hangUp(true);
  }

  /** Send a message, after what was edited just now. */
  send(message: JSONObject): void {
    this.flush();
    this._line?.send(message);
  }

  /** Tell the kernel what was edited since it was told last. */
  flush(): void {
    clearTimeout(this._editTimer);
    if (!this._line || this._line.isDisposed || this._gaveUp) {
      return;
    }
    const now = this._document.read();
    for (const message of difference(this._told, now)) {
      this._line.send(message);
    }
    this._told = now;
    this.model.restrict(now.cells.map(cell => cell.id));
  }

  /** Ask something that the kernel answers under the same `type` and `request`. */
  request(type: string, fields: JSONObject = {}): Promise<ReadonlyJSONObject> {
    const answer = new PromiseDelegate<ReadonlyJSONObject>();
    if (!this._live) {
      answer.reject(new Error('the kernel does not answer'));
      return answer.promise;
    }
    const request = ++this._requests;
    this._asked.set(request, answer);
    setTimeout(() => this._settle(request, null), REQUEST_PATIENCE);
    this.send({ ...fields, type, request });
    return answer.promise;
  }

  private _settle(request: number, data: ReadonlyJSONObject | null): void {
    const answer = this._asked.get(request);
    this._asked.delete(request);
    if (data === null) {
      answer?.reject(new Error('the kernel has not answered'));
    } else if (typeof data['error'] === 'string') {
      answer?.reject(new Error(data['error']));
    } else {
      answer?.resolve(data);
    }
  }

  // The life of the comm

  private _onKernelChanged(): void {
    this._gaveUp = false;
    this._malformed = 0;
    this._hangUp(true);
    this._setKind('unknown');
    void this._connect();
  }

  private _onStatusChanged(_: ISessionContext, status: Kernel.Status): void {
    if (
      status === 'restarting' ||
      status === 'autorestarting' ||
      status === 'terminating' ||
      status === 'dead'
    ) {
      this._hangUp(false);
    } else if (status === 'idle' || status === 'busy') {
      void this._connect();
    }
  }

  private _onConnectionChanged(
    _: ISessionContext,
    status: Kernel.ConnectionStatus
  ): void {
    if (status !== 'connected') {
      this._isConnected = false;
      return;
    }
    // What the kernel said meanwhile is lost, and it may be another process by now.
    if (!this._isConnected) {
      this._hangUp(true);
    }
    this._isConnected = true;
    void this._connect();
  }

  /** Open the comm, unless it is open or being opened, or the kernel is not ours. */
  private async _connect(): Promise<void> {
    const kernel = this._session.session?.kernel;
    if (!kernel || this._isDisposed || this._gaveUp || this._attempt === kernel) {
      return;
    }
    if (this._kind === 'other') {
      return;
    }
    if (this._line && !this._line.isDisposed && this._line.kernel === kernel) {
      return;
    }
    this._attempt = kernel;
    try {
      await this._open(kernel);
    } catch (error) {
      console.warn('Reactive Python: the comm could not be opened.', error);
    } finally {
      if (this._attempt === kernel) {
        this._attempt = null;
      }
    }
  }

  private async _open(kernel: Kernel.IKernelConnection): Promise<void> {
    const isOurs = await this._isOurs(kernel);
    if (this._attempt !== kernel || this._isDisposed) {
      return;
    }
    this._setKind(isOurs ? 'ours' : 'other');
    if (!isOurs) {
      return;
    }
    const line: Line = await Line.open(kernel, this._session.path, data => {
      if (this._line === line) {
        this._hear(parse(data));
      }
    });
    if (this._attempt !== kernel || this._isDisposed) {
      line.close();
      return;
    }
    this._line = line;
    this._told = null;
    this.flush();
  }

  private async _isOurs(kernel: Kernel.IKernelConnection): Promise<boolean> {
    const isOurs = kernel.info.then(info => info.implementation === IMPLEMENTATION);
    if (kernel.name !== IMPLEMENTATION) {
      return isOurs;
    }
    // The name is known at once, the reply comes only when no cell runs.
    void isOurs.then(isOurs => {
      if (!isOurs && this._session.session?.kernel === kernel) {
        this._hangUp(true);
        this._setKind('other');
      }
    });
    return true;
  }

  /**
   * Forget all that the kernel has told.
   *
   * @param politely - Let the kernel know: it goes on, but without us.
   */
  private _hangUp(politely: boolean): void {
    clearTimeout(this._editTimer);
    this._attempt = null;
    if (politely) {
      this._line?.close();
    } else {
      this._line?.dispose();
    }
    this._line = null;
    this._told = null;
    this._isAsking = false;
    this._asked.forEach((_, request) => this._settle(request, null));
    this._setLive(false);
    this.model.clear();
  }

  // What the kernel says

  private _hear(message: KernelMessage): void {
    if (message.type === 'malformed') {
      this._complain(message.message);
      return;
    }
    this._malformed = 0;
    switch (message.type) {
      case 'state':
        this._take(message);
        break;
      case 'error':
        this._onError(message.message);
        break;
      case 'other':
        this._settle(Number(message.data['request']), message.data);
        break;
    }
  }

  private _take(state: IState): void {
    if (this.model.apply(state)) {
      this._isAsking &&= !state.full;
      const told = this._told?.cells ?? [];
      this._setLive(this._live || told.every(({ id }) => this.model.cells.has(id)));
    } else if (!this._isAsking) {
      this._isAsking = true;
      this._line?.send(snapshotMessage());
    }
  }

  private _onError(message: string): void {
    if (this._live) {
      console.warn(`Reactive Python: the kernel refused a message: ${message}`);
    } else {
      this._giveUp(message);
    }
  }

  private _complain(message: string): void {
    this._malformed += 1;
    console.warn(`Reactive Python: a message was not understood: ${message}`);
    if (this._malformed >= MALFORMED_LIMIT) {
      this._giveUp(message);
    } else {
      this._line?.send(snapshotMessage());
    }
  }

  /** Leave this kernel alone until there is another. */
  private _giveUp(reason: string): void {
    this._gaveUp = true;
    this._hangUp(true);
    this._failed.emit(reason);
  }

  private _schedule(): void {
    clearTimeout(this._editTimer);
    this._editTimer = setTimeout(() => this.flush(), EDIT_PAUSE);
  }

  private _setKind(kind: Kind): void {
    if (kind !== this._kind) {
      this._kind = kind;
      this._kindChanged.emit(kind);
    }
  }

  private _setLive(live: boolean): void {
    if (live !== this._live) {
      this._live = live;
      this._liveChanged.emit(live);
    }
  }

  private _line: Line | null = null;
  private _attempt: Kernel.IKernelConnection | null = null;
  private _told: IContent | null = null;
  private _editTimer: ReturnType<typeof setTimeout> | undefined;
  private _kind: Kind = 'unknown';
  private _live = false;
  private _isConnected = true;
  private _isAsking = false;
  private _isDisposed = false;
  private _gaveUp = false;
  private _malformed = 0;
  private _requests = 0;
  private readonly _asked = new Map<number, PromiseDelegate<ReadonlyJSONObject>>();
  private readonly _kindChanged = new Signal<this, Kind>(this);
  private readonly _liveChanged = new Signal<this, boolean>(this);
  private readonly _failed = new Signal<this, string>(this);
}
