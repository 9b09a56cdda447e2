/**
 * The cells of a notebook as a graph, and how to call them: what the views of it show.
 * Pure.
 */
import type { ILink } from './layout';
import type { ICellState, IFix, StateName } from './protocol';

/** The part of a model that is needed here. */
export interface ICells {
  readonly order: readonly string[];
  readonly cells: ReadonlyMap<string, ICellState>;
}

/** A neighbour of a cell, and the names that pass between them. */
export interface INeighbour {
  readonly id: string;
  readonly names: readonly string[];
}

/** The glyph of each state: the same as in front of the cells (style/marks.css). */
export const GLYPHS: Readonly<Record<StateName, string>> = {
  new: '◦',
  fresh: '✓',
  frozen: '◆',
  stale: '◌',
  queued: '○',
  running: '●',
  error: '▲',
  blocked: '■',
  disabled: '□'
};

/** Return what to call a cell: `In[3]`, or its place if it was not run. */
export function cellName(model: ICells, id: string): string {
  return called(model.cells.get(id), model.order.indexOf(id));
}

/** Return what to call each cell. */
export function cellNames(model: ICells): Map<string, string> {
  return new Map(
    model.order.map((id, place) => [id, called(model.cells.get(id), place)])
  );
}

function called(cell: ICellState | undefined, place: number): string {
  const count = cell?.lastRun?.count ?? null;
  if (count !== null) {
    return `In[${count}]`;
  }
  return place < 0 ? 'another notebook' : `cell ${place + 1}`;
}

/** Return what a cell is about: what it defines or changes, or else how it begins. */
export function cellTopic(cell: ICellState | undefined, source: string): string {
  const names = [...(cell?.defines ?? []), ...(cell?.mutates ?? [])];
  const words = [...new Set(names)].filter(isIdentifier).join(', ');
  const first = source.split('\n').find(line => line.trim() !== '') ?? '';
  return words || first.trim();
}

/** Return a text in at most so many characters. */
export function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** A name that is no identifier stands for a file, a setting or a module. */
export function isIdentifier(name: string): boolean {
  return !/[\s.]/.test(name);
}

/** Return the cells that a cell takes names from, in document order. */
export function inputs(model: ICells, id: string): INeighbour[] {
  const found = new Map<string, string[]>();
  for (const [name, writer] of model.cells.get(id)?.uses ?? []) {
    if (writer !== null && writer !== id) {
      found.set(writer, [...(found.get(writer) ?? []), name]);
    }
  }
  return inOrder(model, found);
}

/** Return the cells that take names from a cell, in document order. */
export function dependents(model: ICells, id: string): INeighbour[] {
  const found = new Map<string, string[]>();
  for (const [reader, cell] of model.cells) {
    const names = [...cell.uses].filter(([, writer]) => writer === id);
    if (names.length > 0 && reader !== id) {
      found.set(
        reader,
        names.map(([name]) => name)
      );
    }
  }
  return inOrder(model, found);
}

function inOrder(model: ICells, found: ReadonlyMap<string, string[]>): INeighbour[] {
  const place = new Map(model.order.map((id, index) => [id, index]));
  return [...found]
    .map(([id, names]) => ({ id, names }))
    .sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
}

/** Return all edges. */
export function links(model: ICells): ILink[] {
  const found: ILink[] = [];
  for (const [to, cell] of model.cells) {
    for (const from of new Set(cell.uses.values())) {
      if (from !== null && from !== to) {
        found.push({ from, to });
      }
    }
  }
  return found;
}

/** Return a cell with all that it depends on, directly or through others. */
export function slice(model: ICells, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  const pending = [id];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const writer of model.cells.get(at)?.uses.values() ?? []) {
      if (writer !== null && !found.has(writer)) {
        found.add(writer);
        pending.push(writer);
      }
    }
  }
  return found;
}

/** Return a cell, its state and its neighbours in one sentence, to be read out. */
export function description(model: ICells, id: string, topic: string): string {
  const said = ({ id, names }: INeighbour) =>
    `${names.join(', ')} ${cellName(model, id)}`;
  const from = inputs(model, id).map(said).join('; ');
  const to = dependents(model, id)
    .map(({ id }) => cellName(model, id))
    .join(', ');
  const state = model.cells.get(id)?.state ?? 'new';
  return [
    `${cellName(model, id)}: ${topic}`,
    state,
    from ? `takes ${from}` : 'takes nothing from other cells',
    to ? `used by ${to}` : 'used by no cell'
  ].join('. ');
}

/**
 * Return the text of a fix that lists names, with those that cells have begun to take
 * from this one since the kernel told it.
 */
export function fixText(model: ICells, id: string, fix: IFix, source: string): string {
  const names = fix.text.split(', ');
  if (!names.every(name => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name))) {
    return fix.text;
  }
  const taken = dependents(model, id).flatMap(({ names }) => names);
  const own = new Set(source.match(/[\p{L}\p{N}_]+/gu));
  const added = taken.filter(name => isIdentifier(name) && !own.has(name));
  return [...new Set([...names, ...added])].sort().join(', ');
}
