import type { AtBringUp, AtConsole, AtConsoleDelta, AtExchange, AtUrc } from '../../../preload/contract/at.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { PortState } from '../../../preload/contract/ports.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Ports } from '../devices/ports.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import { runBringUp } from './bring-up.ts';
import { catalogueInfo } from './catalogue.ts';
import { AtEngine } from './engine.ts';

const KEPT_EXCHANGES = 200;
const KEPT_URCS = 500;
/** Deltas kept for a client that lost its connection. */
const RETAINED_DELTAS = 512;

export interface AtConsolesDeps {
  ports: Pick<Ports, 'tap' | 'handlers' | 'streams'>;
  clock: Clock;
}

export interface AtConsoles {
  calls: Pick<CallHandlers, 'at.send' | 'at.cancel' | 'at.bringUp' | 'at.catalogue'>;
  streams: Pick<StreamHandlers, 'at.console'>;
  close(): void;
}

interface Console {
  engine: AtEngine;
  topic: Topic<AtConsole, AtConsoleDelta>;
  bringUp: { abort: AbortController; report: AtBringUp | null } | null;
  lastBringUp: AtBringUp | null;
  stop(): void;
}

/**
 * The AT consoles of this run, one for each port that was ever asked for one. A console shares its port with the monitor: it
 * hears the same bytes and writes through the same path, so that all it does stands in the log.
 */
export function createAtConsoles({ ports, clock }: AtConsolesDeps): AtConsoles {
  const consoles = new Map<string, Console>();

  const signalOfCall = { signal: new AbortController().signal, role: 'operator' } as const;

  function consoleOf(address: string): Console {
    const known = consoles.get(address);
    if (known !== undefined) return known;
    const exchanges = new Map<number, AtExchange>();
    let urcs: AtUrc[] = [];
    const topic = new Topic<AtConsole, AtConsoleDelta>({
      retain: RETAINED_DELTAS,
      snapshot: () => ({
        state: engine.state,
        exchanges: [...exchanges.values()],
        urcs: urcs.slice(-KEPT_URCS),
        bringUp: made.lastBringUp,
      }),
    });
    const engine = new AtEngine({
      address,
      clock,
      write: (data) => ports.handlers['ports.write']({ address, data: Uint8Array.from(data) }, signalOfCall),
      onExchange(exchange) {
        exchanges.set(exchange.id, exchange);
        for (const id of exchanges.keys()) {
          if (exchanges.size <= KEPT_EXCHANGES) break;
          exchanges.delete(id);
        }
        topic.publish({ exchange });
      },
      onUrc(urc) {
        urcs.push(urc);
        // Trimmed in halves, so that a line costs O(1).
        if (urcs.length > KEPT_URCS * 2) urcs = urcs.slice(-KEPT_URCS);
        topic.publish({ urc });
      },
      onState: (state) => topic.publish({ state }),
    });
    const stopTap = ports.tap(address, (data, atUs) => engine.received(data, atUs));
    const portTopic = ports.streams['ports.state']({}).topic;
    const follow = (state: PortState): void => {
      if (state.address !== address) return;
      if (state.state === 'open') engine.opened();
      else engine.closed(errorOf(state));
    };
    const stopFollowing = portTopic.listen(follow);
    for (const state of portTopic.snapshot()) follow(state);
    const made: Console = {
      engine,
      topic,
      bringUp: null,
      lastBringUp: null,
      stop() {
        stopTap();
        stopFollowing();
        made.bringUp?.abort.abort();
        engine.closed(new TalkError('cancelled'));
      },
    };
    consoles.set(address, made);
    return made;
  }

  async function bringUp(address: string, pingHost: string | null, waitMs: number, signal: AbortSignal): Promise<AtBringUp> {
    const held = consoleOf(address);
    if (held.engine.state.mode === 'closed') throw new TalkError('port/closed', { address });
    if (held.engine.state.mode === 'data') throw new TalkError('at/data-mode', { address });
    if (held.bringUp !== null) throw new TalkError('port/busy', { address, owner: 'bring-up' }, { retryable: true });
    const abort = new AbortController();
    held.bringUp = { abort, report: null };
    try {
      return await runBringUp({
        address,
        engine: held.engine,
        clock,
        pingHost,
        waitMs,
        signal: AbortSignal.any([signal, abort.signal]),
        onChange(report) {
          held.lastBringUp = report;
          held.topic.publish({ bringUp: report });
        },
      });
    } finally {
      held.bringUp = null;
    }
  }

  return {
    calls: {
      'at.send': ({ address, command, data, timeoutMs }, { signal }) =>
        consoleOf(address).engine.send(command, {
          signal,
          ...(data === undefined ? {} : { data }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      'at.cancel': async ({ address }) => {
        const held = consoleOf(address);
        held.bringUp?.abort.abort();
        held.engine.cancelAll();
        await held.engine.leaveData();
        return {};
      },
      'at.bringUp': ({ address, pingHost, waitMs }, { signal }) => bringUp(address, pingHost, waitMs, signal),
      'at.catalogue': async () => ({ commands: catalogueInfo() }),
    },
    streams: {
      'at.console': ({ address }) => ({ topic: consoleOf(address).topic }),
    },
    close() {
      for (const each of consoles.values()) each.stop();
    },
  };
}

/** Why nothing more is heard of what was sent. */
function errorOf({ address, state, error, yieldedTo }: PortState): TalkError {
  if (error !== undefined) return TalkError.from(error);
  if (state === 'yielded') return new TalkError('port/busy', { address, owner: yieldedTo ?? 'flash' }, { retryable: true });
  return new TalkError('port/closed', { address });
}
