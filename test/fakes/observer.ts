import type { Observer } from '../../pipeline/observer.ts';
import type { AudioPacket, PipelineEvent, PipelineEventKind } from '../../preload/contract/events.ts';

type EventOf<Kind extends PipelineEventKind> = Extract<PipelineEvent, { kind: Kind }>;

/** Keeps everything it is told, and lets a test wait for an event instead of sleeping. */
export class RecordingObserver implements Observer {
  readonly events: PipelineEvent[] = [];
  readonly packets: AudioPacket[] = [];
  readonly #waiting = new Set<(event: PipelineEvent) => void>();

  event(event: PipelineEvent): void {
    this.events.push(event);
    for (const listener of [...this.#waiting]) listener(event);
  }
  packet(packet: AudioPacket): void {
    this.packets.push(packet);
  }

  of<Kind extends PipelineEventKind>(kind: Kind): EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
  }

  /** The first event of the kind that satisfies `matches`, past ones included. */
  until<Kind extends PipelineEventKind>(kind: Kind, matches: (event: EventOf<Kind>) => boolean = () => true): Promise<EventOf<Kind>> {
    const isWanted = (event: PipelineEvent): event is EventOf<Kind> => event.kind === kind && matches(event as EventOf<Kind>);
    const past = this.events.find(isWanted);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      const listener = (event: PipelineEvent) => {
        if (!isWanted(event)) return;
        this.#waiting.delete(listener);
        resolve(event);
      };
      this.#waiting.add(listener);
    });
  }
}
