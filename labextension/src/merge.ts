/**
 * What becomes of an open notebook when its file was changed by somebody else. Pure.
 *
 * Each cell is compared with what it was when file and notebook were last the same: a
 * change on one side is taken, and where both sides changed a cell, both texts stay.
 */
export interface IText {
  readonly id: string;
  readonly type: string;
  readonly source: string;
}

/** A cell of the merged notebook: whose text it has. */
export interface IMergedCell {
  readonly id: string;
  readonly from: 'notebook' | 'file';
  /** The text that the file has for it; it stands in a cell of its own below. */
  readonly other?: string;
}

/** Return the cells of the merged notebook, in order. */
export function merge(
  base: readonly IText[],
  notebook: readonly IText[],
  file: readonly IText[]
): IMergedCell[] {
  const before = byId(base);
  const here = byId(notebook);
  const there = byId(file);
  const merged = new Map<string, IMergedCell>();
  for (const id of new Set([...here.keys(), ...there.keys()])) {
    const cell = mergedCell(id, before.get(id), here.get(id), there.get(id));
    if (cell !== null) {
      merged.set(id, cell);
    }
  }
  const moved = !sameOrder(base, file);
  const [first, second] = moved ? [file, notebook] : [notebook, file];
  return interleaved(first, second)
    .map(id => merged.get(id))
    .filter(cell => cell !== undefined);
}

function mergedCell(
  id: string,
  before: IText | undefined,
  here: IText | undefined,
  there: IText | undefined
): IMergedCell | null {
  if (here === undefined) {
    // It is new in the file, or was deleted here.
    return before && same(before, there) ? null : { id, from: 'file' };
  }
  if (there === undefined) {
    return before && same(before, here) ? null : { id, from: 'notebook' };
  }
  if (same(here, there) || same(before, there)) {
    return { id, from: 'notebook' };
  }
  return same(before, here)
    ? { id, from: 'file' }
    : { id, from: 'notebook', other: there.source };
}

function same(one: IText | undefined, other: IText | undefined): boolean {
  return one?.source === other?.source && one?.type === other?.type;
}

function byId(cells: readonly IText[]): Map<string, IText> {
  return new Map(cells.map(cell => [cell.id, cell]));
}

/** Return whether the cells that both have are in the same order. */
function sameOrder(one: readonly IText[], other: readonly IText[]): boolean {
  const [ids, others] = [byId(one), byId(other)];
  const left = one.filter(cell => others.has(cell.id));
  const right = other.filter(cell => ids.has(cell.id));
  return left.every((cell, index) => cell.id === right[index]?.id);
}

/** Return the ids of the first, and those of the second behind what they stand behind. */
function interleaved(first: readonly IText[], second: readonly IText[]): string[] {
  const ids = first.map(cell => cell.id);
  let place = 0;
  for (const { id } of second) {
    const found = ids.indexOf(id);
    if (found < 0) {
      ids.splice(place, 0, id);
      place += 1;
    } else {
      place = found + 1;
    }
  }
  return ids;
}
