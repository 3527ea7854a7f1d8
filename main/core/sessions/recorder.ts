import { randomBytes } from 'node:crypto';
import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import type { LogBlock } from '../logs/block.ts';
import { ownBytes } from '../store/append.ts';
import type { Store } from '../store/store.ts';

/**
 * Keeps what happened. Every method is synchronous, never throws and never waits: it hands to the store worker, and what
 * could not be kept is counted and shown. Instants are the core's clock; the recorder turns them into session time.
 */
export interface Recorder {
  /** Null while nothing is being recorded. */
  readonly session: RecordedSession | null;
  /** Starts a session if none runs: the first port opened or board connected starts one by itself. */
  ensureSession(title?: string): RecordedSession;
  /**
   * Called with a port's bytes before anything parses them. Returns where they stand among the bytes of that port and direction in
   * this session, −1 while nothing is being recorded.
   */
  raw(chunk: { port: string; direction: 'received' | 'sent'; atUs: MonoUs; bytes: Uint8Array }): number;
  /** Rows of the log, in session time already. Those of a session that ends are still taken while listeners hear that it has. */
  rows(block: LogBlock): void;
  event(event: PipelineEvent): void;
  packet(packet: AudioPacket): void;
  flash(job: FlashJob, startedUs: MonoUs): void;
  /** Ends the session under way; resolves with its id once all of it is on disk (or cannot be), null if none ran. */
  stop(): Promise<string | null>;
  /** Hears that a session has begun or ended. */
  onChange(listener: () => void): () => void;
}

export interface RecordedSession {
  id: string;
  /** Time 0 of the session on the core's clock, and as a wall time. */
  startedUs: MonoUs;
  startedWallMs: number;
}

export interface RecorderDeps {
  store: Store;
  clock: Clock;
  log: Log;
  appVersion: string;
  /** Adds to an event what the core knows besides, before it is recorded. */
  identify?: (event: PipelineEvent) => PipelineEvent;
}

export function createRecorder(deps: RecorderDeps): Recorder {
  const { store, clock, log, appVersion, identify = (event) => event } = deps;
  const listeners = new Set<() => void>();
  /** A session that starts in the middle of a conversation still learns who is talking. */
  const openConversations = new Map<string, PipelineEvent>();
  let session: RecordedSession | null = null;
  /** Has just ended, and is being told of. */
  let ending: RecordedSession | null = null;
  /** Bytes so far of each port and direction. */
  let streamBytes = new Map<string, number>();

  const changed = () => {
    for (const listener of listeners) listener();
  };

  function ensureSession(title?: string): RecordedSession {
    if (session !== null) return session;
    const startedWallMs = clock.wallMs();
    session = { id: newSessionId(startedWallMs), startedUs: clock.nowUs(), startedWallMs };
    streamBytes = new Map();
    store.append({ kind: 'session.start', sessionId: session.id, title: title ?? '', startedWallMs, appVersion });
    for (const opened of openConversations.values()) recordEvent(session, opened);
    changed();
    return session;
  }

  function identifiedSafely(event: PipelineEvent): PipelineEvent {
    try {
      return identify(event);
    } catch (error) {
      log.error({ err: error, kind: event.kind }, 'recorded without what else is known');
      return event;
    }
  }

  function recordEvent(into: RecordedSession, event: PipelineEvent): void {
    store.append({ kind: 'event', sessionId: into.id, event: toSessionTime(event, into.startedUs) });
  }

  /** Callers must be able to trust that recording cannot break what is recorded. */
  function safely(record: (current: RecordedSession) => void, current: RecordedSession | null = session, count = 1): void {
    if (current === null) return;
    try {
      record(current);
    } catch (error) {
      log.error({ err: error }, 'could not record');
      store.append({ kind: 'dropped', sessionId: current.id, count });
    }
  }

  return {
    get session() {
      return session;
    },
    ensureSession,
    raw(chunk) {
      if (session === null) return -1;
      const stream = `${chunk.direction} ${chunk.port}`;
      const offset = streamBytes.get(stream) ?? 0;
      if (chunk.bytes.byteLength === 0) return offset;
      streamBytes.set(stream, offset + chunk.bytes.byteLength);
      safely(({ id, startedUs }) => {
        store.append({ kind: 'raw', sessionId: id, ...chunk, offset, atUs: chunk.atUs - startedUs, bytes: ownBytes(chunk.bytes) });
      });
      return offset;
    },
    rows(block) {
      safely(({ id }) => store.append({ kind: 'rows', sessionId: id, block }), ending ?? session, block.rowCount);
    },
    event(told) {
      const event = identifiedSafely(told);
      if (event.kind === 'conversation.opened') openConversations.set(event.conversationId, event);
      if (event.kind === 'conversation.closed') openConversations.delete(event.conversationId);
      safely((current) => recordEvent(current, event));
    },
    packet(packet) {
      safely(({ id, startedUs }) => {
        store.append({
          kind: 'packet',
          sessionId: id,
          packet: { ...packet, atUs: packet.atUs - startedUs, bytes: ownBytes(packet.bytes) },
        });
      });
    },
    flash(job, flashStartedUs) {
      safely(({ id, startedUs }) => {
        store.append({ kind: 'flash', sessionId: id, atUs: flashStartedUs - startedUs, job });
      });
    },
    async stop() {
      if (session === null) return null;
      const { id, startedUs } = session;
      const endUs = clock.nowUs() - startedUs;
      ending = session;
      session = null;
      try {
        changed();
      } finally {
        ending = null;
        store.append({ kind: 'session.stop', sessionId: id, endUs });
      }
      try {
        await store.flush();
      } catch (error) {
        // The stop waits in the queue with the rest, and the store's problem is on show already.
        log.error({ err: error, sessionId: id }, 'session stopped but not yet stored');
      }
      return id;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Sorts by time and can be said aloud: '20260101-093000-4f2a1c'. */
export function newSessionId(wallMs: number): string {
  const [date = '', time = ''] = new Date(wallMs).toISOString().replace(/[-:]/g, '').split(/[T.]/);
  return `${date}-${time}-${randomBytes(3).toString('hex')}`;
}

/** Every instant of an event from the session's start; durations and media times stay. */
function toSessionTime(event: PipelineEvent, startedUs: MonoUs): PipelineEvent {
  const atUs = (event.atUs - startedUs) as MonoUs;
  if (event.kind === 'user.speech-ended') return { ...event, atUs, declaredUs: (event.declaredUs - startedUs) as MonoUs };
  if (event.kind === 'wire.message' && event.bytes !== undefined) return { ...event, atUs, bytes: ownBytes(event.bytes) };
  return { ...event, atUs };
}
