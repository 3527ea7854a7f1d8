import type { ThingModel } from '../../../preload/contract/agents.ts';
import type { CallContact, LiveDevice, OtaUpdate } from '../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type DeviceName, deviceId, keptProperties } from '../devices.ts';

const KEPT_EVENTS = 50;
const MOST_DEVICES = 2000;

type Shadow = Omit<LiveDevice, 'isOnline' | 'subscriptions'>;

export interface ShadowsDeps {
  clock: Clock;
  /** Something of that device is different now. */
  onChange: (device: DeviceName) => void;
}

/**
 * What the cloud knows of each device besides its registration: last values with their times, what was set while it was away
 * (`control` of get_status, gone by clear_control or when the board took it), events, update, address book.
 */
export class Shadows {
  readonly #deps: ShadowsDeps;
  readonly #shadows = new Map<string, Shadow>();

  constructor(deps: ShadowsDeps) {
    this.#deps = deps;
  }

  of(device: DeviceName): Readonly<Shadow> {
    return this.#shadows.get(deviceId(device)) ?? empty(device);
  }

  all(): readonly Readonly<Shadow>[] {
    return [...this.#shadows.values()];
  }

  reported(device: DeviceName, properties: Record<string, unknown>): void {
    const atWallMs = this.#deps.clock.wallMs();
    this.#change(device, (shadow) => {
      const known = Object.entries(shadow.properties).map(([id, { value }]) => [id, value] as const);
      const kept = Object.entries(keptProperties(Object.fromEntries(known), properties)).map(([id, value]) => {
        const before = Object.hasOwn(properties, id) ? undefined : shadow.properties[id];
        return [id, before ?? { value, atWallMs }] as const;
      });
      // What the board says it has is what was asked for, or the board knows better.
      const control = Object.fromEntries(Object.entries(shadow.control).filter(([id]) => !Object.hasOwn(properties, id)));
      return { properties: Object.fromEntries(kept), control };
    });
  }

  event(device: DeviceName, event: Omit<LiveDevice['events'][number], 'atWallMs'>): void {
    const told = { ...event, atWallMs: this.#deps.clock.wallMs() };
    this.#change(device, (shadow) => ({ events: [told, ...shadow.events].slice(0, KEPT_EVENTS) }));
  }

  /** Kept until the board takes it. */
  keep(device: DeviceName, properties: Record<string, unknown>): void {
    this.#change(device, (shadow) => ({ control: keptProperties(shadow.control, properties) }));
  }

  taken(device: DeviceName, propertyIds?: readonly string[]): void {
    if (!this.#shadows.has(deviceId(device))) return;
    this.#change(device, (shadow) => ({
      control: Object.fromEntries(Object.entries(shadow.control).filter(([id]) => propertyIds !== undefined && !propertyIds.includes(id))),
    }));
  }

  updating(device: DeviceName, update: OtaUpdate): void {
    this.#change(device, () => ({ update }));
  }

  contacts(device: DeviceName, contacts: readonly CallContact[]): void {
    this.#change(device, () => ({ contacts: [...contacts] }));
  }

  miniProgram(device: DeviceName, miniProgram: NonNullable<LiveDevice['miniProgram']>): void {
    this.#change(device, () => ({ miniProgram }));
  }

  /** It came or went, or asked for a topic. */
  touched(device: DeviceName): void {
    this.#change(device, () => ({}));
  }

  #change(device: DeviceName, change: (shadow: Shadow) => Partial<Shadow>): void {
    const id = deviceId(device);
    const shadow = this.#shadows.get(id) ?? empty(device);
    // The one that was heard of last stays longest.
    this.#shadows.delete(id);
    this.#shadows.set(id, { ...shadow, ...change(shadow) });
    const [oldest] = this.#shadows.keys();
    if (this.#shadows.size > MOST_DEVICES && oldest !== undefined) this.#shadows.delete(oldest);
    this.#deps.onChange(device);
  }
}

function empty({ productId, deviceName }: DeviceName): Shadow {
  return { productId, deviceName, properties: {}, control: {}, events: [], update: null, contacts: [], miniProgram: null };
}

/** Throws TalkError 'device/no-property' for what the thing model does not let anybody set. */
export function assertWritable(productId: string, model: ThingModel, properties: Record<string, unknown>): void {
  for (const propertyId of Object.keys(properties)) {
    const property = model.properties.find(({ id }) => id === propertyId);
    if (property === undefined) throw new TalkError('device/no-property', { productId, propertyId, reason: 'unknown' });
    if (!property.mode.includes('w')) throw new TalkError('device/no-property', { productId, propertyId, reason: 'read-only' });
  }
}

/** Throws TalkError 'device/no-action': the name on the two sides differs, which is why such a call fails in the field. */
export function assertAction(productId: string, model: ThingModel, actionId: string): void {
  if (model.actions.some(({ id }) => id === actionId)) return;
  const known = model.actions.map(({ id }) => id).join(', ');
  throw new TalkError('device/no-action', { productId, actionId, known: known === '' ? '—' : known });
}
