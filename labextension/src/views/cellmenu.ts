/** The menu of the active cell, in its toolbar. */
import type { Cell } from '@jupyterlab/cells';
import type { CommandRegistry } from '@lumino/commands';
import { Menu, Widget } from '@lumino/widgets';

import { CommandIDs } from '../commands';
import { toolbarButton } from './dom';

/** Groups of commands; those that are not there are left out. */
const GROUPS = [
  [CommandIDs.runNeeded, CommandIDs.whyStale],
  [CommandIDs.toggleFrozen, CommandIDs.toggleDisabled],
  ['reactive:go-to-definition', 'reactive:find-uses', 'reactive:show-graph']
];

export class CellMenuButton extends Widget {
  constructor(cell: Cell, commands: CommandRegistry) {
    super();
    this.addClass('jp-Reactive-item');
    const title = 'Reactive Python: this cell';
    const open = () => {
      const { left, bottom } = button.getBoundingClientRect();
      menuOf(commands).open(left, bottom);
    };
    const button = toolbarButton('◌ ▾', open, {
      title,
      'aria-label': title,
      'aria-haspopup': 'menu'
    });
    this.node.append(button);
    this.node.hidden = cell.model.type !== 'code';
  }
}

function menuOf(commands: CommandRegistry): Menu {
  const menu = new Menu({ commands });
  for (const group of GROUPS) {
    const known = group.filter(command => commands.hasCommand(command));
    if (known.length > 0 && menu.items.length > 0) {
      menu.addItem({ type: 'separator' });
    }
    known.forEach(command => menu.addItem({ command }));
  }
  // The menu closes before its command is executed, and that needs it no more.
  menu.aboutToClose.connect(() => setTimeout(() => menu.dispose(), 0));
  return menu;
}
