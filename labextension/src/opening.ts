/** What is done when the kernel of a notebook has told everything: by the settings. */
import { Notification } from '@jupyterlab/apputils';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';

import { METADATA } from './document';
import type { Settings } from './settings';
import type { IReactiveNotebook } from './tokens';

/** Restarting the kernel, or choosing another, is no opening. */
const opened = new WeakSet<NotebookPanel>();

/** Apply the settings to a notebook as long as it is open. */
export function follow(notebook: IReactiveNotebook, settings: Settings): void {
  const { classList } = notebook.panel.node;
  const show = () => {
    classList.toggle('jp-Reactive-panel', !notebook.isDisposed);
    classList.toggle('jp-Reactive-marks', settings.value.marks && !notebook.isDisposed);
    classList.toggle(
      'jp-Reactive-dims',
      settings.value.marks && settings.value.dimming && !notebook.isDisposed
    );
  };
  const begin = (_: IReactiveNotebook, live: boolean) => {
    if (live && isNew(notebook)) {
      chooseMode(notebook, settings);
      if (!opened.has(notebook.panel)) {
        run(notebook, settings);
      }
    }
    if (live) {
      opened.add(notebook.panel);
    }
  };
  show();
  settings.changed.connect(show);
  notebook.liveChanged.connect(begin);
  notebook.disposed.connect(() => {
    show();
    settings.changed.disconnect(show);
  });
  begin(notebook, notebook.live);
}

/** Whether no cell has run in this kernel session. */
function isNew({ model }: IReactiveNotebook): boolean {
  return [...model.cells.values()].every(cell => cell.lastRun === null);
}

function chooseMode(notebook: IReactiveNotebook, settings: Settings): void {
  const { mode } = settings.value;
  const own = notebook.panel.content.model?.getMetadata(METADATA) as
    { mode?: unknown } | undefined;
  if (mode !== null && own?.mode === undefined && mode !== notebook.model.mode) {
    notebook.configure(mode);
  }
}

function run(notebook: IReactiveNotebook, settings: Settings): void {
  const { runOnOpen } = settings.value;
  const { content, title } = notebook.panel;
  if (runOnOpen === 'nothing') {
    return;
  }
  if (isTrusted(content)) {
    notebook.run(runOnOpen === 'all' ? notebook.model.order : visible(content));
  } else {
    const notice = `${title.label} is not trusted, so it was not run on opening.`;
    Notification.info(notice, { autoClose: 10_000 });
  }
}

function isTrusted(notebook: Notebook): boolean {
  return notebook.widgets.every(
    ({ model }) => !isCodeCellModel(model) || model.trusted
  );
}

/** Return the ids of the code cells that are on the screen now. */
function visible(notebook: Notebook): string[] {
  const window = notebook.node.getBoundingClientRect();
  return notebook.widgets
    .filter(({ model, node }) => {
      const { top, bottom } = node.getBoundingClientRect();
      return isCodeCellModel(model) && bottom > window.top && top < window.bottom;
    })
    .map(({ model }) => model.id);
}
