import type { Client } from '../../preload/contract/client.ts';
import type { PipelineEvent, PipelineEventKind } from '../../preload/contract/events.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';

type EventOf<Kind extends PipelineEventKind> = Extract<PipelineEvent, { kind: Kind }>;

export interface EventFeed extends Disposable {
  /**
   * The next event of a kind that satisfies `accepts`, from where the last wait ended, so that nothing that happens between
   * two waits is missed. Rejects with 'talk/no-reply' after `timeoutMs`, 'cancelled' when interrupted.
   */
  wait<Kind extends PipelineEventKind>(kind: Kind, accepts: (event: EventOf<Kind>) => boolean, timeoutMs: number): Promise<EventOf<Kind>>;
}

/** Follows the pipeline's events for a script that waits for one after another. */
export function createEventFeed(client: Client, interrupt: AbortSignal): EventFeed {
  const pending: PipelineEvent[] = [];
  let wake = () => {};
  let failure: unknown;
  const unsubscribe = client.subscribe(
    'pipeline.events',
    { includeWire: false },
    {
      onSnapshot: () => {},
      onDelta: (events) => {
        pending.push(...events);
        wake();
      },
      onEnd: (error) => {
        failure = error ?? new TalkError('disconnected');
        wake();
      },
    },
  );
  interrupt.addEventListener('abort', () => {
    failure ??= new TalkError('cancelled');
    wake();
  });
  return {
    async wait(kind, accepts, timeoutMs) {
      const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
      for (;;) {
        for (let event = pending.shift(); event !== undefined; event = pending.shift()) {
          if (event.kind === kind && accepts(event as EventOf<typeof kind>)) return event as EventOf<typeof kind>;
          // One without a turn is a complaint (an engine that lags), not a failure.
          if (event.kind === 'engine.error' && event.turnId !== undefined)
            throw new TalkError(event.error.code, event.error.data, { retryable: event.error.retryable });
          if (event.kind === 'device.refused') throw new TalkError('talk/refused', { stage: 'mqtt', reason: event.reason });
        }
        if (failure !== undefined) throw failure;
        if (deadline.aborted) throw new TalkError('talk/no-reply', { waitedMs: timeoutMs, waitedFor: kind }, { retryable: true });
        await new Promise<void>((done) => {
          wake = done;
          deadline.addEventListener('abort', () => done(), { once: true });
        });
      }
    },
    [Symbol.dispose]: unsubscribe,
  };
}
