import { randomBytes } from 'node:crypto';
import type { BoardUart } from '../../../../pipeline/boards/uart.ts';
import type { StreamDelta } from '../../../../preload/contract/index.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { LogReplayState } from '../../../../preload/contract/replay.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Ports } from '../../devices/ports.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import type { Store } from '../../store/store.ts';
import { LogPlayer } from './player.ts';
import { tracksOf } from './sources.ts';
import type { LogTracks } from './track.ts';

type CallName = 'replay.startLog' | 'replay.controlLog' | 'replay.stopLog';

export interface LogReplays {
  /** For the list of ports. */
  ports(): PortInfo[];
  calls: Pick<CallHandlers, CallName>;
  streams: Pick<StreamHandlers, 'replay.logs'>;
  close(): Promise<void>;
}

export interface LogReplaysDeps {
  clock: Clock;
  store: Pick<Store, 'read' | 'bulk' | 'flush'>;
  /** Where the port opener finds `virtual://NAME`. */
  uarts: Map<string, BoardUart>;
  ports: () => Pick<Ports, 'handlers'>;
}

interface Replay {
  id: string;
  title: string;
  player: LogPlayer;
  timing: LogTracks['timing'];
  lines: { name: string; from: string; totalBytes: number; line: ReplayLine }[];
}

/** Progress is told so often. */
const TOLD_US = 100_000;
const theUser = { signal: new AbortController().signal, role: 'operator' as const };

/** Recorded bytes, or a file's, through virtual ports that the monitor opens like a board's: parsers and triggers see what they saw. */
export function createLogReplays({ clock, store, uarts, ports }: LogReplaysDeps): LogReplays {
  const replays = new Map<string, Replay>();
  const told = new Map<string, number>();
  const topic = new Topic<LogReplayState[], StreamDelta<'replay.logs'>>({ snapshot: () => [...replays.values()].map(stateOf) });

  function stateOf({ id, title, player, timing, lines }: Replay): LogReplayState {
    return {
      ...{ id, title, timing, state: player.state, speed: player.speed, isLooping: player.isLooping },
      ...{ positionUs: player.positionUs, durationUs: player.durationUs },
      ports: lines.map(({ name, from, totalBytes }, index) => ({
        ...{ address: `virtual://${name}`, from, totalBytes },
        sentBytes: player.sentBytes[index] ?? 0,
      })),
    };
  }

  function publish(replay: Replay): LogReplayState {
    const state = stateOf(replay);
    told.set(replay.id, clock.nowUs());
    if (replays.has(replay.id)) topic.publish({ state });
    return state;
  }

  function find(id: string): Replay {
    const replay = replays.get(id);
    if (replay === undefined) throw new TalkError('not-found', { what: 'log replay', id });
    return replay;
  }

  async function stop(replay: Replay): Promise<void> {
    replay.player.close();
    replays.delete(replay.id);
    told.delete(replay.id);
    for (const { name } of replay.lines) {
      await ports()
        .handlers['ports.close']({ address: `virtual://${name}` }, theUser)
        .catch(() => {});
      uarts.delete(name);
    }
    topic.publish({ state: null, removedId: replay.id });
  }

  function freeName(wanted: string): string {
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? wanted : `${wanted}-${count}`;
      if (!uarts.has(name)) return name;
    }
  }

  return {
    ports: () =>
      [...replays.values()].flatMap(({ lines }) =>
        lines.map(({ name, from }) => ({ address: `virtual://${name}`, kind: 'virtual' as const, label: `↻ ${from}` })),
      ),
    calls: {
      'replay.startLog': async ({ source, speed, isLooping, positionUs, linesPerSecond, isPaused }, { signal }) => {
        // What was just logged is part of it.
        await store.flush().catch(() => {});
        const found = await tracksOf(source, { store, linesPerSecond, signal });
        const lines = found.tracks.map(({ name, from, chunks }) => {
          const line = new ReplayLine();
          const its = freeName(name);
          uarts.set(its, line);
          return { name: its, from, totalBytes: chunks.reduce((sum, { bytes }) => sum + bytes.length, 0), line };
        });
        const id = randomBytes(6).toString('hex');
        const title =
          source.kind === 'session'
            ? source.sessionId
            : source.files
                .map(({ name }) => name)
                .join(', ')
                .slice(0, 200);
        const player = new LogPlayer(
          found,
          { speed, isLooping },
          {
            clock,
            emit: (track, bytes) => lines[track]?.line.transmit(bytes),
            settled: () => store.flush().catch(() => {}),
            onChange() {
              if (player.state !== 'playing' || clock.nowUs() - (told.get(id) ?? Number.NEGATIVE_INFINITY) >= TOLD_US) publish(replay);
            },
          },
        );
        const replay: Replay = { id, title, player, timing: found.timing, lines };
        replays.set(id, replay);
        try {
          for (const { name, line } of lines) {
            await ports().handlers['ports.open']({ address: `virtual://${name}`, options: {} }, theUser);
            // Nobody listens any more: what would be played now is lost.
            line.onOpen = (isOpen) => {
              if (isOpen) return;
              player.pause();
              publish(replay);
            };
          }
          // Who asked is gone, and would never stop it.
          if (signal.aborted) throw new TalkError('cancelled');
        } catch (error) {
          await stop(replay);
          throw error;
        }
        if (positionUs > 0) player.seek(positionUs);
        if (!isPaused) player.play();
        return publish(replay);
      },
      'replay.controlLog': async ({ id, isPaused, speed, isLooping, positionUs }) => {
        const replay = find(id);
        const { player, lines } = replay;
        if (isLooping !== undefined) player.isLooping = isLooping;
        if (isPaused === true) player.pause();
        if (speed !== undefined) player.setSpeed(speed);
        if (positionUs !== undefined) player.seek(positionUs);
        if (isPaused === false) {
          for (const { name, line } of lines)
            if (!line.isOpen) await ports().handlers['ports.open']({ address: `virtual://${name}`, options: {} }, theUser);
          player.play();
        }
        return publish(replay);
      },
      'replay.stopLog': async ({ id }) => {
        await stop(find(id));
        return {};
      },
    },
    streams: { 'replay.logs': () => ({ topic }) },
    async close() {
      for (const replay of [...replays.values()]) await stop(replay);
    },
  };
}

/** The board's end of a line on which a log comes. What the bench sends is for nobody. */
class ReplayLine implements BoardUart {
  readonly #listeners = new Set<(data: Uint8Array) => void>();
  isOpen = false;
  onOpen: (isOpen: boolean) => void = () => {};

  transmit(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }

  receive(): void {}

  onTransmit(listener: (data: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setLines(): void {}

  setBaudRate(): void {}

  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.onOpen(isOpen);
  }
}
