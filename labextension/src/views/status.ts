/** The line in JupyterLab's status bar: `3 stale · auto`. */
import { Signal } from '@lumino/signaling';
import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { CommandIDs } from '../commands';
import type { IReactiveNotebook, IReactiveNotebooks } from '../tokens';
import { button } from './dom';

/** Says how the notebook in front is; a click goes to the next stale cell. */
export class StatusLine extends Widget {
  readonly activeChanged = new Signal<this, void>(this);

  constructor(
    private readonly _notebooks: IReactiveNotebooks,
    commands: CommandRegistry
  ) {
    const goOn = () => void commands.execute(CommandIDs.nextStale);
    super({ node: button('', goOn, { title: 'Go to the next stale cell' }) });
    this.addClass('jp-Reactive-status');
    _notebooks.currentChanged.connect(this._onCurrentChanged, this);
    this._onCurrentChanged(_notebooks, _notebooks.current);
  }

  get isActive(): boolean {
    return this._current !== null;
  }

  override dispose(): void {
    this._notebooks.currentChanged.disconnect(this._onCurrentChanged, this);
    this._current?.model.changed.disconnect(this._show, this);
    super.dispose();
  }

  private _onCurrentChanged(
    _: IReactiveNotebooks,
    current: IReactiveNotebook | null
  ): void {
    this._current?.model.changed.disconnect(this._show, this);
    this._current = current;
    current?.model.changed.connect(this._show, this);
    this._show();
    this.activeChanged.emit();
  }

  private _show(): void {
    if (this._current !== null) {
      const { model } = this._current;
      const text = `${model.count('stale')} stale · ${model.mode}`;
      if (this.node.textContent !== text) {
        this.node.textContent = text;
      }
    }
  }

  private _current: IReactiveNotebook | null = null;
}
