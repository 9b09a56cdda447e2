/**
 * Around one notebook: outlines of the cells that the one in question takes names from and
 * gives names to, and a line that names them. The cell in question is the one under the
 * pointer, or else the active one.
 */
import { Widget } from '@lumino/widgets';
import type { IDisposable } from '@lumino/disposable';

import { cellWidget, goTo, topic } from '../cells';
import { cellName, dependents, inputs, shortened } from '../graph';
import type { INeighbour } from '../graph';
import type { IDiagnostic } from '../protocol';
import type { IReactiveNotebook } from '../tokens';
import { button, h } from './dom';

const INPUT = 'jp-Reactive-mod-input';
const DEPENDENT = 'jp-Reactive-mod-dependent';
/** Milliseconds that the pointer rests on a cell before it counts. */
const REST = 120;
/** Neighbours that are named on each side. */
const NAMED = 4;

export class Outline implements IDisposable {
  /** @param onFix - Called when the user wants a finding of a cell to be fixed. */
  constructor(
    private readonly _notebook: IReactiveNotebook,
    private readonly _onFix: (id: string, finding: IDiagnostic) => void
  ) {
    const { panel, model } = _notebook;
    this._bar.addClass('jp-Reactive-breadcrumb');
    panel.contentHeader.addWidget(this._bar);
    panel.content.activeCellChanged.connect(this._schedule, this);
    model.changed.connect(this._schedule, this);
    panel.content.node.addEventListener('pointerover', this._onOver);
    panel.content.node.addEventListener('pointerleave', this._onLeave);
    _notebook.disposed.connect(() => this.dispose());
    this._schedule();
  }

  get isDisposed(): boolean {
    return this._bar.isDisposed;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    clearTimeout(this._timer);
    cancelAnimationFrame(this._frame);
    const { panel, model } = this._notebook;
    model.changed.disconnect(this._schedule, this);
    if (!panel.isDisposed) {
      panel.content.activeCellChanged.disconnect(this._schedule, this);
      panel.content.node.removeEventListener('pointerover', this._onOver);
      panel.content.node.removeEventListener('pointerleave', this._onLeave);
      this._mark(INPUT, []);
      this._mark(DEPENDENT, []);
    }
    this._bar.dispose();
  }

  private readonly _onOver = (event: Event): void => {
    const node =
      event.target instanceof Element ? event.target.closest('.jp-Cell') : null;
    const cell = this._notebook.panel.content.widgets.find(cell => cell.node === node);
    this._hover(cell?.model.id ?? null);
  };

  private readonly _onLeave = (): void => this._hover(null);

  private _hover(id: string | null): void {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this._hovered = id;
      this._schedule();
    }, REST);
  }

  private _schedule(): void {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this._show());
  }

  private _show(): void {
    if (this.isDisposed || this._notebook.panel.isDisposed) {
      return;
    }
    const { model, panel } = this._notebook;
    const active = panel.content.activeCell?.model.id ?? '';
    const hovered = this._hovered ?? '';
    const id = [hovered, active].find(id => model.cells.has(id));
    const from = id === undefined ? [] : inputs(model, id);
    const to = id === undefined ? [] : dependents(model, id);
    this._mark(INPUT, from);
    this._mark(DEPENDENT, to);
    if (!this._bar.node.contains(document.activeElement)) {
      this._bar.node.replaceChildren(
        ...(id === undefined ? [] : this._crumbs(id, from, to))
      );
    }
  }

  private _mark(name: string, cells: readonly INeighbour[]): void {
    const wanted = new Set(
      cells.map(({ id }) => cellWidget(this._notebook.panel, id)?.node)
    );
    const marked = this._notebook.panel.content.node.getElementsByClassName(name);
    [...marked]
      .filter(node => !wanted.has(node as HTMLElement))
      .forEach(node => {
        node.classList.remove(name);
      });
    wanted.forEach(node => node?.classList.add(name));
  }

  private _crumbs(
    id: string,
    from: readonly INeighbour[],
    to: readonly INeighbour[]
  ): Node[] {
    const { model } = this._notebook;
    const name = cellName(model, id);
    const items = [
      ...this._named(from, 'input'),
      h(
        'li',
        { 'aria-current': 'true' },
        h('b', {}, name),
        ` ${shortened(topic(this._notebook, id), 60)}`
      ),
      ...this._named(to, 'dependent')
    ];
    const nav = h(
      'nav',
      { 'aria-label': `What ${name} depends on, and what depends on it` },
      h('ol', {}, ...items)
    );
    const finding = model.cells.get(id)?.diagnostics[0];
    return finding ? [nav, ...this._finding(id, finding)] : [nav];
  }

  private _named(cells: readonly INeighbour[], side: string): HTMLElement[] {
    const { model, panel } = this._notebook;
    const shown = cells.slice(0, NAMED).map(({ id, names }) => {
      const listed = names.join(', ');
      const cell = cellName(model, id);
      const link = button('', () => void goTo(panel, id), {
        class: `jp-Reactive-crumb jp-mod-${side}`,
        title:
          side === 'input'
            ? `takes ${listed} from ${cell}`
            : `gives ${listed} to ${cell}`
      });
      link.append(h('span', {}, listed), ' ', h('b', {}, cell));
      return h('li', {}, link);
    });
    const more = cells.length - NAMED;
    return more > 0 ? [...shown, h('li', {}, `and ${more} more`)] : shown;
  }

  private _finding(id: string, finding: IDiagnostic): HTMLElement[] {
    const glyph = { error: '✕', warning: '⚠', info: 'ⓘ' }[finding.severity];
    const text = h(
      'span',
      { class: 'jp-Reactive-finding', title: finding.message },
      `${glyph} ${finding.message}`
    );
    const fix = finding.fix;
    return fix === null
      ? [text]
      : [
          text,
          button(fix.title, () => this._onFix(id, finding), {
            class: 'jp-Reactive-crumb'
          })
        ];
  }

  private readonly _bar = new Widget();
  private _hovered: string | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _frame = 0;
}
