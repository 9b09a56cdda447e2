/**
 * Notebooks as Python files: opened as notebooks, and converted both ways.
 *
 * The server reads and writes the files; here is what a person clicks.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  MainAreaWidget,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type * as nbformat from '@jupyterlab/nbformat';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { ToolbarButton, notebookIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CATEGORY } from './commands';
import { METADATA } from './document';
import { watch } from './watch';

export const CommandIDs = {
  toPy: 'reactive:convert-to-py',
  toIpynb: 'reactive:convert-to-ipynb',
  open: 'reactive:open-as-notebook',
  keepOutputs: 'reactive:keep-outputs'
} as const;

/** What the server calls our files; others may be served as notebooks by jupytext. */
const MIME_TYPE = 'text/x-reactivepy';

export const pyfiles: JupyterFrontEndPlugin<void> = {
  id: 'reactive-kernel:pyfiles',
  description: 'Opens .py notebooks as notebooks and converts them.',
  autoStart: true,
  requires: [INotebookTracker, IDocumentManager],
  optional: [IFileBrowserFactory, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    documents: IDocumentManager,
    browsers: IFileBrowserFactory | null,
    palette: ICommandPalette | null
  ) => {
    const files = new PyFiles(app, documents, tracker, browsers);
    files.addCommands();
    files.openByContent();
    files.addButtons();
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: CATEGORY });
    }
    tracker.widgetAdded.connect((_, panel) => {
      if (isPy(panel.context.path)) {
        watch(panel, app.serviceManager.contents);
      }
    });
  }
};

