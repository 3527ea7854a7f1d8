import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import type { DeviceName } from '../devices.ts';
import { OtaUpdates } from './ota/updates.ts';
import { Shadows } from './shadow.ts';

/** What is known of the devices and stays when the listeners are opened anew. */
export interface TwetalkMemory {
  shadows: Shadows;
  updates: OtaUpdates;
}

export function createTwetalkMemory(deps: { clock: Clock; observer: Observer; onChange: (device: DeviceName) => void }): TwetalkMemory {
  const { clock, observer, onChange } = deps;
  const shadows = new Shadows({ clock, onChange });
  return { shadows, updates: new OtaUpdates({ clock, observer, onUpdate: (device, update) => shadows.updating(device, update) }) };
}
