/** The graph as a drawing: boxes and edges that can be zoomed, moved and walked. */
import { description, dependents, GLYPHS, inputs, shortened } from '../graph';
import type { ICells } from '../graph';
import { BOX, pathThrough } from '../layout';
import type { ILayout } from '../layout';
import { centred, fitted, moved, shows, zoomed } from '../viewport';
import type { IViewport } from '../viewport';
import { svg } from './dom';

/** Pixels that a pointer may move and still click. */
const CLICK = 4;
const LETTERS = 19;

interface IBox {
  readonly node: SVGGElement;
  readonly name: Text;
  readonly topic: Text;
  readonly state: Text;
  readonly title: Text;
  drawn: string;
}

export class Drawing {
  readonly node = svg('svg', {
    class: 'jp-Reactive-drawing',
    role: 'group',
    'aria-label':
      'Graph of the cells. Arrow keys walk along the edges and layers, Enter goes to ' +
      'the cell, plus and minus zoom.'
  });

  /** @param onChoose - Called with the cell that was clicked, or chosen with Enter. */
  constructor(private readonly _onChoose: (id: string) => void) {
    this.node.append(this._all);
    this._all.append(this._edges, this._nodes);
    this.node.addEventListener('wheel', event => this._onWheel(event));
    this.node.addEventListener('pointerdown', event => this._onDown(event));
    this.node.addEventListener('click', event => this._onClick(event));
    this.node.addEventListener('keydown', event => this._onKey(event));
  }

  /** Draw a graph, in place of the one before. */
  draw(layout: ILayout): void {
    this._layout = layout;
    const before = this._boxes;
    this._boxes = new Map(
      [...layout.boxes].map(([id, { x, y }]) => {
        const kept = before.get(id) ?? box(id);
        kept.node.setAttribute('transform', `translate(${x} ${y})`);
        return [id, kept];
      })
    );
    before.forEach(({ node }, id) => this._boxes.has(id) || node.remove());
    for (const { node } of this._boxes.values()) {
      if (node.parentNode === null) {
        this._nodes.append(node);
      }
    }
    this._paths = layout.routes.map(({ from, to, points }) => ({
      from,
      to,
      path: svg('path', { class: 'jp-Reactive-edge', d: pathThrough(points) })
    }));
    this._edges.replaceChildren(...this._paths.map(({ path }) => path));
    if (!layout.boxes.has(this._focus)) {
      this._focus = layout.layers[0]?.[0] ?? '';
    }
    this._setFocus(this._focus);
  }

  /** Show states, texts and the active cell; touches only what has changed. */
  refresh(
    model: ICells,
    topics: ReadonlyMap<string, string>,
    names: ReadonlyMap<string, string>,
    active: string | null,
    slice: ReadonlySet<string>
  ): void {
    this._model = model;
    this._topics = topics;
    for (const [id, box] of this._boxes) {
      const state = model.cells.get(id)?.state ?? 'new';
      const marks = `${state} ${id === active} ${slice.has(id)}`;
      const topic = topics.get(id) ?? '';
      const drawn = `${marks} ${names.get(id)} ${topic}`;
      if (box.drawn !== drawn) {
        box.drawn = drawn;
        box.node.dataset['state'] = state;
        box.node.classList.toggle('jp-mod-active', id === active);
        box.node.classList.toggle('jp-mod-slice', slice.has(id));
        box.name.data = names.get(id) ?? '';
        box.topic.data = shortened(topic, LETTERS - box.name.length);
        box.state.data = `${GLYPHS[state]} ${state}`;
        box.title.data = `${names.get(id)}: ${topic} (${state})`;
        box.node.setAttribute('aria-label', box.title.data);
        box.node.setAttribute('aria-current', String(id === active));
      }
    }
    this._describe();
    for (const { from, to, path } of this._paths) {
      const isNear = from === active || to === active;
      path.classList.toggle('jp-mod-near', isNear);
      path.classList.toggle('jp-mod-slice', slice.has(from) && slice.has(to));
    }
  }

  /** Show the whole graph. */
  fit(): void {
    this._look(fitted(this._layout, this._size));
  }

  /** Zoom around the middle. */
  zoom(factor: number): void {
    const { width, height } = this._size;
    this._look(zoomed(this._viewport, factor, { x: width / 2, y: height / 2 }));
  }

  /** Show a cell readably, if it cannot be seen; the whole graph where that is readable. */
  reveal(id: string | null, always = false): void {
    const size = this._size;
    const place = this._layout.boxes.get(id ?? '') ?? {
      x: this._layout.width / 2,
      y: 0
    };
    if (always) {
      const whole = fitted(this._layout, size);
      this._look(whole.scale > 0.6 ? whole : centred(place, size));
    } else if (id !== null && !shows(this._viewport, place, size)) {
      this._look(centred(place, size, this._viewport.scale));
    }
  }

  private get _size(): { width: number; height: number } {
    return { width: this.node.clientWidth, height: this.node.clientHeight };
  }