class PyFiles {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _documents: IDocumentManager,
    private readonly _tracker: INotebookTracker,
    private readonly _browsers: IFileBrowserFactory | null
  ) {}

  addCommands(): void {
    const { commands } = this._app;
    commands.addCommand(CommandIDs.toPy, {
      label: 'Convert to .py Notebook',
      caption: 'Write the notebook as a Python program, without its outputs',
      isVisible: args => this._paths('.ipynb', args).length > 0,
      execute: args => this._convert(this._paths('.ipynb', args), '.py')
    });
    commands.addCommand(CommandIDs.toIpynb, {
      label: 'Convert to .ipynb Notebook',
      caption: 'Write the Python file as an ordinary notebook',
      isVisible: args => this._paths('.py', args).length > 0,
      execute: args => this._convert(this._paths('.py', args), '.ipynb')
    });
    commands.addCommand(CommandIDs.open, {
      label: 'Open as Notebook',
      caption: 'Open the Python file as a notebook',
      isVisible: args => this._paths('.py', args).length > 0,
      execute: args => this._open(this._paths('.py', args))
    });
    commands.addCommand(CommandIDs.keepOutputs, {
      label: 'Keep Outputs in an .ipynb Beside the File',
      isEnabled: () => this._current() !== null,
      isToggled: () => isPaired(this._current()),
      execute: () => {
        const panel = this._current();
        const own = panel?.model?.getMetadata(METADATA) as object | undefined;
        const paired = !isPaired(panel);
        panel?.model?.setMetadata(METADATA, { ...own, paired });
      }
    });
  }

  /** A double click opens what the server calls a notebook as one. */
  openByContent(): void {
    const documents = this._documents;
    const usual = documents.openOrReveal.bind(documents);
    documents.openOrReveal = (path, widgetName, kernel, options) =>
      usual(
        path,
        (widgetName ?? 'default') === 'default' && this._isNotebook(path)
          ? 'Notebook'
          : widgetName,
        kernel,
        options
      );
  }

  /** An editor of a Python file has a button that opens it as a notebook. */
  addButtons(): void {
    this._app.docRegistry.addWidgetExtension('Editor', {
      createNew: (widget, context) => {
        if (!isPy(context.path) || !(widget instanceof MainAreaWidget)) {
          return;
        }
        const button = new ToolbarButton({
          icon: notebookIcon,
          label: 'Open as Notebook',
          onClick: () => void this._open([context.path])
        });
        widget.toolbar.addItem('reactive-open-as-notebook', button);
        return button;
      }
    });
  }

  private _isNotebook(path: string): boolean {
    return (
      isPy(path) &&
      this._items().some(item => item.path === path && item.mimetype === MIME_TYPE)
    );
  }

  /** The files that are listed in the file browsers. */
  private _items(): Contents.IModel[] {
    const found: Contents.IModel[] = [];
    this._browsers?.tracker.forEach(browser => {
      found.push(...browser.model.items());
    });
    return found;
  }

  private _current(): NotebookPanel | null {
    const panel = this._tracker.currentWidget;
    return panel && isPy(panel.context.path) ? panel : null;
  }

  /** The files with an ending that a command is about: selected, or the open one. */
  private _paths(ending: string, { selected }: ReadonlyPartialJSONObject): string[] {
    const current = this._app.shell.currentWidget;
    const context = current && this._documents.contextForWidget(current);
    const browser = this._browsers?.tracker.currentWidget;
    const paths =
      selected === true && browser
        ? [...browser.selectedItems()].map(item => item.path)
        : [context?.path ?? ''];
    return paths.filter(path => path.endsWith(ending));
  }

  private async _open(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this._saved(path);
      this._documents.openOrReveal(path, 'Notebook');
    }
  }

  private async _convert(
    paths: readonly string[],
    ending: '.py' | '.ipynb'
  ): Promise<void> {
    for (const path of paths) {
      const target = path.slice(0, -PathExt.extname(path).length) + ending;
      try {
        await this._saved(path);
        if (await this._convertOne(path, target)) {
          this._documents.openOrReveal(target, 'Notebook');
        }
      } catch (error) {
        await showErrorMessage(`${path} was not converted`, String(error));
      }
    }
  }

  /** Return whether a file was converted, and not left because another one is there. */
  private async _convertOne(path: string, target: string): Promise<boolean> {
    const { contents } = this._app.serviceManager;
    const old = await contents
      .get(target, { type: 'notebook', content: isIpynb(target) })
      .catch(() => null);
    const exists =
      old !== null ||
      (await contents.get(target, { content: false }).catch(() => null)) !== null;
    if (exists && !(await mayReplace(target))) {
      return false;
    }
    const model = await contents.get(path, { type: 'notebook', content: true });
    const content = model.content as nbformat.INotebookContent;
    if (old !== null && isIpynb(target)) {
      keepOutputs(content, old.content as nbformat.INotebookContent);
    }
    await contents.save(target, { type: 'notebook', format: 'json', content });
    return true;
  }

  /** Save what was changed in the widgets of a file. */
  private async _saved(path: string): Promise<void> {
    const widget: IDocumentWidget | undefined = this._documents.findWidget(path, null);
    if (widget?.context.model.dirty) {
      await widget.context.save();
    }
  }
}

function isPy(path: string): boolean {
  return path.endsWith('.py');
}

function isIpynb(path: string): boolean {
  return path.endsWith('.ipynb');
}

function isPaired(panel: NotebookPanel | null): boolean {
  const own = panel?.model?.getMetadata(METADATA) as
    ReadonlyPartialJSONObject | undefined;
  return own?.paired === true;
}

async function mayReplace(path: string): Promise<boolean> {
  const { button } = await showDialog({
    title: 'Replace the file?',
    body: `${path} exists already.`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Replace' })]
  });
  return button.accept;
}

/** Give the cells that are as before the outputs that they had. */
function keepOutputs(
  notebook: nbformat.INotebookContent,
  old: nbformat.INotebookContent
): void {
  const known = new Map(old.cells.map(cell => [cell.id, cell]));
  for (const cell of notebook.cells) {
    const before = known.get(cell.id);
    if (before?.cell_type === 'code' && before.source === cell.source) {
      cell.outputs = before.outputs;
      cell.execution_count = before.execution_count;
    }
  }
}
