import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RetentionRule, SessionStorage, SessionSummary } from '../../../preload/contract/sessions.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Recorder } from './recorder.ts';
import { type ExpiredSounds, expiredSounds } from './sound-retention.ts';

export interface Retention {
  /** How things stand, and what a rule would remove: the bench's own unless another is given. */
  storage(rule?: RetentionRule): Promise<SessionStorage>;
  /** Removes what the rule says; resolves with how many sessions that were. One sweep at a time. */
  sweep(): Promise<number>;
  close(): void;
}

interface RetentionDeps {
  store: Store;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  /** Null: everything is kept. */
  rule: () => RetentionRule | null;
  /** False when it is not there, or kept by now. */
  remove: (id: string) => Promise<boolean>;
}

const DAY_MS = 86_400_000;
const DAY_US = DAY_MS * 1000;
/** The start of the app has better to do. */
const FIRST_US = 60_000_000;
const PAGE = 1000;
const GB = 1e9;
/** Reading how large sessions are takes a second for each 500 MB, on a thread that others wait for. */
const SIZED_AT_ONCE = 16;
const SIZES_TIMEOUT_MS = 5 * 60_000;

/**
 * Keeps the library within its size and age: looks a minute after the start, when a recording ends, and once a day. Oldest first; never
 * what is being recorded, what the user keeps, what a suite compares with, or what somebody is at.
 */
export function createRetention({ store, recorder, clock, log, rule, remove }: RetentionDeps): Retention {
  let isClosed = false;
  let sweeping: Promise<number> | null = null;
  let recordedId = recorder.session?.id;

  async function allSessions(): Promise<SessionSummary[]> {
    const all: SessionSummary[] = [];
    for (let beforeWallMs: number | undefined; ; ) {
      const page = await store.read('session.list', { limit: PAGE, beforeWallMs });
      all.push(...page);
      if (page.length < PAGE) return all;
      beforeWallMs = page.at(-1)?.startedWallMs;
    }
  }

  /** Sizes of sessions that no longer grow are reckoned once. */
  async function sizesOf(sessions: readonly SessionSummary[]): Promise<Map<string, number>> {
    const known = new Map(
      (await store.read('document.list', { kind: 'session-size' })).map(({ id, body }) => [id, Number((body as { bytes?: number }).bytes)]),
    );
    // What is being recorded is not removed, so nobody asks how large it is.
    const missing = sessions.filter(({ id, state }) => !known.has(id) && state !== 'recording').map(({ id }) => id);
    for (let from = 0; from < missing.length && !isClosed; from += SIZED_AT_ONCE) {
      const ids = missing.slice(from, from + SIZED_AT_ONCE);
      const { sizes } = await store.bulk('session.sizes', { ids }, { timeoutMs: SIZES_TIMEOUT_MS });
      for (const [id, bytes] of Object.entries(sizes)) {
        known.set(id, bytes);
        await store.write('document.save', { kind: 'session-size', id, body: { bytes }, wallMs: clock.wallMs() });
      }
    }
    return known;
  }

  async function arrivals(): Promise<Map<string, number>> {
    return new Map((await store.read('document.list', { kind: 'imported-session' })).map(({ id, wallMs }) => [id, wallMs]));
  }

  /** Sessions that a suite names, as what it judges or compares with. */
  async function namedBySuites(sessions: readonly SessionSummary[]): Promise<Set<string>> {
    const suites = (await store.read('document.list', { kind: 'suite' })).map(({ body }) => String((body as { text?: unknown }).text));
    return new Set(sessions.filter(({ id }) => suites.some((text) => text.includes(id))).map(({ id }) => id));
  }

  async function plan(given: RetentionRule | null): Promise<{ storage: SessionStorage; sounds: ExpiredSounds[] }> {
    const sessions = await allSessions();
    const { bytes, freeBytes } = await store.read('library.size', {});
    const sizes = given === null ? new Map<string, number>() : await sizesOf(sessions);
    const usedBytes = bytes - freeBytes;
    const nowMs = clock.wallMs();
    const sounds =
      given === null ? [] : expiredSounds({ runs: await store.read('check.soundSizes', {}), sessions, usedBytes, rule: given, nowMs });
    const soundBytes = sounds.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const storage: SessionStorage = {
      libraryBytes: bytes,
      freeBytes,
      diskFreeBytes: await diskFree(store.path),
      sessions: sessions.length,
      keptSessions: sessions.filter(({ isKept }) => isKept === true).length,
      wouldRemoveSounds: { runs: sounds.length, sizeBytes: soundBytes },
      wouldRemove:
        given === null
          ? []
          : expired({
              sessions,
              sizes,
              ...{ usedBytes: usedBytes - soundBytes, rule: given, nowMs },
              ...{ needed: await namedBySuites(sessions), arrivedWallMs: await arrivals() },
            }),
    };
    return { storage, sounds };
  }

  /** Before sessions: resolves when no more of them has to go. */
  async function removeSounds(given: RetentionRule, sounds: readonly ExpiredSounds[]): Promise<void> {
    for (const { runId, reason, sizeBytes } of sounds) {
      if (isClosed) break;
      if (reason === 'size' && !(await isTooLarge(given))) continue;
      const { removed } = await store.write('check.removeSounds', { runId });
      log.info({ runId, reason, sizeBytes, removed }, 'sounds of checks removed by retention');
    }
  }

  async function sweepOnce(): Promise<number> {
    const given = rule();
    if (given === null) return 0;
    // The recording that has just ended is not at its end for the store yet.
    await Promise.resolve();
    await store.flush().catch((error: unknown) => log.warn({ err: error }, 'retention beside what could not be stored'));
    let removed = 0;
    const { storage, sounds } = await plan(given);
    await removeSounds(given, sounds);
    for (const { id, reason, sizeBytes } of storage.wouldRemove) {
      if (isClosed || recorder.session?.id === id) break;
      if (store.isInUse(id)) continue;
      // How much each takes was an estimate: no more goes than must.
      if (reason === 'size' && !(await isTooLarge(given))) continue;
      if (!(await remove(id))) continue;
      removed++;
      log.info({ sessionId: id, reason, sizeBytes }, 'session removed by retention');
    }
    return removed;
  }

  async function isTooLarge({ maximumGb }: RetentionRule): Promise<boolean> {
    const { bytes, freeBytes } = await store.read('library.size', {});
    return maximumGb !== null && bytes - freeBytes > maximumGb * GB;
  }

  function sweep(): Promise<number> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = null;
    });
    return sweeping;
  }

  function sweepSoon(): void {
    sweep().catch((error: unknown) => {
      if (!isClosed) log.warn({ err: error }, 'retention did not run');
    });
  }

  let cancelTimer = clock.at((clock.nowUs() + FIRST_US) as MonoUs, daily);
  function daily(): void {
    if (isClosed) return;
    sweepSoon();
    cancelTimer = clock.at((clock.nowUs() + DAY_US) as MonoUs, daily);
  }
  const stopListening = recorder.onChange(() => {
    const before = recordedId;
    recordedId = recorder.session?.id;
    if (before !== undefined && recordedId === undefined) sweepSoon();
  });

  return {
    storage: async (given) => (await plan(given ?? rule())).storage,
    sweep,
    close() {
      isClosed = true;
      cancelTimer();
      stopListening();
    },
  };
}

