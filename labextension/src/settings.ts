/** What the user has chosen in the settings editor (schema/plugin.json). */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { MODES } from './protocol';
import type { Mode } from './protocol';

export const PLUGIN = 'reactive-kernel:plugin';

const RUNS = ['nothing', 'visible', 'all'] as const;

export interface ISettings {
  /** The mode of kernel sessions that begin; null: as kernel and notebook say. */
  readonly mode: Mode | null;
  readonly marks: boolean;
  readonly dimming: boolean;
  readonly runOnOpen: (typeof RUNS)[number];
}

/** The settings; the defaults while there are none. */
export class Settings {
  get value(): ISettings {
    return this._value;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Take the settings of the registry, now and when they change. */
  follow(settings: ISettingRegistry.ISettings): void {
    settings.changed.connect(this._take, this);
    this._take(settings);
  }

  private _take(settings: ISettingRegistry.ISettings): void {
    const get = (key: string) => settings.get(key).composite;
    this._value = {
      mode: MODES.find(mode => mode === get('mode')) ?? null,
      marks: get('marks') !== false,
      dimming: get('dimming') !== false,
      runOnOpen: RUNS.find(run => run === get('runOnOpen')) ?? 'nothing'
    };
    this._changed.emit();
  }

  private _value: ISettings = {
    mode: null,
    marks: true,
    dimming: true,
    runOnOpen: 'nothing'
  };
  private readonly _changed = new Signal<this, void>(this);
}
