/**
 * Findings of the kernel, underlined in the editors, with their message on hover and a
 * fix where there is one. An extension of CodeMirror, shared with JupyterLab's own copy.
 */
import { StateEffect, StateField } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { Decoration, EditorView, hoverTooltip, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, Tooltip } from '@codemirror/view';
import { EditorExtensionRegistry } from '@jupyterlab/codemirror';
import type { IEditorExtensionRegistry } from '@jupyterlab/codemirror';

import type { IDiagnostic } from '../protocol';
import { spanOf } from '../texts';
import type { IReactiveModel, IReactiveNotebook } from '../tokens';
import { button, h } from './dom';

const replaced = StateEffect.define<DecorationSet>();

const underlined = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    const set = transaction.effects.find(effect => effect.is(replaced));
    return set ? set.value : marks.map(transaction.changes);
  },
  provide: field => EditorView.decorations.from(field)
});

export class Diagnostics {
  /** @param onFix - Called when the user wants a finding of a cell to be fixed. */
  constructor(private readonly _onFix: (id: string, finding: IDiagnostic) => void) {}

  /** Let all editors, of now and later, underline what is found in their cells. */
  register(registry: IEditorExtensionRegistry): void {
    registry.addExtension({
      name: 'reactive-kernel:diagnostics',
      factory: ({ model }) => {
        const id = idOf(model);
        return id === null
          ? null
          : EditorExtensionRegistry.createImmutableExtension(this._extension(id));
      }
    });
  }

  /** Follow what is found in the cells of a notebook. */
  follow(notebook: IReactiveNotebook): void {
    const model = notebook.model;
    this._models.add(model);
    const update = (ids: Iterable<string>) => {
      for (const id of ids) {
        this._views.get(id)?.forEach(view => this._show(view, id));
      }
    };
    model.changed.connect((_, change) => update(change.cells));
    notebook.disposed.connect(() => {
      this._models.delete(model);
      update(this._views.keys());
    });
    update(model.cells.keys());
  }

  private _extension(id: string): Extension {
    const { _views: views } = this;
    const add = (view: EditorView) => {
      views.set(id, (views.get(id) ?? new Set()).add(view));
      // Not at once: a view cannot be changed while it is made.
      queueMicrotask(() => this._show(view, id));
    };
    const plugin = ViewPlugin.define(view => {
      add(view);
      return {
        destroy: () => {
          views.get(id)?.delete(view);
          if (views.get(id)?.size === 0) {
            views.delete(id);
          }
        }
      };
    });
    return [
      underlined,
      plugin,
      hoverTooltip((view, at) => this._tooltip(view, id, at))
    ];
  }

  private _findings(id: string): readonly IDiagnostic[] {
    for (const model of this._models) {
      const cell = model.cells.get(id);
      if (cell !== undefined) {
        return cell.diagnostics;
      }
    }
    return [];
  }

  private _show(view: EditorView, id: string): void {
    if (!this._views.get(id)?.has(view)) {
      return;
    }
    const text = view.state.doc.toString();
    const marks = this._findings(id).flatMap(finding => {
      const span = finding.range && spanOf(text, finding.range);
      return span && span.from < span.to
        ? [marked(finding).range(span.from, span.to)]
        : [];
    });
    const drawn = Decoration.set(marks, true);
    if (marks.length > 0 || view.state.field(underlined).size > 0) {
      view.dispatch({ effects: replaced.of(drawn) });
    }
  }

  private _tooltip(view: EditorView, id: string, at: number): Tooltip | null {
    const found: IDiagnostic[] = [];
    let [from, to] = [at, at];
    view.state.field(underlined).between(at, at, (start, end, mark) => {
      found.push((mark.spec as { finding: IDiagnostic }).finding);
      [from, to] = [Math.min(from, start), Math.max(to, end)];
    });
    if (found.length === 0) {
      return null;
    }
    const dom = h(
      'div',
      { class: 'jp-Reactive-tooltip', role: 'tooltip' },
      ...found.map(finding => this._message(id, finding))
    );
    return { pos: from, end: to, above: true, create: () => ({ dom }) };
  }

  private _message(id: string, finding: IDiagnostic): HTMLElement {
    const { fix, message, severity } = finding;
    return h(
      'div',
      { 'data-severity': severity },
      h('p', {}, `${severity}: ${message}`),
      fix === null
        ? null
        : button(fix.title, () => this._onFix(id, finding), {
            class: 'jp-Reactive-tool'
          })
    );
  }

  private readonly _models = new Set<IReactiveModel>();
  private readonly _views = new Map<string, Set<EditorView>>();
}

function marked(finding: IDiagnostic): Decoration {
  return Decoration.mark({
    class: `jp-Reactive-underline jp-mod-${finding.severity}`,
    finding
  });
}

/** Return the id of the cell that an editor's model is of; null for other editors. */
function idOf(model: object): string | null {
  return 'id' in model && 'type' in model && model.type === 'code'
    ? String(model.id)
    : null;
}
