import { TalkError } from '../../../preload/contract/errors.ts';
import type { StreamDelta } from '../../../preload/contract/index.ts';
import type { RetentionRule, SessionSummary } from '../../../preload/contract/sessions.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { isCensored, latencyPercentiles } from '../analysis/percentiles.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { BulkRequests, ReplyOf } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { createRenderings } from './export/renderings.ts';
import { importFile } from './import/import-file.ts';
import type { Recorder } from './recorder.ts';
import { createRetention } from './retention.ts';
import { sweepScratchFolders } from './scratch-folders.ts';

type SessionCall = Extract<keyof CallHandlers, `sessions.${string}`>;
type Peaks = ReplyOf<BulkRequests, 'audio.peaks'>;

export interface Sessions {
  calls: Pick<CallHandlers, SessionCall>;
  streams: Pick<StreamHandlers, 'sessions.list'>;
  close(): void;
}

export interface SessionsDeps {
  store: Store;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  /** Every secret the core holds: none may be in an exported file, also where a board printed it. */
  secrets?: () => Promise<readonly string[]>;
  /** What sessions are kept for; null: for ever. */
  retention?: () => RetentionRule | null;
}

/** The stream's snapshot is the newest so many. */
const LISTED = 200;
/** A recording's counters are told this often. */
const SUMMARY_INTERVAL_US = 1_000_000;
const PEAKS_KEPT = 16;

