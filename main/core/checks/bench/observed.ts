import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { Observer } from '../../../../pipeline/observer.ts';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';

type Opened = Extract<PipelineEvent, { kind: 'conversation.opened' }>;

export interface ObservedListener {
  /** `device`: whose it is, where anybody's. */
  event(event: PipelineEvent, device: string | null): void;
  packet(packet: AudioPacket, device: string | null): void;
}

/** What happens on the bench, by whom; and which conversations are open. Costs a look-up an event where nobody listens. */
export class Observed {
  readonly #open = new Map<string, Opened>();
  readonly #listeners = new Set<ObservedListener>();

  readonly observer: Observer = {
    event: (event) => {
      if (event.kind === 'conversation.opened') this.#open.set(event.conversationId, event);
      if (this.#listeners.size > 0) {
        const device = this.#deviceOf(event);
        for (const listener of [...this.#listeners]) listener.event(event, device);
      }
      if (event.kind === 'conversation.closed') this.#open.delete(event.conversationId);
    },
    packet: (packet) => {
      if (this.#listeners.size === 0) return;
      const opened = this.#open.get(packet.conversationId);
      for (const listener of [...this.#listeners]) listener.packet(packet, opened === undefined ? null : deviceId(opened));
    },
  };

  listen(listener: ObservedListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The open conversations of a device, the newest last. */
  conversationsOf(device: DeviceName): readonly Opened[] {
    return [...this.#open.values()].filter((opened) => deviceId(opened) === deviceId(device));
  }

  #deviceOf(event: PipelineEvent): string | null {
    if (event.kind === 'wire.message') return event.deviceId ?? this.#deviceOfConversation(event.conversationId);
    if ('productId' in event) return deviceId(event);
    return 'conversationId' in event ? this.#deviceOfConversation(event.conversationId) : null;
  }

  #deviceOfConversation(conversationId: string | undefined): string | null {
    const opened = conversationId === undefined ? undefined : this.#open.get(conversationId);
    return opened === undefined ? null : deviceId(opened);
  }
}
