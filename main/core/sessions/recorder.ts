import { randomBytes } from 'node:crypto';
import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import { ownBytes } from '../store/append.ts';
import type { Store } from '../store/store.ts';

/**
 * Keeps what happened. Every method is synchronous, never throws and never waits: it hands to the store worker, and what
 * could not be kept is counted and shown. Instants are the core's clock; the recorder turns them into session time.
 */
export interface Recorder {
  /** Null while nothing is being recorded. */
  readonly session: { id: string; startedUs: MonoUs } | null;
  /** Starts a session if none runs: the first port opened or board connected starts one by itself. */
  ensureSession(title?: string): { id: string; startedUs: MonoUs };
  /** Called with a port's bytes before anything parses them. */
  raw(chunk: { port: string; direction: 'received' | 'sent'; atUs: MonoUs; bytes: Uint8Array }): void;
  rows(rows: readonly LogRow[]): void;
  event(event: PipelineEvent): void;
  packet(packet: AudioPacket): void;
  flash(job: FlashJob, startedUs: MonoUs): void;
  /** Ends the session under way; resolves with its id once all of it is on disk (or cannot be), null if none ran. */
  stop(): Promise<string | null>;
  /** Hears that a session has begun or ended. */
  onChange(listener: () => void): () => void;
}

/** How a port's own line numbers become the session's, which start at 0 and go on when the port is opened again. */
interface LineNumbers {
  offset: number;
  next: number;
}

export function createRecorder(deps: { store: Store; clock: Clock; log: Log; appVersion: string }): Recorder {
  const { store, clock, log, appVersion } = deps;
  const listeners = new Set<() => void>();
  /** A session that starts in the middle of a conversation still learns who is talking. */
  const openConversations = new Map<string, PipelineEvent>();
  let session: { id: string; startedUs: MonoUs } | null = null;
  let lines = new Map<string, LineNumbers>();

  const changed = () => {
    for (const listener of listeners) listener();
  };

  function ensureSession(title?: string): { id: string; startedUs: MonoUs } {
    if (session !== null) return session;
    const wallMs = clock.wallMs();
    session = { id: newSessionId(wallMs), startedUs: clock.nowUs() };
    lines = new Map();
    store.append({ kind: 'session.start', sessionId: session.id, title: title ?? '', startedWallMs: wallMs, appVersion });
    for (const opened of openConversations.values()) recordEvent(session, opened);
    changed();
    return session;
  }

  function recordEvent(into: { id: string; startedUs: MonoUs }, event: PipelineEvent): void {
    store.append({ kind: 'event', sessionId: into.id, event: toSessionTime(event, into.startedUs) });
  }

  function numbered(row: LogRow): LogRow {
    const known = lines.get(row.port);
    const numbers = known ?? { offset: -row.seq, next: 0 };
    if (row.seq + numbers.offset < numbers.next) numbers.offset = numbers.next - row.seq;
    const seq = row.seq + numbers.offset;
    numbers.next = seq + 1;
    if (known === undefined) lines.set(row.port, numbers);
    // A row continued from before the session has nothing to continue here.
    const continues = row.continues === undefined ? undefined : row.continues + numbers.offset;
    const { continues: _, ...rest } = row;
    return continues === undefined || continues < 0 ? { ...rest, seq } : { ...rest, seq, continues };
  }

  /** Callers must be able to trust that recording cannot break what is recorded. */
  function safely(record: (current: { id: string; startedUs: MonoUs }) => void): void {
    if (session === null) return;
    try {
      record(session);
    } catch (error) {
      log.error({ err: error }, 'could not record');
      store.append({ kind: 'dropped', sessionId: session.id, count: 1 });
    }
  }

  return {
    get session() {
      return session;
    },
    ensureSession,
    raw(chunk) {
      safely(({ id, startedUs }) => {
        store.append({ kind: 'raw', sessionId: id, ...chunk, atUs: chunk.atUs - startedUs, bytes: ownBytes(chunk.bytes) });
      });
    },
    rows(rows) {
      if (rows.length === 0) return;
      safely(({ id, startedUs }) => {
        const own = rows.map((row) => ({ ...numbered(row), atUs: (row.atUs - startedUs) as MonoUs, raw: ownBytes(row.raw) }));
        store.append({ kind: 'rows', sessionId: id, rows: own });
      });
    },
    event(event) {
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
      store.append({ kind: 'session.stop', sessionId: id, endUs: clock.nowUs() - startedUs });
      session = null;
      changed();
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
