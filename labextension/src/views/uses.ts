/** Where the cells mention a name: the answer to "find uses". */
import { sources } from '../cells';
import { cellName } from '../graph';
import type { IFound, IMention } from '../questions';
import { spanOf } from '../texts';
import type { IReactiveNotebook, IReactiveNotebooks } from '../tokens';
import { h } from './dom';
import { NotebookView } from './view';

const HINT =
  'Put the cursor on a name and choose “Find Uses” to see all cells with it.';

export class UsesView extends NotebookView {
  constructor(notebooks: IReactiveNotebooks) {
    super(notebooks);
    this.id = 'reactive-uses';
    this.title.label = 'Uses';
    this.node.append(this._body);
  }

  /** Show the mentions of a name in a notebook. */
  showMentions(notebook: IReactiveNotebook, found: IFound): void {
    this._found = { notebook, found };
    this.update();
  }

  protected render(notebook: IReactiveNotebook | null): void {
    if (notebook === null || this._found?.notebook !== notebook) {
      this._body.replaceChildren(h('p', { class: 'jp-Reactive-empty' }, HINT));
      return;
    }
    const { found } = this._found;
    const texts = sources(notebook.panel);
    const cells = new Map<string, IMention[]>();
    for (const mention of found.mentions) {
      cells.set(mention.cell, [...(cells.get(mention.cell) ?? []), mention]);
    }
    const items = [...cells].map(([id, mentions]) =>
      h(
        'li',
        {},
        h('span', { class: 'jp-Reactive-boxName' }, cellName(notebook.model, id)),
        h('ul', {}, ...mentions.map(each => this._line(each, texts.get(id) ?? '')))
      )
    );
    const count = found.mentions.length;
    this._body.replaceChildren(
      h(
        'p',
        { class: 'jp-Reactive-heading', role: 'status' },
        h('code', {}, found.name),
        `: ${count} ${count === 1 ? 'mention' : 'mentions'} in ${cells.size} ` +
          (cells.size === 1 ? 'cell' : 'cells')
      ),
      h(
        'ul',
        { class: 'jp-Reactive-list', 'aria-label': `Uses of ${found.name}` },
        ...items
      )
    );
  }

  /** Return a link with the line of a mention. */
  private _line(mention: IMention, text: string): HTMLElement {
    const link = this.link(mention.cell, '', mention.range);
    link.classList.add('jp-Reactive-code');
    const span = spanOf(text, mention.range);
    if (span === null) {
      link.textContent = 'edited since';
    } else {
      const start = text.lastIndexOf('\n', span.from - 1) + 1;
      const end = text.indexOf('\n', span.to);
      link.append(
        text.slice(start, span.from).trimStart(),
        h('mark', {}, text.slice(span.from, span.to)),
        text.slice(span.to, end < 0 ? undefined : end).trimEnd()
      );
    }
    return h('li', {}, link, mention.defines ? ' definition' : null);
  }

  private readonly _body = h('div', { class: 'jp-Reactive-body' });
  private _found: { notebook: IReactiveNotebook; found: IFound } | null = null;
}