  private _look(viewport: IViewport): void {
    this._viewport = viewport;
    const { x, y, scale } = viewport;
    this._all.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
  }

  private _onWheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const frame = this.node.getBoundingClientRect();
      const at = { x: event.clientX - frame.x, y: event.clientY - frame.y };
      this._look(zoomed(this._viewport, Math.exp(-event.deltaY / 300), at));
    } else {
      this._look(moved(this._viewport, -event.deltaX, -event.deltaY));
    }
  }

  private _onDown(down: PointerEvent): void {
    const before = this._viewport;
    this._dragged = false;
    const drag = (event: PointerEvent) => {
      const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
      this._dragged ||= Math.hypot(x, y) > CLICK;
      if (this._dragged) {
        this._look(moved(before, x, y));
      }
    };
    const end = () => {
      window.removeEventListener('pointermove', drag);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
    };
    window.addEventListener('pointermove', drag);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  }

  private _onClick(event: MouseEvent): void {
    const id = idOf(event.target);
    if (id !== null && !this._dragged) {
      this._setFocus(id);
      this._onChoose(id);
    }
  }

  private _onKey(event: KeyboardEvent): void {
    const action = this._keys[event.key];
    if (action && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      const next = action();
      if (next) {
        this._setFocus(next);
        this._boxes.get(next)?.node.focus();
        this.reveal(next);
      }
    }
  }

  /** What keys do; those that return a cell move to it. */
  private readonly _keys: Readonly<Record<string, () => string | undefined | void>> = {
    ArrowUp: () => inputs(this._model, this._focus).find(this._isDrawn)?.id,
    ArrowDown: () => dependents(this._model, this._focus).find(this._isDrawn)?.id,
    ArrowLeft: () => this._beside(-1),
    ArrowRight: () => this._beside(1),
    Home: () => this._model.order.find(id => this._boxes.has(id)),
    End: () => [...this._model.order].reverse().find(id => this._boxes.has(id)),
    Enter: () => this._onChoose(this._focus),
    ' ': () => this._onChoose(this._focus),
    '+': () => this.zoom(1.25),
    '-': () => this.zoom(0.8),
    '0': () => this.fit()
  };

  private readonly _isDrawn = ({ id }: { id: string }) => this._boxes.has(id);

  /** Return the cell at the side, or the end of the next layer. */
  private _beside(step: number): string | undefined {
    const cells = this._layout.layers.flat();
    return cells[cells.indexOf(this._focus) + step];
  }

  private _setFocus(id: string): void {
    this._boxes.get(this._focus)?.node.setAttribute('tabindex', '-1');
    this._boxes.get(id)?.node.setAttribute('tabindex', '0');
    this._focus = id;
    this._describe();
  }

  /** Let the cell that has the focus tell of its neighbours; for all that takes long. */
  private _describe(): void {
    const text = description(
      this._model,
      this._focus,
      this._topics.get(this._focus) ?? ''
    );
    this._boxes.get(this._focus)?.node.setAttribute('aria-label', text);
  }

  private readonly _all = svg('g');
  private readonly _edges = svg('g', { 'aria-hidden': 'true' });
  private readonly _nodes = svg('g');
  private _boxes = new Map<string, IBox>();
  private _paths: { from: string; to: string; path: SVGPathElement }[] = [];
  private _layout: ILayout = {
    width: 0,
    height: 0,
    boxes: new Map(),
    layers: [],
    routes: []
  };
  private _model: ICells = { order: [], cells: new Map() };
  private _topics: ReadonlyMap<string, string> = new Map();
  private _viewport: IViewport = { x: 0, y: 0, scale: 1 };
  private _focus = '';
  private _dragged = false;
}

function box(id: string): IBox {
  const [name, topic, state, title] = ['', '', '', ''].map(text => new Text(text)) as [
    Text,
    Text,
    Text,
    Text
  ];
  const left = -BOX.width / 2;
  const node = svg(
    'g',
    {
      class: 'jp-Reactive-box',
      role: 'button',
      tabindex: -1,
      'data-id': id
    },
    svg('title', {}, title),
    svg('rect', { x: left, y: -BOX.height / 2, ...BOX, rx: 3 }),
    svg('path', {
      class: 'jp-Reactive-bar',
      d: `M${left + 2} ${4 - BOX.height / 2}v${BOX.height - 8}`
    }),
    svg(
      'text',
      { x: left + 11, y: -4 },
      svg('tspan', { class: 'jp-Reactive-boxName' }, name),
      svg('tspan', { class: 'jp-Reactive-boxTopic', dx: 6 }, topic)
    ),
    svg('text', { class: 'jp-Reactive-boxState', x: left + 11, y: 13 }, state)
  );
  return { node, name, topic, state, title, drawn: '' };
}

function idOf(target: EventTarget | null): string | null {
  const node = target instanceof Element ? target.closest('.jp-Reactive-box') : null;
  return node?.getAttribute('data-id') ?? null;
}
