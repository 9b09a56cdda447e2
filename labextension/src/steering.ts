/** Commands, toolbar, menus, status line and settings. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';

import { addCommands } from './commands';
import { follow } from './opening';
import { PLUGIN, Settings } from './settings';
import { IReactiveNotebooks } from './tokens';
import { CellMenuButton } from './views/cellmenu';
import { StatusLine } from './views/status';
import { ModeButton, ProgressItem, RunStaleButton } from './views/toolbar';

export const steering: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: 'Steers reactivity: commands, toolbar, status line and settings.',
  autoStart: true,
  requires: [IReactiveNotebooks],
  optional: [ISettingRegistry, ICommandPalette, IToolbarWidgetRegistry, IStatusBar],
  activate: async (
    { commands },
    notebooks: IReactiveNotebooks,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    toolbars: IToolbarWidgetRegistry | null,
    statusBar: IStatusBar | null
  ) => {
    addCommands(commands, notebooks, palette);
    if (toolbars !== null) {
      addToolbars(toolbars, notebooks, commands);
    }
    if (statusBar !== null) {
      const item = new StatusLine(notebooks, commands);
      statusBar.registerStatusItem('reactive-kernel:status', {
        item,
        align: 'left',
        rank: 10,
        isActive: () => item.isActive,
        activeStateChanged: item.activeChanged
      });
    }
    const settings = new Settings();
    // Without its settings the rest works with the defaults.
    await registry?.load(PLUGIN).then(
      loaded => settings.follow(loaded),
      (error: unknown) => console.warn('Reactive Python: no settings.', error)
    );
    notebooks.forEach(notebook => follow(notebook, settings));
    notebooks.added.connect((_, notebook) => follow(notebook, settings));
  }
};

function addToolbars(
  toolbars: IToolbarWidgetRegistry,
  notebooks: IReactiveNotebooks,
  commands: Parameters<typeof addCommands>[0]
): void {
  const add = toolbars.addFactory.bind(toolbars);
  add<NotebookPanel>(
    'Notebook',
    'reactive-mode',
    panel => new ModeButton(panel, notebooks, commands)
  );
  add<NotebookPanel>(
    'Notebook',
    'reactive-run-stale',
    panel => new RunStaleButton(panel, notebooks, commands)
  );
  add<NotebookPanel>(
    'Notebook',
    'reactive-progress',
    panel => new ProgressItem(panel, notebooks)
  );
  add<Cell>('Cell', 'reactive-menu', cell => new CellMenuButton(cell, commands));
}
