/**
 * Where the cells of a graph are drawn: in layers, each below all that it takes names
 * from. Pure, and fast enough to be done again whenever an edge changes.
 *
 * Three passes, as usual for layered graphs: layers by the longest path, with points for
 * edges that cross layers; an order in each layer that keeps neighbours together; and
 * places that are as near to the neighbours as the order allows.
 */

/** An edge: `to` takes something from `from`. */
export interface ILink {
  readonly from: string;
  readonly to: string;
}

export interface IPoint {
  readonly x: number;
  readonly y: number;
}

export interface ILayout {
  readonly width: number;
  readonly height: number;
  /** The centre of each cell's box. */
  readonly boxes: ReadonlyMap<string, IPoint>;
  /** The cells by layer, each from left to right; those without edges come last. */
  readonly layers: readonly (readonly string[])[];
  /** Each edge with the points that it goes through. */
  readonly routes: readonly (ILink & { readonly points: readonly IPoint[] })[];
}

export const BOX = { width: 156, height: 42 };
const GAP = { x: 18, y: 40 };
/** The width that an edge needs which passes between boxes. */
const LANE = 14;
const SWEEPS = 4;
/** Points within edges; where there would be more, long edges are drawn straight. */
const POINTS_LIMIT = 12_000;
/** Cells without edges in one row. */
const ROW = 3;

/** A box, or a point of an edge that passes through a layer. */
interface ISpot {
  readonly id: string | null;
  readonly above: ISpot[];
  readonly below: ISpot[];
  readonly layer: number;
  place: number;
  x: number;
}

/**
 * Return where to draw the cells.
 *
 * @param ids - All cells, in document order, which breaks ties.
 * @param links - The edges; of a cycle, those against the document are drawn upwards.
 */
export function layout(ids: readonly string[], links: readonly ILink[]): ILayout {
  const known = new Set(ids);
  const edges = links.filter(
    ({ from, to }) => from !== to && known.has(from) && known.has(to)
  );
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const connected = ids.filter(id => linked.has(id));
  const layerOf = layersOf(connected, edges);
  const { layers, spots, passes } = arranged(connected, edges, layerOf);
  sweep(layers, order);
  sweep(layers, settle);
  return drawn(ids, layers, spots, edges, passes);
}

/** Return the layer of each cell: below all it reads, and just above its first reader. */
function layersOf(
  ids: readonly string[],
  edges: readonly ILink[]
): Map<string, number> {
  const readers = new Map<string, string[]>(ids.map(id => [id, []]));
  const waiting = new Map<string, number>(ids.map(id => [id, 0]));
  for (const { from, to } of edges) {
    readers.get(from)?.push(to);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
  }
  const layer = new Map<string, number>();
  const roots = new Set(ids.filter(id => waiting.get(id) === 0));
  const ready = [...roots];
  const left = new Set(ids);
  while (left.size > 0) {
    // In a cycle nothing is ready: it is entered at its first cell.
    const [first] = left;
    const id = ready.pop() ?? first ?? '';
    if (!left.delete(id)) {
      continue;
    }
    const at = layer.get(id) ?? 0;
    layer.set(id, at);
    for (const reader of readers.get(id) ?? []) {
      if (left.has(reader)) {
        layer.set(reader, Math.max(layer.get(reader) ?? 0, at + 1));
        waiting.set(reader, (waiting.get(reader) ?? 0) - 1);
        if (waiting.get(reader) === 0) {
          ready.push(reader);
        }
      }
    }
  }
  for (const id of roots) {
    const below = (readers.get(id) ?? []).map(reader => layer.get(reader) ?? 1);
    layer.set(id, Math.max(0, Math.min(...below) - 1));
  }
  return layer;
}

interface IArranged {
  readonly layers: ISpot[][];
  readonly spots: ReadonlyMap<string, ISpot>;
  /** For each edge, the points that it goes through. */
  readonly passes: ISpot[][];
}

/** Put boxes, and points of long edges, into their layers. */
function arranged(
  ids: readonly string[],
  edges: readonly ILink[],
  layerOf: ReadonlyMap<string, number>
): IArranged {
  const layers: ISpot[][] = [];
  const add = (id: string | null, layer: number): ISpot => {
    const row = (layers[layer] ??= []);
    const spot = { id, above: [], below: [], layer, place: row.length, x: 0 };
    row.push(spot);
    return spot;
  };
  const spots = new Map(ids.map(id => [id, add(id, layerOf.get(id) ?? 0)]));
  let budget = POINTS_LIMIT;
  const passes = edges.map(({ from, to }) => {
    const start = spots.get(from) as ISpot;
    const end = spots.get(to) as ISpot;
    const span = end.layer - start.layer - 1;
    const points: ISpot[] = [];
    if (span > 0 && span <= budget) {
      budget -= span;
      for (let layer = start.layer + 1; layer < end.layer; layer++) {
        points.push(add(null, layer));
      }
    }
    join([start, ...points, end]);
    return points;
  });
  return { layers, spots, passes };
}

function join(path: readonly ISpot[]): void {
  path.slice(1).forEach((spot, index) => {
    const before = path[index] as ISpot;
    if (before.layer < spot.layer) {
      before.below.push(spot);
      spot.above.push(before);
    }
  });
}

