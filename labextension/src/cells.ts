/** Cells of a notebook on the page: their texts, and how to get to them. */
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { cellTopic } from './graph';
import type { IRange } from './protocol';
import { spanOf } from './texts';
import type { IReactiveNotebook } from './tokens';

/** Return the widget of a cell, if the notebook has it. */
export function cellWidget(panel: NotebookPanel, id: string): Cell | undefined {
  return panel.content.widgets.find(cell => cell.model.id === id);
}

/** Return the text of each cell. */
export function sources(panel: NotebookPanel): ReadonlyMap<string, string> {
  return new Map(
    panel.content.widgets.map(({ model }) => [model.id, model.sharedModel.getSource()])
  );
}

/** Return what a code cell is about. */
export function topic({ panel, model }: IReactiveNotebook, id: string): string {
  const text = cellWidget(panel, id)?.model.sharedModel.getSource() ?? '';
  return cellTopic(model.cells.get(id), text);
}

/** Return what each code cell is about. */
export function topics({ panel, model }: IReactiveNotebook): Map<string, string> {
  const texts = sources(panel);
  return new Map(
    model.order.map(id => [id, cellTopic(model.cells.get(id), texts.get(id) ?? '')])
  );
}

/** Make a cell the active one and scroll to it; select a range in it, if there is one. */
export async function goTo(
  panel: NotebookPanel,
  id: string,
  range?: IRange
): Promise<void> {
  const content = panel.content;
  const index = content.widgets.findIndex(cell => cell.model.id === id);
  const cell = content.widgets[index];
  if (cell === undefined) {
    return;
  }
  content.deselectAll();
  content.activeCellIndex = index;
  content.mode = 'command';
  await content.scrollToItem(index, 'auto');
  await cell.ready;
  content.activate();
  const span = range && spanOf(cell.model.sharedModel.getSource(), range);
  const editor = cell.editor;
  if (span && editor) {
    content.mode = 'edit';
    editor.setSelection({
      start: editor.getPositionAt(span.from) ?? { line: 0, column: 0 },
      end: editor.getPositionAt(span.to) ?? { line: 0, column: 0 }
    });
    editor.focus();
  }
}
