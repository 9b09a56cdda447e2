/**
 * One open comm: sends to the kernel and hears from it.
 *
 * JupyterLab's own comms are not used, as they fail in two cases. Of several connections
 * to one kernel in a page only the first may have comms, so a second notebook on the
 * kernel could not. And before 4.6 all kernels of a page share one subshell per comm
 * target, so what is sent to the second kernel is lost.
 */
import { CommsOverSubshells, KernelMessage } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { openMessage, TARGET } from './protocol';

/**
 * Milliseconds to wait for a subshell; then messages go over the main shell. JupyterLab
 * holds messages to a busy kernel back for three seconds after a page is opened.
 */
const SUBSHELL_PATIENCE = 10_000;

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
    private readonly _onMessage: (data: unknown) => void
  ) {
    kernel.iopubMessage.connect(this._hear, this);
    this._post('comm_open', { target_name: TARGET, data: openMessage(notebook) });
  }

  get isDisposed(): boolean {
    return this._isDisposed || this.kernel.isDisposed;
  }

  /** Stop listening, without a word: the kernel is gone. */
  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  send(data: JSONObject): void {
    if (!this.isDisposed) {
      this._post('comm_msg', { data });
    }
  }

  /** Tell the kernel that nobody listens any more. */
  close(): void {
    if (!this.isDisposed && this.kernel.status !== 'dead') {
      this._post('comm_close', { data: {} });
      if (this._subshell !== null) {
        deleteSubshell(this.kernel, this._subshell);
      }
    }
    this.dispose();
  }

  private _hear(
    _: Kernel.IKernelConnection,
    message: KernelMessage.IIOPubMessage
  ): void {
    if (KernelMessage.isCommMsgMsg(message)) {
      if (message.content.comm_id === this._id) {
        this._onMessage(message.content.data);
      }
    }
  }

  private _post(
    msgType: 'comm_open' | 'comm_msg' | 'comm_close',
    content: JSONObject
  ): void {
    const message = KernelMessage.createMessage<KernelMessage.ICommMsgMsg<'shell'>>({
      // The three have one shape, but a type each.
      msgType: msgType as 'comm_msg',
      channel: 'shell',
      username: this.kernel.username,
      session: this.kernel.clientId,
      subshellId: this._subshell ?? undefined,
      content: {
        comm_id: this._id,
        ...content
      } as KernelMessage.ICommMsgMsg<'shell'>['content']
    });
    this.kernel.sendShellMessage(message, false, true);
  }

  private readonly _id = UUID.uuid4();
  private _isDisposed = false;
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
  const patience = new Promise<null>(resolve => {
    setTimeout(() => resolve(null), SUBSHELL_PATIENCE);
    void kernel.info.then(() => kernel.supportsSubshells || resolve(null));
  });
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
