/** The variables of the current notebook. The kernel is asked only while they are seen. */
import type { Message } from '@lumino/messaging';

import { cellName, GLYPHS } from '../graph';
import { human, matches, rowsOf } from '../listing';
import type { IRow } from '../listing';
import { parseVariables } from '../questions';
import type { IVariables } from '../questions';
import type { IReactiveNotebook, IReactiveNotebooks } from '../tokens';
import { button, h } from './dom';
import { NotebookView } from './view';

/** Milliseconds between two questions. */
const PAUSE = 400;
/** Rows that are shown at first, and added at a time. */
const PAGE = 200;

export class VariablesView extends NotebookView {
  constructor(
    notebooks: IReactiveNotebooks,
    private readonly _findUses: (name: string) => void
  ) {
    super(notebooks);
    this.id = 'reactive-variables';
    this.title.label = 'Variables';
    this.addClass('jp-Reactive-variables');
    this._search.addEventListener('input', () => {
      this._limit = PAGE;
      this._show();
    });
    this.node.append(
      h('div', { class: 'jp-Reactive-tools' }, this._search, this._count),
      this._body
    );
  }

  protected render(notebook: IReactiveNotebook | null): void {
    if (notebook !== this._asked) {
      this._asked = notebook;
      this._known = null;
      this._revision = NaN;
    }
    this._show();
    this._schedule();
  }

  protected override onBeforeHide(_message: Message): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }

  protected override onBeforeDetach(message: Message): void {
    this.onBeforeHide(message);
  }

  /** Ask again soon, if something has changed since, or a cell runs. */
  private _schedule(): void {
    const model = this.notebook?.model;
    if (!model || this._timer !== undefined) {
      return;
    }
    if (model.revision !== this._revision || !model.settled) {
      const wait = this._known === null ? 0 : PAUSE;
      this._timer = setTimeout(() => void this._ask(), wait);
    }
  }

  private async _ask(): Promise<void> {
    const notebook = this.notebook;
    if (!notebook?.live || !this.isVisible) {
      this._timer = undefined;
      return;
    }
    const revision = notebook.model.revision;
    try {
      const known = parseVariables(await notebook.request('variables'));
      if (notebook === this.notebook) {
        this._known = known;
        this._revision = revision;
        this._show();
      }
    } catch (error) {
      console.warn('Reactive Python: the variables are not known.', error);
      this._revision = revision;
    }
    this._timer = undefined;
    if (this.isVisible) {
      this._schedule();
    }
  }

  private _show(): void {
    const notebook = this.notebook;
    if (notebook === null || this._known === null) {
      this._count.textContent = '';
      this._replace(
        h(
          'p',
          { class: 'jp-Reactive-empty' },
          notebook === null ? 'No notebook on Reactive Python.' : 'Asking the kernel …'
        )
      );
      return;
    }
    const { model } = notebook;
    const rows = rowsOf(this._known.variables, model);
    const search = this._search.value.trim();
    const found = rows.filter(row => matches(row, model, search));
    this._count.textContent =
      found.length < rows.length
        ? `${found.length} of ${rows.length} names`
        : `${rows.length + this._known.omitted} names`;
    const shown = found.slice(0, this._limit);
    const text = JSON.stringify([shown, found.length, notebook.panel.id]);
    if (text !== this._shown) {
      this._replace(this._list(notebook, shown, found.length - shown.length));
      this._shown = text;
    }
  }

  /** Put something into the body; the focus stays on the same name. */
  private _replace(content: HTMLElement): void {
    const focused = document.activeElement;
    const name = this._body.contains(focused)
      ? focused?.getAttribute('data-name')
      : null;
    this._shown = '';
    this._body.replaceChildren(content);
    if (name) {
      this._body
        .querySelector<HTMLElement>(`[data-name="${CSS.escape(name)}"]`)
        ?.focus();
    }
  }

  private _list(
    notebook: IReactiveNotebook,
    rows: readonly IRow[],
    more: number
  ): HTMLElement {
    if (rows.length === 0) {
      const text = this._search.value
        ? 'No name has all these words.'
        : 'No cell has bound a name yet.';
      return h('p', { class: 'jp-Reactive-empty' }, text);
    }
    const items = rows.map(row => this._item(notebook, row));
    const all = button(`Show ${Math.min(more, PAGE)} more of ${more}`, () => {
      this._limit += PAGE;
      this._show();
    });
    return h(
      'div',
      {},
      h('ul', { class: 'jp-Reactive-list', 'aria-label': 'Variables' }, ...items),
      more > 0 ? all : null
    );
  }

  private _item(notebook: IReactiveNotebook, row: IRow): HTMLElement {
    const { name, cell, type, value, size } = row.variable;
    const link = this.link(cell, name);
    link.dataset['name'] = name;
    link.classList.add('jp-Reactive-name');
    link.title = `Go to ${cellName(notebook.model, cell)}, which defines ${name}`;
    const isFresh = row.state === 'fresh';
    return h(
      'li',
      { class: 'jp-Reactive-variable', 'data-state': row.state },
      h(
        'div',
        { class: 'jp-Reactive-row' },
        link,
        h(
          'code',
          { class: 'jp-Reactive-value', title: value },
          value ?? 'not known yet'
        ),
        isFresh
          ? null
          : h(
              'span',
              { class: 'jp-Reactive-state', 'data-state': row.state },
              `${GLYPHS[row.state]} ${row.state}`
            )
      ),
      h(
        'div',
        { class: 'jp-Reactive-facts' },
        [type, human(size)].filter(text => text).join(', '),
        h('span', {}, ' · in ', ...this._links(row.definedIn)),
        h('span', {}, ' · used by ', ...this._links(row.usedBy)),
        ' ',
        button('uses', () => this._findUses(name), {
          class: 'jp-Reactive-link',
          'aria-label': `Find uses of ${name}`
        })
      )
    );
  }

  private _links(ids: readonly string[]): (Node | string)[] {
    if (ids.length === 0) {
      return ['no cell'];
    }
    const some = ids.slice(0, 4).flatMap(id => [', ', this.link(id)]);
    return [...some.slice(1), ids.length > 4 ? ` and ${ids.length - 4} more` : ''];
  }

  private readonly _search = h('input', {
    type: 'search',
    class: 'jp-Reactive-search',
    placeholder: 'Search',
    'aria-label': 'Search variables'
  });
  private readonly _count = h('span', { class: 'jp-Reactive-note', role: 'status' });
  private readonly _body = h('div', { class: 'jp-Reactive-body' });
  private _known: IVariables | null = null;
  private _asked: IReactiveNotebook | null = null;
  private _revision = NaN;
  private _limit = PAGE;
  private _shown = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
