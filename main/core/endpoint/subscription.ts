import { BATCH_BYTES, BATCH_INTERVAL_MS } from '../../../preload/contract/protocol.ts';
import { approximateBytes } from '../../../preload/contract/size.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ServerFrame } from '../../../preload/contract/wire.ts';
import type { StreamAttachment } from './handlers.ts';

interface SubscriptionOptions {
  id: number;
  attachment: StreamAttachment<unknown, unknown>;
  /** Items the client is ready for. */
  credit: number;
  clock: Clock;
  post(frame: ServerFrame): void;
  /** Told of a bug in the attachment; the subscription has already stopped. */
  fail(error: unknown): void;
}

/**
 * One client's place in a topic. It queues nothing of its own: it is a cursor into the window the topic retains, so a slow
 * client costs no memory. A cursor that the window has left behind is told how many deltas it lost and starts over from a
 * snapshot.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #credit: number;
  #cursor = 0;
  /** Accepted deltas at or after the cursor: what a client that falls behind loses. */
  #pending = 0;
  #nextFlushUs = 0;
  #stopListening: (() => void) | null = null;
  #cancelFlush: (() => void) | null = null;
  #isStopped = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#credit = options.credit;
  }

  /** Resumes at `fromSeq` where the topic still holds it, else opens with a snapshot. */
  start(fromSeq: number | undefined): void {
    const { ready, close } = this.#options.attachment;
    const resumeSeq = close === undefined ? fromSeq : undefined;
    if (ready === undefined) {
      this.#begin(resumeSeq);
      return;
    }
    const begin = () => {
      if (!this.#isStopped) this.#begin(resumeSeq);
    };
    ready.then(begin).catch((error: unknown) => {
      if (!this.#isStopped) this.#fail(error);
    });
  }

  #begin(fromSeq: number | undefined): void {
    const { topic } = this.#options.attachment;
    if (fromSeq === undefined || fromSeq < 0 || fromSeq > topic.nextSeq) {
      this.#sendSnapshot();
    } else {
      this.#cursor = fromSeq;
      // Beyond the window the filter cannot be asked any more: count them all rather than too few.
      this.#pending = topic.since(fromSeq)?.filter((delta) => this.#accepts(delta)).length ?? topic.nextSeq - fromSeq;
    }
    this.#stopListening = topic.listen((delta, seq) => this.#published(delta, seq), {
      onRestart: () => this.#restart(),
      onFail: (error) => this.#fail(error),
    });
    if (this.#cursor < topic.nextSeq) this.#flush();
  }

  addCredit(items: number): void {
    this.#credit += items;
    this.#scheduleFlush();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#options.attachment.close?.();
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelFlush?.();
    this.#cancelFlush = null;
  }

  #accepts(delta: unknown): boolean {
    return this.#options.attachment.accepts?.(delta) ?? true;
  }

  /** Runs inside the publisher's call, which must never fail because of one of its readers. */
  #published(delta: unknown, seq: number): void {
    try {
      if (!this.#accepts(delta)) {
        // Keeps up with a topic that has nothing for this client, instead of falling out of its window.
        if (this.#pending === 0) this.#cursor = seq + 1;
        return;
      }
      this.#pending++;
      this.#scheduleFlush();
    } catch (error) {
      this.#fail(error);
    }
  }

  #scheduleFlush(): void {
    if (this.#cancelFlush !== null || this.#credit <= 0 || this.#pending === 0) return;
    const { clock } = this.#options;
    const atUs = Math.max(this.#nextFlushUs, clock.nowUs()) as MonoUs;
    this.#cancelFlush = clock.at(atUs, () => {
      this.#cancelFlush = null;
      this.#flush();
    });
  }

  #flush(): void {
    this.#nextFlushUs = this.#options.clock.nowUs() + BATCH_INTERVAL_MS * 1000;
    try {
      this.#sendPending();
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendPending(): void {
    const { id, attachment, post } = this.#options;
    const deltas = attachment.topic.since(this.#cursor);
    if (attachment.isState === true) {
      this.#sendNewest(deltas);
    } else if (deltas === null) {
      post({ t: 'dropped', id, count: this.#pending, seq: this.#cursor });
      this.#sendSnapshot();
    } else {
      this.#sendDeltas(deltas);
    }
  }

  /** What the client has not been sent is not part of the new snapshot: it goes first, credit or none. */
  #restart(): void {
    try {
      const deltas = this.#options.attachment.topic.since(this.#cursor) ?? [];
      this.#credit = Math.max(this.#credit, deltas.length);
      if (this.#pending > 0) this.#sendPending();
      this.#sendSnapshot();
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendNewest(deltas: readonly unknown[] | null): void {
    const { id, attachment, post } = this.#options;
    const { nextSeq } = attachment.topic;
    const newest = (deltas ?? attachment.topic.since(nextSeq - 1) ?? []).findLast((delta) => this.#accepts(delta));
    if (newest === undefined) {
      this.#sendSnapshot();
      return;
    }
    this.#cursor = nextSeq;
    this.#pending = 0;
    this.#credit--;
    post({ t: 'deltas', id, seq: nextSeq - 1, nextSeq, items: [newest] });
  }

  #sendDeltas(deltas: readonly unknown[]): void {
    const { id, post } = this.#options;
    let index = 0;
    while (index < deltas.length && this.#credit > 0) {
      const items: unknown[] = [];
      let firstSeq = this.#cursor;
      let bytes = 0;
      while (index < deltas.length && items.length < this.#credit && bytes < BATCH_BYTES) {
        const delta = deltas[index];
        if (this.#accepts(delta)) {
          if (items.length === 0) firstSeq = this.#cursor;
          items.push(delta);
          bytes += approximateBytes(delta, BATCH_BYTES);
        }
        index++;
        this.#cursor++;
      }
      this.#credit -= items.length;
      this.#pending -= items.length;
      if (items.length > 0) post({ t: 'deltas', id, seq: firstSeq, nextSeq: this.#cursor, items });
    }
  }

  #sendSnapshot(): void {
    const { id, attachment, post } = this.#options;
    const body = attachment.snapshot === undefined ? attachment.topic.snapshot() : attachment.snapshot();
    this.#cursor = attachment.topic.nextSeq;
    this.#pending = 0;
    post({ t: 'snapshot', id, seq: this.#cursor, body });
  }

  #fail(error: unknown): void {
    this.stop();
    this.#options.fail(error);
  }
}
