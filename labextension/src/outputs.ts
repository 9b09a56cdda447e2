/**
 * Outputs of runs that no request of this page stands behind reach their cell: after a
 * reload, in a second tab, after cut and paste, undo or a restart of the page.
 *
 * JupyterLab shows what answers a request that it remembers, under the cell that sent it.
 * For all else the kernel says in the parent header which cell an output belongs to
 * (docs/protocol.md, "Outputs after a reload"). Outputs are written to the cell's model,
 * so the cell need not be on the page.
 */
import { isCodeCellModel } from '@jupyterlab/cells';
import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Captures } from './captures';
import { Displays } from './displays';

/** A run that is going on and is not shown by JupyterLab itself, or not wholly. */
interface IRun {
  /** JupyterLab shows the outputs, as it remembers the request. */
  readonly owned: boolean;
  readonly started: string;
  inputAt: string;
  count: number | null;
  code: string | null;
  /** The outputs of the run before are still there. */
  isFull: boolean;
}

export class OutputRouter implements IDisposable {
  constructor(private readonly _panel: NotebookPanel) {
    _panel.sessionContext.iopubMessage.connect(this._onMessage, this);
    _panel.sessionContext.kernelChanged.connect(this._forget, this);
    _panel.sessionContext.statusChanged.connect(this._onStatusChanged, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _onMessage(_: ISessionContext, sent: KernelMessage.IMessage): void {
    const message = sent as KernelMessage.IIOPubMessage;
    this._captures.follow(message);
    if (KernelMessage.isUpdateDisplayDataMsg(message)) {
      this._displays.update(message);
      return;
    }
    const id = cellOf(message);
    const model = id === null ? undefined : this._find(id);
    if (id === null || model === undefined) {
      return;
    }
    const owned = this._isOwned(id, message);
    if (owned || !this._isShared || this._isAddressed(message)) {
      this._follow(model, message, owned);
    }
  }

  private _follow(
    model: ICodeCellModel,
    message: KernelMessage.IIOPubMessage,
    owned: boolean
  ): void {
    if (KernelMessage.isStatusMsg(message)) {
      if (message.content.execution_state === 'busy') {
        this._begin(model, message, owned);
      } else if (message.content.execution_state === 'idle') {
        this._end(model, message);
      }
    } else if (KernelMessage.isExecuteInputMsg(message)) {
      this._input(model, message, owned);
    } else if (!owned) {
      this._output(model, message);
    }
  }

  /** The kernel reruns a cell; nothing else begins with the cell's id in the header. */
  private _begin(
    model: ICodeCellModel,
    message: KernelMessage.IIOPubMessage,
    owned: boolean
  ): IRun {
    const started = message.header.date;
    const run = {
      owned,
      started,
      inputAt: started,
      count: null,
      code: null,
      isFull: true
    };
    this._runs.set(model.id, run);
    model.executionState = 'running';
    return run;
  }

  private _input(
    model: ICodeCellModel,
    message: KernelMessage.IExecuteInputMsg,
    owned: boolean
  ): void {
    let run = this._runs.get(model.id);
    if (run === undefined) {
      if (owned) {
        return; // A run of this page's own.
      }
      run = this._begin(model, message, owned);
      this._clear(model, true);
    }
    run.inputAt = message.header.date;
    run.count = message.content.execution_count;
    run.code = message.content.code;
  }

  private _end(model: ICodeCellModel, message: KernelMessage.IIOPubMessage): void {
    const run = this._runs.get(model.id);
    if (run === undefined) {
      return;
    }
    this._runs.delete(model.id);
    if (!run.owned && run.isFull) {
      this._clear(model, false);
    }
    if (model.isDirty && run.code === model.sharedModel.getSource()) {
      // A new count tells JupyterLab that the text was run as it stands.
      model.executionCount = null;
    }
    model.executionCount = run.count;
    model.executionState = 'idle';
    if (this._panel.content.notebookConfig.recordTiming) {
      model.setMetadata('execution', timing(run, message.header.date));
    }
  }

  private _output(model: ICodeCellModel, message: KernelMessage.IIOPubMessage): void {
    if (this._captures.isCaptured(message)) {
      if (this._isAddressed(message)) {
        this._captures.deliver(message, this._panel.sessionContext.session?.kernel);
      }
      return;
    }
    if (KernelMessage.isClearOutputMsg(message)) {
      this._clear(model, message.content.wait);
    } else if (
      KernelMessage.isStreamMsg(message) ||
      KernelMessage.isDisplayDataMsg(message) ||
      KernelMessage.isExecuteResultMsg(message) ||
      KernelMessage.isErrorMsg(message)
    ) {
      this._add(model, message);
    }
  }

  private _add(
    model: ICodeCellModel,
    message:
      | KernelMessage.IStreamMsg
      | KernelMessage.IDisplayDataMsg
      | KernelMessage.IExecuteResultMsg
      | KernelMessage.IErrorMsg
  ): void {
    const run = this._runs.get(model.id);
    if (run !== undefined) {
      run.isFull = false;
    }
    // As JupyterLab does for a run: what this kernel shows now is of the user's making.
    model.trusted = true;
    model.outputs.add({
      ...message.content,
      output_type: message.header.msg_type
    });
    if (KernelMessage.isDisplayDataMsg(message)) {
      this._displays.add(message, model.outputs);
    }
  }

  private _clear(model: ICodeCellModel, wait: boolean): void {
    const run = this._runs.get(model.id);
    if (run !== undefined && !wait) {
      run.isFull = false;
    }
    model.outputs.clear(wait);
  }

  private _find(id: string): ICodeCellModel | undefined {
    for (const model of this._panel.content.model?.cells ?? []) {
      if (model.id === id && isCodeCellModel(model)) {
        return model;
      }
    }
    return undefined;
  }

  /** Whether JupyterLab itself shows the message, as an answer to the cell's request. */
  private _isOwned(id: string, message: KernelMessage.IIOPubMessage): boolean {
    const cell = this._panel.content.widgets.find(widget => widget.model.id === id);
    const future = (cell as CodeCell | undefined)?.outputArea?.future;
    return (
      future !== undefined &&
      future !== null &&
      !future.isDisposed &&
      future.msg.header.msg_id === parentOf(message)['msg_id']
    );
  }

  /** Whether several pages show the very same model: then only one may write. */
  private get _isShared(): boolean {
    return this._panel.content.model?.collaborative ?? false;
  }

  private _isAddressed(message: KernelMessage.IIOPubMessage): boolean {
    const kernel = this._panel.sessionContext.session?.kernel;
    return kernel?.clientId === parentOf(message)['session'];
  }

  private _onStatusChanged(_: ISessionContext, status: KernelMessage.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._forget();
    }
  }

  /** What was running runs no more. */
  private _forget(): void {
    for (const id of this._runs.keys()) {
      const model = this._find(id);
      if (model !== undefined) {
        model.executionState = 'idle';
      }
    }
    this._runs.clear();
    this._captures.clear();
  }

  private _isDisposed = false;
  private readonly _runs = new Map<string, IRun>();
  private readonly _displays = new Displays();
  private readonly _captures = new Captures();
}

/** Return the parent header, as far as one can rely on it: not at all. */
function parentOf(message: KernelMessage.IIOPubMessage): Record<string, unknown> {
  return message.parent_header as unknown as Record<string, unknown>;
}

function cellOf(message: KernelMessage.IIOPubMessage): string | null {
  const id = parentOf(message)['cell_id'];
  return typeof id === 'string' ? id : null;
}

/** Return what JupyterLab notes of a run in the metadata of its cell. */
function timing(run: IRun, ended: string): Record<string, string> {
  return {
    'iopub.status.busy': run.started,
    'iopub.execute_input': run.inputAt,
    'shell.execute_reply.started': run.started,
    'shell.execute_reply': ended,
    'iopub.status.idle': ended
  };
}
