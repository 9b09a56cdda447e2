/**
 * The outputs of a rerun take the place of those that are shown, one by one: what comes
 * out as before stays on the page as it is, with its scroll position and its widgets.
 */
import { JSONExt } from '@lumino/coreutils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/** An output, as in a notebook file. */
export type Output = ReadonlyPartialJSONObject;

/** Where outputs are shown. */
export interface IShown {
  readonly length: number;
  get(index: number): Output;
  set(index: number, output: Output): void;
  add(output: Output): void;
  /** Show these outputs and no others. */
  reset(outputs: readonly Output[]): void;
}

/** Writes the outputs of one rerun over those that are shown. */
export class Overwriter {
  constructor(private readonly _shown: IShown) {}

  /** Show the next output. */
  write(output: Output): void {
    if (output['output_type'] !== 'stream') {
      this._endStream();
      this._put(output);
      this._next += 1;
      return;
    }
    if (this._stream?.['name'] !== output['name']) {
      this._endStream();
    }
    const before = this._stream === undefined ? '' : textOf(this._stream);
    this._stream = { ...output, text: onScreen(before + textOf(output)) };
    if (!this._mayBecomeShown(this._stream)) {
      this._put(this._stream);
    }
  }

  /** Do as `clear_output` asks: with `wait`, what comes next overwrites what is there. */
  clear(wait: boolean): void {
    this._next = 0;
    this._stream = undefined;
    if (!wait) {
      this._cut();
    }
  }

  /** Remove what the rerun did not come to write again. */
  end(): void {
    this._endStream();
    this._cut();
  }

  private _endStream(): void {
    if (this._stream !== undefined) {
      this._put(this._stream);
      this._next += 1;
      this._stream = undefined;
    }
  }

  private _put(output: Output): void {
    if (hasDisplayId(output)) {
      // Who updates it later finds it by its place, so it gets one of its own.
      this._cut();
    }
    if (this._next >= this._shown.length) {
      this._shown.add(output);
    } else if (!isEqual(this._shown.get(this._next), output)) {
      if (isWidget(output)) {
        // The renderer of widgets cannot take a second one.
        this._shown.set(this._next, NOTHING);
      }
      this._shown.set(this._next, output);
    }
  }

  /** Remove all that is shown after what was written. */
  private _cut(): void {
    if (this._next < this._shown.length) {
      const kept = Array.from({ length: this._next }, (_, index) =>
        this._shown.get(index)
      );
      this._shown.reset(kept);
    }
  }

  /** Whether a stream may still come to be the one that is shown. */
  private _mayBecomeShown(stream: Output): boolean {
    if (this._next >= this._shown.length) {
      return false;
    }
    const shown = this._shown.get(this._next);
    return (
      shown['output_type'] === 'stream' &&
      shown['name'] === stream['name'] &&
      textOf(shown).startsWith(textOf(stream))
    );
  }

  private _next = 0;
  private _stream: Output | undefined;
}

const WIDGET = 'application/vnd.jupyter.widget-view+json';
const NOTHING: Output = {
  output_type: 'display_data',
  data: { 'text/plain': '' },
  metadata: {}
};

function isWidget(output: Output): boolean {
  const data = output['data'] as ReadonlyPartialJSONObject | undefined;
  return data?.[WIDGET] !== undefined;
}

function hasDisplayId(output: Output): boolean {
  const transient = output['transient'] as ReadonlyPartialJSONObject | undefined;
  return transient?.['display_id'] !== undefined;
}

function isEqual(one: Output, other: Output): boolean {
  return JSONExt.deepEqual(saved(one), saved(other));
}

/** Return an output without what is in no notebook file. */
function saved(output: Output): Output {
  const { transient: _transient, ...rest } = output;
  return rest['output_type'] === 'stream' ? { ...rest, text: textOf(rest) } : rest;
}

function textOf(stream: Output): string {
  const text = stream['text'];
  return Array.isArray(text) ? text.join('') : typeof text === 'string' ? text : '';
}

/**
 * Return a text as a terminal would show it: a carriage return goes back to the
 * beginning of the line, a backspace one character.
 */
export function onScreen(text: string): string {
  if (!/[\r\b]/.test(text)) {
    return text;
  }
  return text.replace(/\r+\n/g, '\n').split('\n').map(lineOnScreen).join('\n');
}

function lineOnScreen(line: string): string {
  let shown = '';
  let column = 0;
  for (const part of line.split(/([\r\b])/)) {
    if (part === '\r') {
      column = 0;
    } else if (part === '\b') {
      column = Math.max(column - 1, 0);
    } else {
      shown = shown.slice(0, column) + part + shown.slice(column + part.length);
      column += part.length;
    }
  }
  // A carriage return at the end: what comes next overwrites the line.
  return line.endsWith('\r') ? `${shown}\r` : shown;
}
