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

/**
 * Return a notebook with the cells that were just deleted still in it, each after the one
 * that it followed: they may come back by an undo or by pasting what was cut. With a new
 * cell in it, it is returned as it is, since then they may have been merged.
 */
export function withDeleted(told: IContent | null, now: IContent): IContent {
  const ids = new Set(now.cells.map(cell => cell.id));
  const before = new Set(told?.cells.map(cell => cell.id));
  const deleted = told?.cells.filter(cell => !ids.has(cell.id)) ?? [];
  if (told === null || deleted.length === 0 || [...ids].some(id => !before.has(id))) {
    return now;
  }
  const cells = [...now.cells];
  for (const cell of deleted) {
    const previous = told.cells[told.cells.indexOf(cell) - 1];
    cells.splice(cells.findIndex(each => each.id === previous?.id) + 1, 0, cell);
  }
  return { ...now, cells };
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
