/**
 * What the toolbar of a notebook shows: the mode, what is stale, and how far a cascade is.
 * All of it is hidden while the kernel is not ours (style/steering.css).
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { CommandIDs } from '../commands';
import { left, Progress } from '../progress';
import type { IModelChange, IReactiveModel, IReactiveNotebook } from '../tokens';
import type { IReactiveNotebooks } from '../tokens';
import { nameOf } from '../words';
import { h, toolbarButton } from './dom';

/** Milliseconds that a cascade takes before its progress is shown. */
const LONG = 1000;

/** An item that follows one notebook while its kernel is ours. */
abstract class Item extends Widget {
  constructor(
    node: HTMLElement,
    private readonly _panel: NotebookPanel,
    private readonly _notebooks: IReactiveNotebooks
  ) {
    super({ node });
    this.addClass('jp-Reactive-item');
    _notebooks.added.connect(this._follow, this);
    const notebook = _notebooks.of(_panel);
    if (notebook !== undefined) {
      // After the constructors of subclasses.
      queueMicrotask(() => this._follow(_notebooks, notebook));
    }
  }

  override dispose(): void {
    this._notebooks.added.disconnect(this._follow, this);
    this.notebook?.model.changed.disconnect(this._onChanged, this);
    super.dispose();
  }

  /** Show the notebook as it is. */
  protected abstract refresh(
    notebook: IReactiveNotebook,
    changed: ReadonlySet<string>
  ): void;

  protected notebook: IReactiveNotebook | null = null;

  private _follow(_: IReactiveNotebooks, notebook: IReactiveNotebook): void {
    if (notebook.panel === this._panel && !this.isDisposed) {
      this.notebook = notebook;
      notebook.model.changed.connect(this._onChanged, this);
      this.refresh(notebook, new Set(notebook.model.order));
    }
  }

  private _onChanged(_: IReactiveModel, change: IModelChange): void {
    if (this.notebook !== null) {
      this.refresh(this.notebook, change.cells);
    }
  }
}

/** Which mode it is; a click chooses the other. */
export class ModeButton extends Item {
  constructor(
    panel: NotebookPanel,
    notebooks: IReactiveNotebooks,
    commands: CommandRegistry
  ) {
    const button = toolbarButton('', () => {
      void commands.execute(CommandIDs.toggleMode);
    });
    super(h('div', {}, button), panel, notebooks);
    this._button = button;
  }

  protected refresh({ model }: IReactiveNotebook): void {
    const isAuto = model.mode === 'auto';
    const [text, words] = isAuto
      ? ['auto', 'dependents rerun by themselves']
      : ['lazy', 'dependents are marked stale'];
    setText(this._button, text);
    this._button.title = words;
    this._button.setAttribute('aria-label', `${text}: ${words}`);
    this._button.setAttribute('aria-pressed', String(isAuto));
  }

  private readonly _button: HTMLButtonElement;
}

/** Runs what is stale, and says how much that is. */
export class RunStaleButton extends Item {
  constructor(
    panel: NotebookPanel,
    notebooks: IReactiveNotebooks,
    commands: CommandRegistry
  ) {
    const button = toolbarButton('', () => void commands.execute(CommandIDs.runStale), {
      title: 'Run every cell that is stale, each once'
    });
    super(h('div', {}, button), panel, notebooks);
    this._button = button;
  }

  protected refresh({ model }: IReactiveNotebook): void {
    const stale = model.count('stale');
    setText(this._button, stale === 0 ? 'Run stale' : `Run stale (${stale})`);
    this._button.disabled = stale === 0;
  }

  private readonly _button: HTMLButtonElement;
}

/** How far a cascade is that takes long, with a button that stops it. */
export class ProgressItem extends Item {
  constructor(panel: NotebookPanel, notebooks: IReactiveNotebooks) {
    const stop = toolbarButton(
      '■ Stop',
      () => void panel.sessionContext.session?.kernel?.interrupt(),
      { title: 'Interrupt the kernel; what has not run stays stale' }
    );
    super(h('div', {}, stop), panel, notebooks);
    this.addClass('jp-Reactive-progress');
    this.node.prepend(this._bar, this._text);
    this.hide();
  }

  override dispose(): void {
    clearInterval(this._timer);
    super.dispose();
  }

  protected refresh({ model }: IReactiveNotebook, changed: ReadonlySet<string>): void {
    this._progress ??= new Progress(model);
    this._progress.update(changed, performance.now());
    const isOn = this._progress.at(performance.now()) !== null;
    if (!isOn) {
      clearInterval(this._timer);
      this._timer = undefined;
      this._since = null;
      this.hide();
    } else {
      this._since ??= performance.now();
      this._timer ??= setInterval(() => this._draw(), LONG / 4);
    }
  }

  private _draw(): void {
    const now = performance.now();
    const at = this._progress?.at(now) ?? null;
    if (at === null || this._since === null || now - this._since < LONG) {
      return;
    }
    const model = this.notebook?.model;
    const place = Math.min(at.done + 1, at.total);
    const parts = [
      `${place} of ${at.total}`,
      at.current && model ? nameOf(model, at.current) : '',
      at.rest === null ? '' : left(at.rest)
    ];
    this._bar.max = at.total;
    this._bar.value = at.done;
    this._text.textContent = parts.filter(part => part !== '').join(' · ');
    this.show();
  }

  private _progress: Progress | null = null;
  private _since: number | null = null;
  private _timer: ReturnType<typeof setInterval> | undefined;
  private readonly _bar = h('progress', { 'aria-label': 'Cells that have run' });
  private readonly _text = h('span');
}

function setText(button: HTMLButtonElement, text: string): void {
  if (button.textContent !== text) {
    button.textContent = text;
  }
}
