/** The plugin for understanding a notebook: outlines, graph, variables, names. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { LabIcon, SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel } from '@lumino/widgets';

import { CATEGORY } from './commands';
import {
  askAtCursor,
  askFor,
  fix,
  goToDefinition,
  renameEverywhere
} from './navigation';
import type { IDiagnostic } from './protocol';
import type { IFound } from './questions';
import { IReactiveNotebooks } from './tokens';
import type { IReactiveNotebook } from './tokens';
import { Diagnostics } from './views/diagnostics';
import { GraphView } from './views/graph';
import { Outline } from './views/outline';
import { UsesView } from './views/uses';
import { VariablesView } from './views/variables';

const icon = new LabIcon({
  name: 'reactive-kernel:graph',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">' +
    '<g class="jp-icon3" fill="#616161"><circle cx="8" cy="3" r="2"/>' +
    '<circle cx="3.5" cy="12.5" r="2"/><circle cx="12.5" cy="12.5" r="2"/>' +
    '<path d="M7.1 4.5 4 10.8l.9.4L8 4.9l3.1 6.3.9-.4L8.9 4.5z"/></g></svg>'
});

/** The panel at the side; made when the first notebook of ours is opened. */
class Panel {
  readonly widget = new SidePanel();

  constructor(
    private readonly _app: JupyterFrontEnd,
    notebooks: IReactiveNotebooks
  ) {
    this.graph = new GraphView(notebooks);
    this.uses = new UsesView(notebooks);
    const findUses = async (name: string) => {
      const notebook = notebooks.current;
      const found = notebook && (await askFor(notebook, name));
      if (found) {
        this.showUses(notebook, found);
      }
    };
    this.variables = new VariablesView(notebooks, name => void findUses(name));
    this.widget.id = 'reactive-python';
    this.widget.title.icon = icon;
    this.widget.title.caption = 'Reactive Python: graph and variables';
    this.widget.node.setAttribute('role', 'region');
    this.widget.node.setAttribute('aria-label', 'Reactive Python');
    [this.graph, this.variables, this.uses].forEach(view =>
      this.widget.addWidget(view)
    );
    _app.shell.add(this.widget, 'right', { rank: 650, type: 'Reactive Python' });
  }

  /** Open the panel, and one of its sections. */
  show(view: GraphView | UsesView): void {
    this._app.shell.activateById(this.widget.id);
    const content = this.widget.content;
    if (content instanceof AccordionPanel) {
      content.expand(this.widget.widgets.indexOf(view));
    }
    view.update();
  }

  showUses(notebook: IReactiveNotebook, found: IFound): void {
    this.uses.showMentions(notebook, found);
    this.show(this.uses);
  }

  readonly graph: GraphView;
  readonly variables: VariablesView;
  readonly uses: UsesView;
}

export const understanding: JupyterFrontEndPlugin<void> = {
  id: 'reactive-kernel:understanding',
  description: 'Shows which cells depend on which, the variables and uses of names.',
  autoStart: true,
  requires: [IReactiveNotebooks],
  optional: [ICommandPalette, IEditorExtensionRegistry],
  activate: (
    app: JupyterFrontEnd,
    notebooks: IReactiveNotebooks,
    palette: ICommandPalette | null,
    editors: IEditorExtensionRegistry | null
  ) => {
    let panel: Panel | null = null;
    const settle = (id: string, finding: IDiagnostic) =>
      notebooks.forEach(notebook => {
        if (notebook.model.cells.has(id)) {
          fix(notebook, id, finding);
        }
      });
    const diagnostics = new Diagnostics(settle);
    if (editors) {
      diagnostics.register(editors);
    }
    const welcome = (notebook: IReactiveNotebook) => {
      panel ??= new Panel(app, notebooks);
      new Outline(notebook, settle);
      diagnostics.follow(notebook);
    };
    notebooks.forEach(welcome);
    notebooks.added.connect((_, notebook) => welcome(notebook));
    addCommands(app, notebooks, palette, () => panel);
  }
};

function addCommands(
  app: JupyterFrontEnd,
  notebooks: IReactiveNotebooks,
  palette: ICommandPalette | null,
  panel: () => Panel | null
): void {
  const add = (
    id: string,
    label: string,
    caption: string,
    execute: (notebook: IReactiveNotebook) => unknown
  ) => {
    const isOurs = () => notebooks.current !== null;
    app.commands.addCommand(`reactive:${id}`, {
      label,
      caption,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: isOurs,
      isVisible: isOurs,
      execute: async () => {
        if (notebooks.current) {
          await execute(notebooks.current);
        }
      }
    });
    palette?.addItem({ command: `reactive:${id}`, category: CATEGORY });
  };
  add('show-graph', 'Show Graph and Variables', 'Which cells depend on which', () => {
    const shown = panel();
    shown?.show(shown.graph);
  });
  add(
    'go-to-definition',
    'Go to Definition',
    'To the cell that defines the name at the cursor',
    goToDefinition
  );
  add(
    'find-uses',
    'Find Uses',
    'All cells that mention the name at the cursor',
    async notebook => {
      const found = await askAtCursor(notebook);
      if (found) {
        panel()?.showUses(notebook, found);
      }
    }
  );
  add(
    'rename-everywhere',
    'Rename Everywhere…',
    'Give the name at the cursor another name in all cells',
    renameEverywhere
  );
}
