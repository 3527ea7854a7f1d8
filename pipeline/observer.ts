import type { AudioPacket, PipelineEvent } from '../preload/contract/events.ts';

/** Where the pipeline tells what happened. Calls are synchronous, never awaited, and can never fail a turn. */
export interface Observer {
  event(event: PipelineEvent): void;
  packet(packet: AudioPacket): void;
}

/** Fans out to several observers; one that throws is reported once and the others still hear. */
export function observers(list: readonly Observer[], onFault: (error: unknown) => void): Observer {
  function each(call: (observer: Observer) => void): void {
    for (const observer of list) {
      try {
        call(observer);
      } catch (error) {
        onFault(error);
      }
    }
  }
  return {
    event: (event) => each((observer) => observer.event(event)),
    packet: (packet) => each((observer) => observer.packet(packet)),
  };
}
