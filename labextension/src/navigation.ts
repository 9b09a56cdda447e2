/** To the definition of a name, to its uses, and to another name, across cells. */
import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';

import { cellWidget, goTo } from './cells';
import { cellName, fixText } from './graph';
import type { IDiagnostic } from './protocol';
import { findFields, parseFound, parseRenaming, renameFields } from './questions';
import type { IEdit, IFound, IPlace, IRenaming } from './questions';
import { placeOf, spansOf, wordAt } from './texts';
import type { IReplacement } from './texts';
import type { IReactiveNotebook } from './tokens';

/** A name at the cursor, and where that is. */
interface IAtCursor {
  readonly name: string;
  readonly at: IPlace;
}

/** Return the name at the cursor of the active cell. */
export function nameAtCursor({ panel }: IReactiveNotebook): IAtCursor | null {
  const cell = panel.content.activeCell;
  const editor = cell?.editor;
  if (!cell || !editor) {
    return null;
  }
  const text = cell.model.sharedModel.getSource();
  const word = wordAt(text, editor.getOffsetAt(editor.getCursorPosition()));
  return (
    word && {
      name: word.text,
      at: { cell: cell.model.id, ...placeOf(text, word.from) }
    }
  );
}

/** Go to the definition of the name at the cursor. */
export async function goToDefinition(notebook: IReactiveNotebook): Promise<void> {
  const found = await askAtCursor(notebook);
  const to = found?.definition;
  if (found && !to) {
    tell(`No cell of this notebook defines “${found.name}”.`);
  } else if (to) {
    await goTo(notebook.panel, to.cell, to.range);
  }
}

/** Return all mentions of the name at the cursor; null if there is none. */
export async function askAtCursor(notebook: IReactiveNotebook): Promise<IFound | null> {
  const cursor = nameAtCursor(notebook);
  if (cursor === null) {
    tell('Put the cursor on a name first.');
    return null;
  }
  return askFor(notebook, cursor.name, cursor.at);
}

/** Return all mentions of a name; null, after telling why, if it cannot be found. */
export async function askFor(
  notebook: IReactiveNotebook,
  name: string,
  at?: IPlace
): Promise<IFound | null> {
  try {
    return parseFound(await notebook.request('find', findFields(name, at)));
  } catch (error) {
    tell(sentence(error));
    return null;
  }
}

/** Ask for a new name for the one at the cursor, and edit all cells. */
export async function renameEverywhere(notebook: IReactiveNotebook): Promise<void> {
  const found = await askAtCursor(notebook);
  if (found === null) {
    return;
  }
  const { value: to } = await InputDialog.getText({
    title: `Rename ${found.name} in all cells`,
    label: 'New name',
    text: found.name,
    okLabel: 'Rename'
  });
  if (to === null || to === found.name) {
    return;
  }
  try {
    const answer = await notebook.request(
      'rename',
      renameFields(found.name, to.trim())
    );
    tellRenamed(
      notebook,
      found.name,
      to.trim(),
      apply(notebook, parseRenaming(answer))
    );
  } catch (error) {
    await showDialog({
      title: `${found.name} was not renamed`,
      body: sentence(error),
      buttons: [Dialog.okButton()]
    });
  }
}

/** Make the edits of a renaming: all of them, or none. */
function apply(notebook: IReactiveNotebook, renaming: IRenaming): IRenaming {
  const cells = new Map<string, IEdit[]>();
  for (const edit of renaming.edits) {
    cells.set(edit.cell, [...(cells.get(edit.cell) ?? []), edit]);
  }
  const changes = [...cells].map(([id, edits]) => prepared(notebook, id, edits));
  changes.forEach(change => change());
  notebook.flush();
  return renaming;
}

/** Return what makes edits of a cell; throws if they do not fit its text. */
function prepared(
  notebook: IReactiveNotebook,
  id: string,
  edits: readonly IReplacement[]
): () => void {
  const source = cellWidget(notebook.panel, id)?.model.sharedModel;
  const spans = source && spansOf(source.getSource(), edits);
  if (!source || !spans) {
    throw new Error('The notebook has changed meanwhile. Try again.');
  }
  return () => {
    source.transact(() => {
      spans.forEach(({ from, to, text }) => source.updateSource(from, to, text));
    });
  };
}

/** Settle a finding by the edit that comes with it. */
export function fix(
  notebook: IReactiveNotebook,
  id: string,
  finding: IDiagnostic
): void {
  const source = cellWidget(notebook.panel, id)?.model.sharedModel.getSource();
  if (finding.fix === null || source === undefined) {
    return;
  }
  const text = fixText(notebook.model, id, finding.fix, source);
  try {
    prepared(notebook, id, [{ range: finding.fix.range, text }])();
    notebook.flush();
  } catch (error) {
    tell(sentence(error));
  }
}

function tellRenamed(
  notebook: IReactiveNotebook,
  name: string,
  to: string,
  { edits, left }: IRenaming
): void {
  const cells = new Set(edits.map(({ cell }) => cell)).size;
  const where = left.map(id => cellName(notebook.model, id)).join(', ');
  const rest = where
    ? ` The word still stands in ${where}, in a text or a comment.`
    : '';
  tell(
    `“${name}” is “${to}” in ${cells} ${cells === 1 ? 'cell' : 'cells'} now.${rest}`
  );
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function tell(text: string): void {
  Notification.info(text, { autoClose: 6000 });
}