/** Recorded sessions: listing, reading, sound, latency, files. Resolves once the newest are known. */
export async function createSessions(deps: SessionsDeps): Promise<Sessions> {
  const { store, recorder, clock, log } = deps;
  const newest = new Map<string, SessionSummary>();
  const topic = new Topic<SessionSummary[], StreamDelta<'sessions.list'>>({
    snapshot: () => [...newest.values()].sort((a, b) => b.startedWallMs - a.startedWallMs).slice(0, LISTED),
  });
  /** Of sessions that no longer change. */
  const peaksCache = new Map<string, Peaks>();
  let isClosed = false;
  let cancelTimer = () => {};

  const secretsOfCore = async () => (await deps.secrets?.()) ?? [];

  /** What was just appended is part of the answer, as far as the disk lets it. */
  function flushed(): Promise<void> {
    return store.flush().catch((error: unknown) => log.warn({ err: error }, 'showing what is stored'));
  }

  async function settled(id: string): Promise<void> {
    if (recorder.session?.id === id) await flushed();
  }

  async function summaryOf(id: string): Promise<SessionSummary> {
    await settled(id);
    const summary = await store.read('session.summary', { id });
    if (summary === null) throw new TalkError('session/not-found', { id });
    return summary;
  }

  /** Summaries are told in the order of what they tell: a session that is gone must not come back by a late reading. */
  let telling: Promise<unknown> = Promise.resolve();
  function inOrder<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = telling.then(task);
    telling = result.catch(() => {});
    return result;
  }

  function publish(id: string): Promise<SessionSummary> {
    return inOrder(async () => {
      await flushed();
      const summary = await summaryOf(id);
      newest.set(id, summary);
      topic.publish({ summary });
      return summary;
    });
  }

  function publishSoon(id: string): void {
    publish(id).catch((error: unknown) => {
      if (!isClosed) log.warn({ err: error, sessionId: id }, 'session summary not published');
    });
  }

  /** Tells the session under way once a second, and a last time when it has ended. */
  let followedId: string | undefined;
  function follow(): void {
    cancelTimer();
    const id = recorder.session?.id;
    if (isClosed) return;
    if (followedId !== undefined && followedId !== id) publishSoon(followedId);
    followedId = id;
    if (id === undefined) return;
    publishSoon(id);
    cancelTimer = clock.at((clock.nowUs() + SUMMARY_INTERVAL_US) as MonoUs, follow);
  }

  /** False when there is none, or it is kept and that matters. Throws TalkError 'session/recording'. */
  function remove(id: string, { unlessKept = false } = {}): Promise<boolean> {
    if (recorder.session?.id === id) throw new TalkError('session/recording', { id });
    return inOrder(async () => {
      const { found } = await store.write('session.remove', { id, unlessKept });
      if (!found) return false;
      newest.delete(id);
      topic.publish({ summary: null, removedId: id });
      return true;
    });
  }

  const retention = createRetention({
    store,
    recorder,
    clock,
    log,
    rule: deps.retention ?? (() => null),
    remove: (id) => remove(id, { unlessKept: true }),
  });
  void sweepScratchFolders(clock.wallMs());
  const renderings = createRenderings({ store, clock });
  const stopListening = recorder.onChange(follow);
  for (const summary of await store.read('session.list', { limit: LISTED })) newest.set(summary.id, summary);
  follow();

  const calls: Sessions['calls'] = {
    'sessions.list': async ({ limit, beforeWallMs }) => {
      if (recorder.session !== null) await settled(recorder.session.id);
      return { sessions: await store.read('session.list', { limit, beforeWallMs }) };
    },
    'sessions.show': async ({ id }) => {
      await settled(id);
      const detail = await store.read('session.detail', { id });
      if (detail === null) throw new TalkError('session/not-found', { id });
      return detail;
    },
    'sessions.events': async ({ id, afterOrdinal, limit, kinds }) => {
      await summaryOf(id);
      return store.read('session.events', { id, afterOrdinal, limit, kinds });
    },
    'sessions.audio': async ({ id, conversationId, fromUs, toUs, isDenoised }, { signal }) => {
      await summaryOf(id);
      return store.bulk('audio.wav', { id, conversationId, fromUs, toUs, isDenoised }, { signal });
    },
    'sessions.peaks': async ({ id, conversationId, bucketUs }, { signal }) => {
      const { state } = await summaryOf(id);
      const key = JSON.stringify([id, conversationId, bucketUs]);
      const known = peaksCache.get(key);
      if (known !== undefined) return known;
      const peaks = await store.bulk('audio.peaks', { id, conversationId, bucketUs }, { signal });
      if (state !== 'recording') remember(peaksCache, key, peaks);
      return peaks;
    },
    'sessions.latency': async ({ ids }) => {
      for (const id of ids) await settled(id);
      const { turns, missingIds } = await store.read('session.turns', { ids });
      if (missingIds[0] !== undefined) throw new TalkError('session/not-found', { id: missingIds[0] });
      return { turns, percentiles: latencyPercentiles(turns), unanswered: turns.filter(isCensored).length };
    },
    'sessions.start': async ({ title }) => {
      const { id } = recorder.ensureSession(title);
      await telling;
      return { id };
    },
    'sessions.stop': async () => {
      const id = await recorder.stop();
      await telling;
      return { id };
    },
    'sessions.update': async ({ id, title, note }) => {
      const { found } = await store.write('session.update', { id, title, note });
      if (!found) throw new TalkError('session/not-found', { id });
      return publish(id);
    },
    'sessions.remove': async ({ id }) => {
      if (!(await remove(id))) throw new TalkError('session/not-found', { id });
      return {};
    },
    'sessions.export': async ({ format, ...request }, { signal }) => {
      const { id, includeIdentities } = request;
      const secrets = await secretsOfCore();
      if (format !== undefined) {
        await summaryOf(id);
        return renderings.piece({ ...request, format, secrets }, signal);
      }
      const { redactions, leaveOut } = request;
      const data = await renderings.whole({ id, includeIdentities, redactions, leaveOut, secrets, format: 'talkbench' }, signal);
      return { fileName: `${id}.talkbench`, data };
    },
    'sessions.preview': async ({ id, ...options }, { signal }) => {
      await settled(id);
      return store.bulk('session.preview', { id, ...options, secrets: await secretsOfCore() }, { signal });
    },
    'sessions.import': async ({ data, fileName }, { signal }) => {
      const { id } = await importFile({ store, clock, data, fileName, signal });
      await store.write('document.save', { kind: 'imported-session', id, body: {}, wallMs: clock.wallMs() });
      await publish(id);
      return { id };
    },
    'sessions.keep': async ({ id, isKept }) => {
      await summaryOf(id);
      if (isKept) await store.write('document.save', { kind: 'kept-session', id, body: {}, wallMs: clock.wallMs() });
      else await store.write('document.remove', { kind: 'kept-session', id });
      return publish(id);
    },
    'sessions.storage': ({ retention: rule }) => retention.storage(rule),
  };

  return {
    calls,
    streams: { 'sessions.list': () => ({ topic }) },
    close() {
      isClosed = true;
      cancelTimer();
      retention.close();
      renderings.close();
      stopListening();
    },
  };
}

function remember<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  const [oldest] = cache.keys();
  if (cache.size >= PEAKS_KEPT && oldest !== undefined) cache.delete(oldest);
  cache.set(key, value);
}
