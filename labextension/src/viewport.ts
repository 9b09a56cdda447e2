/** Which part of a drawing is seen, and how large: zoom and pan. Pure. */

export interface IViewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface ISize {
  readonly width: number;
  readonly height: number;
}

const SCALE = { least: 0.04, most: 3 };
/** Texts are readable from this scale on. */
const READABLE = 0.75;
const MARGIN = 12;

/** Return a viewport that shows the whole drawing, not larger than it is. */
export function fitted(drawing: ISize, window: ISize): IViewport {
  const scale = clamped(
    Math.min(
      1,
      (window.width - 2 * MARGIN) / Math.max(1, drawing.width),
      (window.height - 2 * MARGIN) / Math.max(1, drawing.height)
    )
  );
  return {
    x: (window.width - drawing.width * scale) / 2,
    y: MARGIN,
    scale
  };
}

/** Return a viewport with a point in the middle, in which texts can be read. */
export function centred(
  point: { readonly x: number; readonly y: number },
  window: ISize,
  scale = 0
): IViewport {
  const wanted = clamped(Math.max(scale, READABLE));
  return {
    x: window.width / 2 - point.x * wanted,
    y: window.height / 2 - point.y * wanted,
    scale: wanted
  };
}

/** Return a viewport that is larger by a factor and keeps a point of the window. */
export function zoomed(
  viewport: IViewport,
  factor: number,
  at: { readonly x: number; readonly y: number }
): IViewport {
  const scale = clamped(viewport.scale * factor);
  const ratio = scale / viewport.scale;
  return {
    x: at.x - (at.x - viewport.x) * ratio,
    y: at.y - (at.y - viewport.y) * ratio,
    scale
  };
}

export function moved(viewport: IViewport, x: number, y: number): IViewport {
  return { ...viewport, x: viewport.x + x, y: viewport.y + y };
}

/** Tell whether a point of the drawing can be seen. */
export function shows(
  viewport: IViewport,
  point: { readonly x: number; readonly y: number },
  window: ISize
): boolean {
  const x = point.x * viewport.scale + viewport.x;
  const y = point.y * viewport.scale + viewport.y;
  return x >= 0 && y >= 0 && x <= window.width && y <= window.height;
}

function clamped(scale: number): number {
  return Math.min(SCALE.most, Math.max(SCALE.least, scale));
}
