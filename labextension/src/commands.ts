/** The commands for the notebook in front. Palette, shortcuts and menus all use these. */
import { Notification } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import type { CommandRegistry } from '@lumino/commands';
import type { JSONObject } from '@lumino/coreutils';

import { goTo } from './cells';
import { METADATA } from './document';
import type { IReactiveNotebook, IReactiveNotebooks } from './tokens';
import { describe, needsARun } from './words';

export const CommandIDs = {
  runStale: 'reactive:run-stale',
  runNeeded: 'reactive:run-needed',
  toggleMode: 'reactive:toggle-mode',
  nextStale: 'reactive:next-stale',
  previousStale: 'reactive:previous-stale',
  toggleDisabled: 'reactive:toggle-disabled',
  toggleFrozen: 'reactive:toggle-frozen',
  whyStale: 'reactive:why-stale'
} as const;

/** Where the palette lists our commands. */
export const CATEGORY = 'Reactive Python';

interface ISteering {
  readonly id: string;
  readonly label: string;
  readonly caption: string;
  readonly execute: (notebook: IReactiveNotebook) => void;
  readonly isToggled?: (notebook: IReactiveNotebook) => boolean;
}

const STEERING: readonly ISteering[] = [
  {
    id: CommandIDs.runStale,
    label: 'Run Stale Cells',
    caption: 'Run every cell that is stale, each once, in order',
    execute: notebook => notebook.run(null)
  },
  {
    id: CommandIDs.runNeeded,
    label: 'Run Cell with What It Needs',
    caption: 'Run the selected cells, and before them what they need',
    execute: notebook => notebook.run(selected(notebook).map(cell => cell.model.id))
  },
  {
    id: CommandIDs.toggleMode,
    label: 'Rerun Dependents Automatically',
    caption: 'On: cells that depend on a change rerun. Off: they are marked stale',
    execute: notebook =>
      notebook.configure(notebook.model.mode === 'auto' ? 'lazy' : 'auto'),
    isToggled: notebook => notebook.model.mode === 'auto'
  },
  {
    id: CommandIDs.nextStale,
    label: 'Go to Next Stale Cell',
    caption: 'Select the next cell that is stale, failed or blocked',
    execute: notebook => goToStale(notebook, 1)
  },
  {
    id: CommandIDs.previousStale,
    label: 'Go to Previous Stale Cell',
    caption: 'Select the cell before that is stale, failed or blocked',
    execute: notebook => goToStale(notebook, -1)
  },
  {
    id: CommandIDs.toggleDisabled,
    label: 'Disable Cell',
    caption: 'A disabled cell neither runs nor defines anything',
    execute: notebook => toggleSetting(notebook, 'disabled'),
    isToggled: notebook => isSet(notebook, 'disabled')
  },
  {
    id: CommandIDs.toggleFrozen,
    label: 'Freeze Cell',
    caption: 'A frozen cell keeps the values of its last run',
    execute: notebook => toggleSetting(notebook, 'frozen'),
    isToggled: notebook => isSet(notebook, 'frozen')
  },
  {
    id: CommandIDs.whyStale,
    label: 'Explain the State of the Cell',
    caption: 'Say why the cell is stale, queued or blocked',
    execute: explain
  }
];

/** Add the commands; they act on the notebook in front, if its kernel is ours. */
export function addCommands(
  commands: CommandRegistry,
  notebooks: IReactiveNotebooks,
  palette: ICommandPalette | null
): void {
  for (const { id, label, caption, execute, isToggled } of STEERING) {
    commands.addCommand(id, {
      label,
      caption,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => notebooks.current?.live ?? false,
      isToggleable: isToggled !== undefined,
      isToggled: () => {
        const current = notebooks.current;
        return current !== null && (isToggled?.(current) ?? false);
      },
      execute: () => {
        if (notebooks.current !== null) {
          execute(notebooks.current);
        }
      }
    });
    palette?.addItem({ command: id, category: CATEGORY });
  }
  const changed = () => commands.notifyCommandChanged();
  notebooks.currentChanged.connect(changed);
  notebooks.added.connect((_, notebook) => {
    notebook.liveChanged.connect(changed);
    notebook.model.changed.connect((_, change) => change.mode && changed());
  });
}

function goToStale(notebook: IReactiveNotebook, step: 1 | -1): void {
  const { widgets, activeCellIndex } = notebook.panel.content;
  const { cells } = notebook.model;
  for (let away = 1; away <= widgets.length; away += 1) {
    const index = (activeCellIndex + step * away + widgets.length) % widgets.length;
    const id = widgets[index]?.model.id ?? '';
    const state = cells.get(id)?.state;
    if (state !== undefined && needsARun(state)) {
      void goTo(notebook.panel, id);
      return;
    }
  }
}

/** Return the selected code cells. */
function selected({ panel: { content } }: IReactiveNotebook): Cell[] {
  return content.widgets.filter(
    cell => isCodeCellModel(cell.model) && content.isSelectedOrActive(cell)
  );
}

type Switch = 'disabled' | 'frozen';

function isSet(notebook: IReactiveNotebook, name: Switch): boolean {
  const cells = selected(notebook);
  return cells.length > 0 && cells.every(cell => settingsOf(cell)[name] === true);
}

function toggleSetting(notebook: IReactiveNotebook, name: Switch): void {
  const isOn = isSet(notebook, name);
  for (const cell of selected(notebook)) {
    const { [name]: _, ...others } = settingsOf(cell);
    const settings = isOn ? others : { ...others, [name]: true };
    if (Object.keys(settings).length > 0) {
      cell.model.setMetadata(METADATA, settings);
    } else {
      cell.model.deleteMetadata(METADATA);
    }
  }
}

function settingsOf(cell: Cell): JSONObject {
  return { ...(cell.model.getMetadata(METADATA) as JSONObject | undefined) };
}

function explain(notebook: IReactiveNotebook): void {
  const { model, panel } = notebook;
  const id = panel.content.activeCell?.model.id ?? '';
  const words = describe(model, id) || 'fresh: it shows what its text and inputs give';
  const causes = model.cells.get(id)?.reasons.map(reason => reason.cell) ?? [];
  const [cause] = causes.filter(cell => cell !== null && model.cells.has(cell));
  const actions = cause
    ? [{ label: 'Go to the cause', callback: () => void goTo(panel, cause) }]
    : [];
  Notification.info(`This cell is ${words}.`, { autoClose: 10_000, actions });
}
