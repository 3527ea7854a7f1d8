import type { RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { type DescribedPacket, describePacket } from './describe.ts';
import { attributeIds as ids, textOf, type WireVersion } from './wire/attributes.ts';
import type { Packet } from './wire/packet.ts';

const MOST_NOTES = 100;

export interface WireRecordsDeps {
  clock: Clock;
  observer: Observer;
  productId: () => string;
  version: () => WireVersion;
  /** Null before the hello. */
  device: () => DeviceName | null;
  conversationOf: (sessionId: string) => string | undefined;
}

/** What one connection carries, told as messages of the wire with its secrets out. */
export class WireRecords {
  readonly #deps: WireRecordsDeps;
  readonly #noted = new Map<string, number>();

  constructor(deps: WireRecordsDeps) {
    this.#deps = deps;
  }

  packet(direction: 'up' | 'down', one: Packet, sessionId?: string): void {
    this.message(direction, describePacket(this.#deps.version(), one), sessionId ?? textOf(one.attributes, ids.sessionId));
  }

  /** The same remark of a stream of packets is made once, and then at every hundredth. */
  note(what: string, note: string, sessionId?: string): void {
    const count = (this.#noted.get(note) ?? 0) + 1;
    if (this.#noted.size < MOST_NOTES || count > 1) this.#noted.set(note, count);
    if (count === 1 || count % 100 === 0)
      this.message('up', { name: what, text: '', note: count === 1 ? note : `${note} (${count} times)` }, sessionId);
  }

  message(direction: 'up' | 'down', message: DescribedPacket, sessionId?: string): void {
    const { observer, clock } = this.#deps;
    const device = this.#deps.device();
    const conversationId = sessionId === undefined ? undefined : this.#deps.conversationOf(sessionId);
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      ...(conversationId !== undefined && { conversationId }),
      gateway: 'tuya',
      channel: 'tcp',
      direction,
      ...(device !== null && { deviceId: deviceId(device) }),
      ...message,
    });
  }

  refused(clientId: string, reason: RefusalReason): void {
    const { clock, observer, productId } = this.#deps;
    observer.event({
      atUs: clock.nowUs(),
      kind: 'device.refused',
      productId: productId(),
      deviceName: clientId.slice(0, 128),
      reason,
      gateway: 'tuya',
    });
  }
}
