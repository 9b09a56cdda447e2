/** What the sections of the side panel share: they show the current notebook. */
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { goTo } from '../cells';
import { cellName } from '../graph';
import type { IRange } from '../protocol';
import type { IReactiveNotebook, IReactiveNotebooks } from '../tokens';
import { button } from './dom';

/** Renders the current notebook whenever it changes, while it can be seen. */
export abstract class NotebookView extends Widget {
  constructor(notebooks: IReactiveNotebooks) {
    super();
    this.addClass('jp-Reactive-view');
    notebooks.currentChanged.connect((_, current) => this._follow(current));
    this._follow(notebooks.current);
  }

  /** The notebook that is shown. */
  protected get notebook(): IReactiveNotebook | null {
    return this._notebook;
  }

  /** Bring the view up to date. */
  protected abstract render(notebook: IReactiveNotebook | null): void;

  /** Return a button that leads to a cell. */
  protected link(id: string, text?: string, range?: IRange): HTMLElement {
    const notebook = this._notebook;
    const name = notebook ? cellName(notebook.model, id) : id;
    return button(
      text ?? name,
      () => notebook && void goTo(notebook.panel, id, range),
      { class: 'jp-Reactive-link', title: `Go to ${name}` }
    );
  }

  protected override onAfterShow(_message: Message): void {
    this.update();
  }

  protected override onAfterAttach(_message: Message): void {
    this.update();
  }

  protected override onUpdateRequest(_message: Message): void {
    if (this.isVisible) {
      this.render(this._notebook);
    }
  }

  private _follow(notebook: IReactiveNotebook | null): void {
    this._notebook?.model.changed.disconnect(this._onChanged, this);
    this._notebook?.panel.content.activeCellChanged.disconnect(this._onChanged, this);
    this._notebook = notebook;
    notebook?.model.changed.connect(this._onChanged, this);
    notebook?.panel.content.activeCellChanged.connect(this._onChanged, this);
    this.update();
  }

  private _onChanged(): void {
    this.update();
  }

  private _notebook: IReactiveNotebook | null = null;
}
