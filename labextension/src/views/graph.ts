/** The graph of the current notebook: as a drawing, or as a list of the same cells. */
import { goTo, topics } from '../cells';
import {
  cellNames,
  dependents,
  GLYPHS,
  inputs,
  links,
  shortened,
  slice
} from '../graph';
import { layout } from '../layout';
import type { IReactiveNotebook, IReactiveNotebooks } from '../tokens';
import { button, h } from './dom';
import { Drawing } from './drawing';
import { NotebookView } from './view';

/** Milliseconds that a busy page may put off a new layout. */
const LAYOUT_PATIENCE = 500;

export class GraphView extends NotebookView {
  constructor(notebooks: IReactiveNotebooks) {
    super(notebooks);
    this.id = 'reactive-graph';
    this.title.label = 'Graph';
    this.addClass('jp-Reactive-graph');
    this.node.append(
      h(
        'div',
        { class: 'jp-Reactive-tools', role: 'toolbar', 'aria-label': 'Graph' },
        this._tool('+', 'Zoom in', () => this._drawing.zoom(1.25)),
        this._tool('−', 'Zoom out', () => this._drawing.zoom(0.8)),
        this._tool('Fit', 'Show the whole graph', () => this._drawing.fit()),
        this._slice,
        this._asList,
        this._count
      ),
      this._body
    );
  }

  protected render(notebook: IReactiveNotebook | null): void {
    cancelIdleCallback(this._idle);
    if (notebook === null) {
      this._drawn = '';
      this._count.textContent = '';
      this._body.replaceChildren(
        h('p', { class: 'jp-Reactive-empty' }, 'No notebook on Reactive Python.')
      );
      return;
    }
    const { model, panel } = notebook;
    const active = panel.content.activeCell?.model.id ?? null;
    const known = active !== null && model.cells.has(active) ? active : null;
    const needed = known === null ? new Set<string>() : slice(model, known);
    const onlySlice = this._slice.getAttribute('aria-pressed') === 'true';
    const shown =
      onlySlice && known !== null
        ? model.order.filter(id => needed.has(id))
        : model.order;
    const all = model.order.length;
    this._count.textContent =
      shown.length < all ? `${shown.length} of ${all} cells` : `${all} cells`;
    if (this._asList.getAttribute('aria-pressed') === 'true') {
      this._drawn = '';
      this._body.replaceChildren(this._list(notebook, shown, known));
    } else {
      this._draw(notebook, shown, known, needed);
    }
  }

  /** Lay the graph out anew if an edge has changed; else show states only. */
  private _draw(
    notebook: IReactiveNotebook,
    shown: readonly string[],
    active: string | null,
    needed: ReadonlySet<string>
  ): void {
    const edges = links(notebook.model);
    const drawn = JSON.stringify([notebook.panel.id, shown, edges]);
    const isNew = this._drawing.node.parentNode !== this._body;
    if (isNew) {
      this._body.replaceChildren(this._drawing.node);
    }
    const show = () => {
      const names = cellNames(notebook.model);
      this._drawing.refresh(notebook.model, topics(notebook), names, active, needed);
    };
    if (drawn !== this._drawn) {
      const isOther = isNew || this._panel !== notebook.panel.id;
      // Marks and typing go first.
      this._idle = requestIdleCallback(
        () => {
          this._drawn = drawn;
          this._panel = notebook.panel.id;
          this._drawing.draw(layout(shown, edges));
          this._drawing.reveal(active, isOther);
          show();
        },
        { timeout: LAYOUT_PATIENCE }
      );
    } else if (active !== this._active) {
      this._drawing.reveal(active);
    }
    this._active = active;
    show();
  }

  private _list(
    notebook: IReactiveNotebook,
    shown: readonly string[],
    active: string | null
  ): HTMLElement {
    const { model } = notebook;
    const about = topics(notebook);
    const items = shown.map(id => {
      const state = model.cells.get(id)?.state ?? 'new';
      const from = inputs(model, id).map(({ id, names }) =>
        h('li', {}, `takes ${names.join(', ')} from `, this.link(id))
      );
      const to = dependents(model, id).map(({ id, names }) =>
        h('li', {}, `gives ${names.join(', ')} to `, this.link(id))
      );
      return h(
        'li',
        { 'aria-current': id === active ? 'true' : null },
        this.link(id),
        h(
          'span',
          { class: 'jp-Reactive-topic' },
          ` ${shortened(about.get(id) ?? '', 60)} `
        ),
        h(
          'span',
          { class: 'jp-Reactive-state', 'data-state': state },
          `${GLYPHS[state]} ${state}`
        ),
        from.length + to.length > 0 ? h('ul', {}, ...from, ...to) : null
      );
    });
    return h('ul', { class: 'jp-Reactive-list', 'aria-label': 'Cells' }, ...items);
  }

  private _tool(text: string, title: string, action: () => void): HTMLButtonElement {
    return button(text, action, {
      title,
      'aria-label': title,
      class: 'jp-Reactive-tool'
    });
  }

  private _toggle(text: string, title: string): HTMLButtonElement {
    const made = this._tool(text, title, () => {
      const isPressed = made.getAttribute('aria-pressed') === 'true';
      made.setAttribute('aria-pressed', String(!isPressed));
      this._drawn = '';
      this.update();
    });
    made.setAttribute('aria-pressed', 'false');
    return made;
  }

  private readonly _slice = this._toggle(
    'Slice',
    'Only the selected cell and what it depends on'
  );
  private readonly _asList = this._toggle('List', 'The same cells as a list');
  private readonly _count = h('span', { class: 'jp-Reactive-note' });
  private readonly _body = h('div', { class: 'jp-Reactive-body' });
  private readonly _drawing = new Drawing(id => {
    if (this.notebook) {
      void goTo(this.notebook.panel, id);
    }
  });
  private _drawn = '';
  private _panel = '';
  private _idle = 0;
  private _active: string | null = null;
}
