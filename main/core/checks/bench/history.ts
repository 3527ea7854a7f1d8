import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Observed } from './observed.ts';
import { Timeline } from './timeline.ts';

/** Of half an hour's conversation with 20 ms frames there are 180,000, both ways; a message on the wire is no larger. */
const KEPT_PACKETS = 200_000;
const KEPT_EVENTS = 100_000;
/** Kept of a long watch, however much happens after: connections that came and went, and what was lost. */
const lasting: ReadonlySet<PipelineEvent['kind']> = new Set([
  ...(['conversation.opened', 'conversation.closed', 'device.online', 'device.offline', 'device.refused'] as const),
  ...(['dropped', 'downlink.underrun'] as const),
]);
/** Of everybody, until it is known who the board is. */
const KEPT_OF_ALL = 20_000;

/** What one device did since a run began, kept from before it was known which one it is. */
export class DeviceHistory {
  readonly events: Timeline<PipelineEvent>;
  readonly packets: Timeline<AudioPacket>;
  readonly #observed: Observed;
  readonly #stop: () => void;
  #device: DeviceName | null = null;
  #ofAll: { event: PipelineEvent; device: string | null }[] = [];

  constructor(clock: Clock, observed: Observed) {
    this.events = new Timeline(clock, KEPT_EVENTS, ({ kind }) => lasting.has(kind));
    this.packets = new Timeline(clock, KEPT_PACKETS);
    this.#observed = observed;
    this.#stop = observed.listen({
      event: (event, device) => {
        if (this.#device === null) this.#keep(event, device);
        else if (device === deviceId(this.#device)) this.events.add(event);
      },
      packet: (packet, device) => {
        if (this.#device !== null && device === deviceId(this.#device)) this.packets.add(packet);
      },
    });
  }

  /** Which one it is. Conversations that were open before the run began are told first. */
  is(device: DeviceName): void {
    if (this.#device !== null) return;
    this.#device = device;
    const own = this.#ofAll.filter((each) => each.device === deviceId(device)).map(({ event }) => event);
    this.#ofAll = [];
    for (const opened of this.#observed.conversationsOf(device)) if (!own.includes(opened)) this.events.add(opened);
    for (const event of own) this.events.add(event);
  }

  get isOfSomebody(): boolean {
    return this.#device !== null;
  }

  /** Who waits for something of it waits no longer. */
  close(): void {
    this.#stop();
    this.events.end();
    this.packets.end();
  }

  #keep(event: PipelineEvent, device: string | null): void {
    this.#ofAll.push({ event, device });
    if (this.#ofAll.length >= KEPT_OF_ALL * 2) this.#ofAll = this.#ofAll.slice(-KEPT_OF_ALL);
  }
}
