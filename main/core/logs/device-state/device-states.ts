import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import { BoardLog } from './board.ts';

/** A board's state is told at most this often. */
const TELL_INTERVAL_US = 250_000;
/** States kept for clients that come back: each is a copy of all that is known of a board, and a snapshot is no larger. */
const RETAINED_STATES = 16;

export interface DeviceStatesDeps {
  clock: Clock;
  /** Numbered rows of the live log as they come; a log that begins anew begins with seq 0. */
  onRows(listener: (rows: readonly LogRow[]) => void): () => void;
  /** The rows of a recorded session that carry an event, in order. Throws TalkError 'session/not-found'. */
  eventRows(sessionId: string, signal: AbortSignal): AsyncIterable<readonly LogRow[]>;
}

export interface DeviceStates {
  calls: Pick<CallHandlers, 'logs.devices'>;
  streams: Pick<StreamHandlers, 'logs.deviceStates'>;
  close(): void;
}

/** What the boards' logs say of the boards, live and of recorded sessions. */
export function createDeviceStates(deps: DeviceStatesDeps): DeviceStates {
  const { clock } = deps;
  const boards = new Map<string, BoardLog>();
  const changed = new Set<string>();
  const topic = new Topic<DeviceState[], DeviceState>({
    snapshot: () => [...boards.values()].map((board) => board.state()),
    retain: RETAINED_STATES,
  });
  let cancelTelling: (() => void) | null = null;

  function tell(): void {
    cancelTelling = null;
    for (const port of changed) {
      const board = boards.get(port);
      if (board !== undefined) topic.publish(board.state());
    }
    changed.clear();
  }

  const stop = deps.onRows((rows) => {
    for (const row of rows) {
      if (row.seq === 0) boards.clear();
      let board = boards.get(row.port);
      if (board === undefined) {
        board = new BoardLog(row.port);
        boards.set(row.port, board);
        changed.add(row.port);
      }
      if (board.add(row)) changed.add(row.port);
    }
    if (changed.size > 0) cancelTelling ??= clock.at((clock.nowUs() + TELL_INTERVAL_US) as MonoUs, tell);
  });

  return {
    calls: {
      'logs.devices': async ({ sessionId }, { signal }) => {
        const recorded = new Map<string, BoardLog>();
        for await (const rows of deps.eventRows(sessionId, signal)) {
          for (const row of rows) {
            const board = recorded.get(row.port) ?? new BoardLog(row.port);
            recorded.set(row.port, board);
            board.add(row);
          }
        }
        return { devices: [...recorded.values()].map((board) => board.state()) };
      },
    },
    streams: { 'logs.deviceStates': () => ({ topic }) },
    close() {
      stop();
      cancelTelling?.();
    },
  };
}
