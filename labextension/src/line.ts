/**
 * One open comm: sends to the kernel and hears from it.
 *
 * Messages go over a subshell of the comm's own, so that the kernel answers while a cell
 * runs. JupyterLab's own way (`comm.send`) is not used: before 4.6 all kernels of a page
 * share one subshell id per target there, so that messages to the second kernel are lost.
 */
import { CommsOverSubshells, KernelMessage } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { openMessage, TARGET } from './protocol';

/** Milliseconds to wait for a subshell; then messages go over the main shell. */
const SUBSHELL_PATIENCE = 2000;

export class Line implements IDisposable {
  /**
   * Open a comm.
   *
   * @param kernel - A kernel that knows our target.
   * @param notebook - A name for the notebook.
   * @param onMessage - Called with the data of each message of the kernel.
   */
  static async open(
    kernel: Kernel.IKernelConnection,
    notebook: string,
    onMessage: (data: unknown) => void
  ): Promise<Line> {
    return new Line(kernel, await startSubshell(kernel), notebook, onMessage);
  }

  private constructor(
    readonly kernel: Kernel.IKernelConnection,
    private readonly _subshell: string | null,
    notebook: string,
    onMessage: (data: unknown) => void
  ) {
    this._comm = kernel.createComm(TARGET);
    this._comm.onMsg = message => onMessage(message.content.data);
    this._post('comm_open', {
      comm_id: this._comm.commId,
      target_name: TARGET,
      data: openMessage(notebook)
    });
  }

  /** The kernel restarted, went or closed the comm, or we did. */
  get isDisposed(): boolean {
    return this._comm.isDisposed || this.kernel.isDisposed;
  }

  send(data: JSONObject): void {
    if (!this.isDisposed) {
      this._post('comm_msg', { comm_id: this._comm.commId, data });
    }
  }

  /** Close the comm; tell the kernel if it is still there. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._post('comm_close', { comm_id: this._comm.commId, data: {} });
    if (this._subshell !== null && this.kernel.status !== 'dead') {
      deleteSubshell(this.kernel, this._subshell);
    }
    this._comm.dispose();
  }

  private _post<T extends 'comm_open' | 'comm_msg' | 'comm_close'>(
    msgType: T,
    content: JSONObject
  ): void {
    const message = KernelMessage.createMessage({
      msgType: msgType as 'comm_msg',
      channel: 'shell',
      username: this.kernel.username,
      session: this.kernel.clientId,
      subshellId: this._subshell ?? undefined,
      content: content as KernelMessage.ICommMsgMsg<'shell'>['content']
    });
    this.kernel.sendShellMessage(message, false, true);
  }

  private readonly _comm: Kernel.IComm;
}

/** Return the id of a new subshell; null if the kernel or the user wants none. */
async function startSubshell(kernel: Kernel.IKernelConnection): Promise<string | null> {
  if (kernel.commsOverSubshells === CommsOverSubshells.Disabled) {
    return null;
  }
  const message = KernelMessage.createMessage<KernelMessage.ICreateSubshellRequestMsg>({
    msgType: 'create_subshell_request',
    channel: 'control',
    username: kernel.username,
    session: kernel.clientId,
    content: {}
  });
  // Not `requestCreateSubshell`: that waits for a reply of the main shell first, which a
  // kernel gives only after the running cell.
  const future = kernel.sendControlMessage(message, true, true);
  const patience = new Promise<null>(resolve =>
    setTimeout(() => resolve(null), SUBSHELL_PATIENCE)
  );
  const reply = future.done.then(
    ({ content }) => ('subshell_id' in content ? String(content.subshell_id) : null),
    () => null
  );
  return Promise.race([reply, patience]);
}

function deleteSubshell(kernel: Kernel.IKernelConnection, subshell: string): void {
  const message = KernelMessage.createMessage<KernelMessage.IDeleteSubshellRequestMsg>({
    msgType: 'delete_subshell_request',
    channel: 'control',
    username: kernel.username,
    session: kernel.clientId,
    content: { subshell_id: subshell }
  });
  kernel.sendControlMessage(message, false, true);
}
