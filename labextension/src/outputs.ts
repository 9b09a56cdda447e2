/**
 * Outputs of reruns reach their cell, also where no request of this page stands behind
 * them: after a reload, in a second tab, after cut and paste, undo or a restart.
 *
 * JupyterLab shows what answers a request that it remembers, under the cell that sent it,
 * and clears that cell before. Here the kernel says in the parent header which cell an
 * output belongs to (docs/protocol.md, "Outputs after a reload"), and it is written over
 * what the cell shows, so what comes out as before stays as it is. Outputs are written to
 * the cell's model; the cell need not be on the page.
 */
import { isCodeCellModel } from '@jupyterlab/cells';
import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Captures } from './captures';
import { cellWidget } from './cells';
import { Displays } from './displays';
import { Overwriter } from './overwrite';
import type { IShown } from './overwrite';

/** A rerun that is going on. */
interface IRun {
  readonly started: string;
  /** Puts the outputs where those of the run before are. */
  readonly overwriter: Overwriter | null;
  /** Lets JupyterLab show again what answers the request, if it remembers that. */
  readonly release: () => void;
  inputAt: string;
  count: number | null;
  code: string | null;
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
    } else {
      this._output(model, message, owned);
    }
  }

  /** The kernel reruns a cell; nothing else begins with the cell's id in the header. */
  private _begin(
    model: ICodeCellModel,
    message: KernelMessage.IIOPubMessage,
    owned: boolean
  ): IRun {
    const started = message.header.date;
    // A document that several pages share takes outputs at its end only: what is set or
    // removed in the middle comes out differently on each.
    const overwriter = this._isShared ? null : new Overwriter(shown(model));
    const run = {
      started,
      overwriter,
      release:
        owned && overwriter !== null ? this._takeOver(model.id) : () => undefined,
      inputAt: started,
      count: null,
      code: null
    };
    this._runs.set(model.id, run);
    model.executionState = 'running';
    return run;
  }

  /** Keep outputs from the cell, which would clear itself; return what undoes this. */
  private _takeOver(id: string): () => void {
    const future = this._future(id);
    const hook = (message: KernelMessage.IIOPubMessage): boolean => !isShown(message);
    future?.registerMessageHook(hook);
    return () => {
      if (future !== undefined && !future.isDisposed) {
        future.removeMessageHook(hook);
      }
    };
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
    run.release();
    run.overwriter?.end();
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

  private _output(
    model: ICodeCellModel,
    message: KernelMessage.IIOPubMessage,
    owned: boolean
  ): void {
    const overwriter = this._runs.get(model.id)?.overwriter ?? null;
    if (owned && overwriter === null) {
      return; // JupyterLab shows it.
    }
    if (this._captures.isCaptured(message)) {
      if (!owned && this._isAddressed(message)) {
        this._captures.deliver(message, this._panel.sessionContext.session?.kernel);
      }
    } else if (KernelMessage.isClearOutputMsg(message)) {
      const { wait } = message.content;
      if (overwriter === null) {
        model.outputs.clear(wait);
      } else {
        overwriter.clear(wait);
      }
    } else if (isShown(message)) {
      this._add(model, message, overwriter);
    }
  }

  private _add(
    model: ICodeCellModel,
    message: KernelMessage.IIOPubMessage,
    overwriter: Overwriter | null
  ): void {
    // As JupyterLab does for a run: what this kernel shows now is of the user's making.
    model.trusted = true;
    const output = {
      ...message.content,
      output_type: message.header.msg_type
    } as unknown as IOutput;
    if (overwriter === null) {
      model.outputs.add(output);
    } else {
      overwriter.write(output);
    }
    if (KernelMessage.isDisplayDataMsg(message)) {
      this._displays.add(message, model.outputs);
    }
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
    const future = this._future(id);
    return (
      future !== undefined &&
      !future.isDisposed &&
      future.msg.header.msg_id === parentOf(message)['msg_id']
    );
  }

  /** The cell's last request, if this page has sent it. */
  private _future(id: string): CodeCell['outputArea']['future'] | undefined {
    const cell = cellWidget(this._panel, id);
    return (cell as CodeCell | undefined)?.outputArea?.future ?? undefined;
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
    for (const [id, run] of this._runs) {
      run.release();
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

/** Return the outputs of a cell as the `Overwriter` sees them. */
function shown(model: ICodeCellModel): IShown {
  const { outputs } = model;
  return {
    get length(): number {
      return outputs.length;
    },
    get: index => outputs.get(index).toJSON(),
    set: (index, output) => outputs.set(index, output as IOutput),
    add: output => outputs.add(output as IOutput),
    reset: kept => outputs.fromJSON(kept as IOutput[])
  };
}

/** Whether a message changes what a cell shows. */
function isShown(message: KernelMessage.IIOPubMessage): boolean {
  return (
    KernelMessage.isStreamMsg(message) ||
    KernelMessage.isDisplayDataMsg(message) ||
    KernelMessage.isExecuteResultMsg(message) ||
    KernelMessage.isErrorMsg(message) ||
    KernelMessage.isClearOutputMsg(message)
  );
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
