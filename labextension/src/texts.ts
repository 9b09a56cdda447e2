/** Places in a text: between the kernel's lines and columns, and offsets. Pure. */
import type { IRange } from './protocol';

/** Where a range begins and ends, counted in UTF-16 units as editors do. */
export interface ISpan {
  readonly from: number;
  readonly to: number;
}

/** Return a range as offsets into a text; null if the text has no such range. */
export function spanOf(text: string, range: IRange): ISpan | null {
  const from = offsetOf(text, range.line, range.column);
  const to = offsetOf(text, range.endLine, range.endColumn);
  return from === null || to === null || to < from ? null : { from, to };
}

function offsetOf(text: string, line: number, column: number): number | null {
  let start = 0;
  for (let at = 1; at < line; at++) {
    start = text.indexOf('\n', start) + 1;
    if (start === 0) {
      return null;
    }
  }
  const end = text.indexOf('\n', start);
  const characters = [...text.slice(start, end < 0 ? undefined : end)];
  if (column > characters.length) {
    return null;
  }
  return start + characters.slice(0, column).join('').length;
}

/** Return line and column, as the kernel counts them, of an offset. */
export function placeOf(
  text: string,
  offset: number
): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: [...(before.at(-1) ?? '')].length };
}

/** A word of a text. */
export interface IWord extends ISpan {
  readonly text: string;
}

/** Return the identifier at an offset, or that ends there. */
export function wordAt(text: string, offset: number): IWord | null {
  for (const match of text.matchAll(/[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*/gu)) {
    const to = match.index + match[0].length;
    if (match.index <= offset && offset <= to) {
      return { text: match[0], from: match.index, to };
    }
  }
  return null;
}

/** An edit of a text. */
export interface IReplacement {
  readonly range: IRange;
  readonly text: string;
}

/** Return the replacements as offsets, last first; null if one does not fit the text. */
export function spansOf(
  text: string,
  edits: readonly IReplacement[]
): (ISpan & { text: string })[] | null {
  const found = edits.map(edit => {
    const span = spanOf(text, edit.range);
    return span && { ...span, text: edit.text };
  });
  const fitting = found.filter(each => each !== null);
  return fitting.length < found.length ? null : fitting.sort((a, b) => b.from - a.from);
}