type Pass = (row: ISpot[], neighbours: (spot: ISpot) => ISpot[]) => void;

/** Go through the layers downwards and upwards, looking at the neighbours passed. */
function sweep(layers: ISpot[][], pass: Pass): void {
  for (let turn = 0; turn < SWEEPS; turn++) {
    layers.forEach(row => pass(row, spot => spot.above));
    for (const row of [...layers].reverse()) {
      pass(row, spot => spot.below);
    }
  }
  layers.forEach(row => pass(row, spot => [...spot.above, ...spot.below]));
}

/** Sort a layer by where the neighbours are on average. */
function order(row: ISpot[], neighbours: (spot: ISpot) => ISpot[]): void {
  const wanted = new Map(
    row.map(spot => [spot, mean(neighbours(spot), near => near.place) ?? spot.place])
  );
  row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
  row.forEach((spot, place) => (spot.place = place));
}

/**
 * Move each of a layer as near to its neighbours as the order allows: the least sum of
 * squares, by joining those that would overlap into blocks that move together.
 */
function settle(row: ISpot[], neighbours: (spot: ISpot) => ISpot[]): void {
  const blocks: { sum: number; size: number }[] = [];
  let offset = 0;
  const offsets = row.map((spot, index) => {
    const before = row[index - 1];
    offset += before === undefined ? 0 : distance(before, spot);
    const wanted = mean(neighbours(spot), near => near.x) ?? spot.x;
    let block = { sum: wanted - offset, size: 1 };
    for (
      let last = blocks.at(-1);
      last && last.sum / last.size >= block.sum / block.size;
    ) {
      block = { sum: last.sum + block.sum, size: last.size + block.size };
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
    return offset;
  });
  let index = 0;
  for (const { sum, size } of blocks) {
    for (const end = index + size; index < end; index++) {
      (row[index] as ISpot).x = sum / size + (offsets[index] as number);
    }
  }
}

function distance(left: ISpot, right: ISpot): number {
  const half = (spot: ISpot) => (spot.id === null ? LANE : BOX.width + GAP.x) / 2;
  return half(left) + half(right);
}

function mean(spots: readonly ISpot[], value: (spot: ISpot) => number): number | null {
  if (spots.length === 0) {
    return null;
  }
  return spots.reduce((sum, spot) => sum + value(spot), 0) / spots.length;
}

/** Turn places into coordinates from 0 on, with the cells without edges below. */
function drawn(
  ids: readonly string[],
  layers: readonly ISpot[][],
  spots: ReadonlyMap<string, ISpot>,
  edges: readonly ILink[],
  passes: readonly ISpot[][]
): ILayout {
  const all = layers.flat();
  const left = Math.min(0, ...all.map(spot => spot.x)) - BOX.width / 2;
  const point = (spot: ISpot): IPoint => ({
    x: spot.x - left,
    y: spot.layer * (BOX.height + GAP.y) + BOX.height / 2
  });
  const boxes = new Map([...spots].map(([id, spot]) => [id, point(spot)]));
  const alone = ids.filter(id => !spots.has(id));
  const top = layers.length * (BOX.height + GAP.y);
  const rows: string[][] = [];
  alone.forEach((id, index) => {
    const [row, column] = [Math.floor(index / ROW), index % ROW];
    (rows[row] ??= []).push(id);
    boxes.set(id, {
      x: column * (BOX.width + GAP.x) + BOX.width / 2,
      y: top + row * (BOX.height + GAP.x) + BOX.height / 2
    });
  });
  const places = [...boxes.values()];
  return {
    width: Math.max(0, ...places.map(({ x }) => x + BOX.width / 2)),
    height: Math.max(0, ...places.map(({ y }) => y + BOX.height / 2)),
    boxes,
    layers: [
      ...layers.map(row => row.flatMap(({ id }) => (id === null ? [] : [id]))),
      ...rows
    ],
    routes: edges.map(({ from, to }, index) => ({
      from,
      to,
      points: route(
        boxes.get(from) as IPoint,
        (passes[index] as ISpot[]).map(point),
        boxes.get(to) as IPoint
      )
    }))
  };
}

/** Return the points of an edge, from the edge of one box to the edge of the other. */
function route(from: IPoint, between: readonly IPoint[], to: IPoint): IPoint[] {
  const down = to.y >= from.y ? BOX.height / 2 : -BOX.height / 2;
  return [{ x: from.x, y: from.y + down }, ...between, { x: to.x, y: to.y - down }];
}

/** Return the data of a path through points, which leaves and enters vertically. */
export function pathThrough(points: readonly IPoint[]): string {
  const [first, ...rest] = points;
  if (first === undefined) {
    return '';
  }
  let before = first;
  const curves = rest.map(point => {
    const middle = (before.y + point.y) / 2;
    const curve = `C${[before.x, middle, point.x, middle, point.x, point.y].map(Math.round).join(' ')}`;
    before = point;
    return curve;
  });
  return `M${Math.round(first.x)} ${Math.round(first.y)}${curves.join('')}`;
}
