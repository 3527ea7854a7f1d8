import type { LogBlock } from '../../main/core/logs/block.ts';
import type { RecordedSession, Recorder } from '../../main/core/sessions/recorder.ts';
import type { Clock } from '../../preload/contract/time.ts';

export interface FakeRecorder extends Recorder {
  /** Ends the session under way, if any, and begins another. */
  begin(id: string): void;
  /** Bytes in the order they were handed over: 'received boot', 'sent SYNC'. */
  readonly chunks: string[];
  /** Blocks of rows, by the session that they belong to. */
  readonly blocks: { sessionId: string; block: LogBlock }[];
}

/** Keeps all in memory, with the real one's rules: offsets count from 0 in each session, and an ending session still takes rows. */
export function createFakeRecorder(clock: Clock, onRaw: (chunk: string) => void = () => {}): FakeRecorder {
  const listeners = new Set<() => void>();
  const chunks: string[] = [];
  const blocks: { sessionId: string; block: LogBlock }[] = [];
  let session: RecordedSession | null = null;
  let ending: RecordedSession | null = null;
  let offsets = new Map<string, number>();

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const start = (id: string): RecordedSession => {
    session = { id, startedUs: clock.nowUs(), startedWallMs: clock.wallMs() };
    offsets = new Map();
    tell();
    return session;
  };
  const end = () => {
    ending = session;
    session = null;
    tell();
    ending = null;
  };
  return {
    chunks,
    blocks,
    get session() {
      return session;
    },
    ensureSession: () => session ?? start('s1'),
    begin(id) {
      if (session !== null) end();
      start(id);
    },
    raw({ port, direction, bytes }) {
      const chunk = `${direction} ${Buffer.from(bytes).toString()}`;
      chunks.push(chunk);
      onRaw(chunk);
      if (session === null) return -1;
      const stream = `${direction} ${port}`;
      const offset = offsets.get(stream) ?? 0;
      offsets.set(stream, offset + bytes.byteLength);
      return offset;
    },
    rows(block) {
      const current = ending ?? session;
      if (current === null) throw new Error('rows without a session');
      blocks.push({ sessionId: current.id, block });
    },
    event() {},
    packet() {},
    flash() {},
    async stop() {
      const id = session?.id ?? null;
      if (id !== null) end();
      return id;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
