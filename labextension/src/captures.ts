/**
 * What is printed inside of `with output:` belongs to that `Output` widget, not to the
 * cell. The widget takes it only from answers to requests of its page; for other answers
 * this does the same by way of the kernel, which tells all views of the widget.
 */
import { KernelMessage } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';
import type { JSONArray, JSONObject, JSONValue } from '@lumino/coreutils';

export class Captures {
  /** Note which widgets capture, and what they show, from any message. */
  follow(message: KernelMessage.IIOPubMessage): void {
    if (!KernelMessage.isCommMsgMsg(message) && !KernelMessage.isCommOpenMsg(message)) {
      return;
    }
    const comm = message.content.comm_id;
    const state = (message.content.data as JSONObject | undefined)?.['state'];
    if (typeof state !== 'object' || state === null || Array.isArray(state)) {
      return;
    }
    if (Array.isArray(state['outputs'])) {
      this._shown.set(comm, state['outputs']);
    }
    if (typeof state['msg_id'] === 'string') {
      this._open.delete(comm);
      if (state['msg_id'] !== '') {
        this._open.set(comm, state['msg_id']);
      }
    }
  }

  /** Return whether an output is printed inside of such a widget. */
  isCaptured(message: KernelMessage.IIOPubMessage): boolean {
    return this._widget(message) !== undefined;
  }

  /** Put an output into the widget that captures it. */
  deliver(
    message: KernelMessage.IIOPubMessage,
    kernel: Kernel.IKernelConnection | null | undefined
  ): void {
    const comm = this._widget(message);
    if (comm === undefined || !kernel) {
      return;
    }
    const outputs = appended(this._shown.get(comm) ?? [], message);
    this._shown.set(comm, outputs);
    const update = KernelMessage.createMessage<KernelMessage.ICommMsgMsg<'shell'>>({
      msgType: 'comm_msg',
      channel: 'shell',
      username: kernel.username,
      session: kernel.clientId,
      content: {
        comm_id: comm,
        data: { method: 'update', state: { outputs }, buffer_paths: [] }
      }
    });
    kernel.sendShellMessage(update, false, true);
  }

  clear(): void {
    this._open.clear();
    this._shown.clear();
  }

  /** Return the innermost widget that captures what answers this request. */
  private _widget(message: KernelMessage.IIOPubMessage): string | undefined {
    const parent = (message.parent_header as Partial<KernelMessage.IHeader>).msg_id;
    const open = [...this._open].filter(([, request]) => request === parent);
    return open[open.length - 1]?.[0];
  }

  /** By comm: the request whose answers the widget captures, in order of entering. */
  private readonly _open = new Map<string, string>();
  /** By comm: the outputs in the widget. */
  private readonly _shown = new Map<string, JSONArray>();
}

/** Return the outputs of a widget after a message, as nbformat has them. */
function appended(shown: JSONArray, message: KernelMessage.IIOPubMessage): JSONArray {
  if (KernelMessage.isClearOutputMsg(message)) {
    return [];
  }
  if (!isOutput(message)) {
    return shown;
  }
  const { transient, ...content } = message.content as JSONObject;
  const output: JSONObject = { ...content, output_type: message.header.msg_type };
  const last = shown[shown.length - 1];
  if (isStream(output) && isStream(last) && output.name === last.name) {
    return [...shown.slice(0, -1), { ...last, text: last.text + output.text }];
  }
  return [...shown, output];
}

type Stream = JSONObject & { name: string; text: string };

function isStream(output: JSONValue | undefined): output is Stream {
  const stream = output as JSONObject | undefined;
  return stream?.['output_type'] === 'stream' && typeof stream['text'] === 'string';
}

function isOutput(message: KernelMessage.IIOPubMessage): boolean {
  return (
    KernelMessage.isStreamMsg(message) ||
    KernelMessage.isDisplayDataMsg(message) ||
    KernelMessage.isExecuteResultMsg(message) ||
    KernelMessage.isErrorMsg(message)
  );
}
