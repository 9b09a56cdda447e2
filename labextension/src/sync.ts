/**
 * Which messages keep the kernel in step with a notebook: the least that turns what it
 * was told into what there is now. Pure.
 */
import { JSONExt } from '@lumino/coreutils';
import type { JSONObject } from '@lumino/coreutils';

import { editMessage, notebookMessage, orderMessage } from './protocol';
import type { ICellContent, IContent } from './protocol';

/**
 * Return the messages to send.
 *
 * Only `notebook` can tell of new cells and of the notebook's own settings; `order` tells
 * of moves and deletions, `edit` of texts and settings of cells.
 */
export function difference(told: IContent | null, now: IContent): JSONObject[] {
  const before = new Map(told?.cells.map(cell => [cell.id, cell]));
  if (
    told === null ||
    !sameSettings(told.settings, now.settings) ||
    now.cells.some(cell => !before.has(cell.id))
  ) {
    return [notebookMessage(now)];
  }
  const messages: JSONObject[] = [];
  if (!sameOrder(told.cells, now.cells)) {
    messages.push(orderMessage(now.cells.map(cell => cell.id)));
  }
  const edited = now.cells.filter(cell => isEdited(before.get(cell.id), cell));
  if (edited.length > 0) {
    messages.push(editMessage(edited));
  }
  return messages;
}

function isEdited(before: ICellContent | undefined, now: ICellContent): boolean {
  return before?.source !== now.source || !sameSettings(before.settings, now.settings);
}

function sameOrder(a: readonly ICellContent[], b: readonly ICellContent[]): boolean {
  return a.length === b.length && a.every((cell, index) => cell.id === b[index]?.id);
}

function sameSettings(a: JSONObject | undefined, b: JSONObject | undefined): boolean {
  return a === undefined || b === undefined ? a === b : JSONExt.deepEqual(a, b);
}
