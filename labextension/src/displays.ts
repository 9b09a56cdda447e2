/** Outputs that can be updated later by their display id, among those that are routed. */
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { IOutputModel } from '@jupyterlab/rendermime';
import type { KernelMessage } from '@jupyterlab/services';

export class Displays {
  /** Remember an output that was just added, and bring earlier ones up to date. */
  add(message: KernelMessage.IDisplayDataMsg, area: IOutputAreaModel): void {
    const id = message.content.transient?.display_id;
    if (id === undefined) {
      return;
    }
    const added = area.get(area.length - 1);
    this._replace(id, message.content);
    const areas = this._areas.get(id) ?? new Map<IOutputAreaModel, Set<IOutputModel>>();
    areas.set(area, (areas.get(area) ?? new Set()).add(added));
    this._areas.set(id, areas);
  }

  /** Show new data wherever this id is displayed. */
  update(message: KernelMessage.IUpdateDisplayDataMsg): void {
    const id = message.content.transient?.display_id;
    if (id !== undefined) {
      this._replace(id, message.content);
    }
  }

  private _replace(
    id: string,
    content: KernelMessage.IDisplayDataMsg['content']
  ): void {
    const output = { ...content, output_type: 'display_data' } as IOutput;
    this._areas.get(id)?.forEach((shown, area) => {
      const kept = new Set<IOutputModel>();
      for (let index = 0; index < area.length; index += 1) {
        if (shown.has(area.get(index))) {
          area.set(index, output);
          kept.add(area.get(index));
        }
      }
      if (kept.size === 0) {
        this._areas.get(id)?.delete(area);
      } else {
        this._areas.get(id)?.set(area, kept);
      }
    });
  }

  private readonly _areas = new Map<string, Map<IOutputAreaModel, Set<IOutputModel>>>();
}