/** Null where the settings keep everything. */
export function retentionOf({ retention: { maximumGb, maximumAgeDays } }: Pick<Settings, 'retention'>): RetentionRule | null {
  if (maximumGb === 0 && maximumAgeDays === 0) return null;
  return { maximumGb: maximumGb === 0 ? null : maximumGb, maximumAgeDays: maximumAgeDays === 0 ? null : maximumAgeDays };
}

/** Which sessions go, oldest first. The size counts what is used of the library, whatever else is in it. */
export function expired(state: {
  sessions: readonly SessionSummary[];
  sizes: ReadonlyMap<string, number>;
  usedBytes: number;
  rule: RetentionRule;
  nowMs: number;
  /** By others, so that they stay. */
  needed?: ReadonlySet<string>;
  /** When sessions from elsewhere came in: they may be old, and are new here. */
  arrivedWallMs?: ReadonlyMap<string, number>;
}): SessionStorage['wouldRemove'] {
  const { sessions, sizes, rule, nowMs, needed, arrivedWallMs } = state;
  const { maximumAgeDays, maximumGb } = rule;
  const removable = sessions
    .filter((session) => session.state !== 'recording' && session.isKept !== true && needed?.has(session.id) !== true)
    .toSorted((one, other) => one.startedWallMs - other.startedWallMs);
  let left = state.usedBytes;
  return removable.flatMap(({ id, title, startedWallMs, durationUs }) => {
    const sizeBytes = sizes.get(id) ?? 0;
    const hereSinceMs = Math.max(startedWallMs + durationUs / 1000, arrivedWallMs?.get(id) ?? 0);
    const isOld = maximumAgeDays !== null && hereSinceMs < nowMs - maximumAgeDays * DAY_MS;
    const isTooMuch = maximumGb !== null && left > maximumGb * GB;
    if (!isOld && !isTooMuch) return [];
    left -= sizeBytes;
    return [{ id, title, startedWallMs, sizeBytes, reason: isOld ? ('age' as const) : ('size' as const) }];
  });
}

async function diskFree(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dirname(path));
    return bavail * bsize;
  } catch {
    return null; // not told by every file system
  }
}
