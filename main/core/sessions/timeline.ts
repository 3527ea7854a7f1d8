import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CallHandlers } from '../endpoint/handlers.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { MadeBlock } from '../store/timeline-blocks.ts';
import type { Recorder } from './recorder.ts';
import { labelOfRow } from './timeline-row-label.ts';

type TimelineCall = Extract<keyof CallHandlers, `timeline.${string}`>;

export interface Timeline {
  calls: Pick<CallHandlers, TimelineCall>;
  close(): void;
}

/** What was recorded since is made ready this often, so that a long recording opens as fast as a short one. */
const READY_INTERVAL_US = 30_000_000;

/** What a timeline draws. It is computed where a session is read and kept by the writer, whose own work it is not. */
export function createTimeline(deps: { store: Store; recorder: Recorder; clock: Clock; log: Log }): Timeline {
  const { store, recorder, clock, log } = deps;
  let cancelTimer = () => {};
  let isClosed = false;

  /** What was just appended is part of the answer, as far as the disk lets it. */
  async function settled(id: string): Promise<void> {
    if (recorder.session?.id === id) await store.flush().catch((error: unknown) => log.warn({ err: error }, 'showing what is stored'));
  }

  /** It can be computed again: that it could not be kept is worth a line. */
  function keeping(done: Promise<unknown>): void {
    done.catch((error: unknown) => {
      if (!isClosed) log.warn({ err: error }, 'a timeline was not kept');
    });
  }

  async function events(body: { id: string; conversationId: string | null; cursor: string | null }, signal?: AbortSignal) {
    const { made, ...reply } = await store.bulk('timeline.events', body, signal === undefined ? {} : { signal });
    return { reply, made };
  }

  function keepBlocks(id: string, blocks: MadeBlock[]): Promise<unknown> {
    return blocks.length === 0 ? Promise.resolve() : store.write('timeline.keepBlocks', { id, blocks });
  }

  /** Reads all of a session's events once, so that their facts are kept. */
  async function makeReady(id: string, from: string | null): Promise<string | null> {
    let cursor = from;
    for (let hasMore = true; hasMore && !isClosed; ) {
      const { reply, made } = await events({ id, conversationId: null, cursor });
      await keepBlocks(id, made);
      ({ cursor, hasMore } = reply);
    }
    return cursor;
  }

  /** The session under way, and how far it is ready. */
  let followed: { id: string; cursor: string | null } | null = null;
  let working: Promise<void> | null = null;

  function ready(session: { id: string; cursor: string | null }): void {
    if (working !== null) return;
    working = makeReady(session.id, session.cursor)
      .then((cursor) => {
        session.cursor = cursor;
      })
      .catch((error: unknown) => {
        if (!isClosed && !isTalkError(error, 'session/not-found')) log.warn({ err: error, sessionId: session.id }, 'timeline not ready');
      })
      .finally(() => {
        working = null;
      });
  }

  function follow(): void {
    cancelTimer();
    if (isClosed) return;
    const id = recorder.session?.id ?? null;
    if (followed?.id !== id) {
      if (followed?.cursor !== null && followed !== null) ready(followed);
      followed = id === null ? null : { id, cursor: null };
    } else if (followed !== null) ready(followed);
    if (followed !== null) cancelTimer = clock.at((clock.nowUs() + READY_INTERVAL_US) as MonoUs, follow);
  }
  const stopListening = recorder.onChange(follow);
  follow();

  return {
    calls: {
      'timeline.events': async (body, { signal }) => {
        await settled(body.id);
        const { reply, made } = await events(body, signal);
        keeping(keepBlocks(body.id, made));
        return reply;
      },
      'timeline.rows': async (body, { signal }) => {
        await settled(body.id);
        return store.bulk('timeline.rows', body, { signal });
      },
      'timeline.labels': async ({ id, events: ordinals, rows: seqs }) => {
        const { events: texts } = await store.read('timeline.labels', { id, events: ordinals });
        if (seqs.length === 0) return { events: texts, rows: [] };
        const wanted = Uint32Array.from(new Set(seqs)).sort();
        const found = await store.read('log.window', { sessionId: id, seqs: wanted });
        const labels = new Map(found.map((row) => [row.seq, labelOfRow(row)]));
        return { events: texts, rows: seqs.map((seq) => labels.get(seq) ?? '') };
      },
      'timeline.find': async (body, { signal }) => {
        await settled(body.id);
        return store.bulk('timeline.find', body, { signal });
      },
      'timeline.causes': async (body) => {
        await settled(body.id);
        return store.read('timeline.causes', body);
      },
      'timeline.tracks': async (body) => {
        await settled(body.id);
        if ((await store.read('session.summary', { id: body.id })) === null) throw new TalkError('session/not-found', { id: body.id });
        return store.read('timeline.tracks', body);
      },
      'timeline.peaks': async (body, { signal }) => {
        await settled(body.id);
        const { isKept, ...peaks } = await store.bulk('timeline.peaks', body, { signal });
        if (peaks.isFinal && !isKept)
          keeping(store.write('timeline.keepPeaks', { ...body, minimum: peaks.minimum, maximum: peaks.maximum }));
        return peaks;
      },
    },
    close() {
      isClosed = true;
      cancelTimer();
      stopListening();
    },
  };
}
