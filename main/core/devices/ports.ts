import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { LogBook } from '../logs/log-book.ts';
import type { createLogParser } from '../logs/parser.ts';
import { PortLog } from '../logs/port-log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { type BorrowedPort, Channel } from './channel.ts';
import { listPorts } from './list.ts';
import { parseAddress } from './open.ts';
import type { OpenPort } from './port.ts';

export type { BorrowedPort } from './channel.ts';

export interface PortsDeps {
  openPort: OpenPort;
  clock: Clock;
  recorder: Recorder;
  /** Where the rows of every port go. */
  book: LogBook;
  /** Virtual boards, for the list. */
  virtualPorts?: () => readonly PortInfo[];
  list?: typeof listPorts;
  parserFor?: typeof createLogParser;
}

export interface Ports {
  handlers: Pick<CallHandlers, 'ports.list' | 'ports.open' | 'ports.close' | 'ports.write' | 'ports.reset'>;
  streams: Pick<StreamHandlers, 'ports.state'>;
  /** For the flasher. Works with the monitor open or not. Fails with `flash/busy` when another holds it, or with the port's own error. */
  borrow(address: string, who: string): Promise<BorrowedPort>;
  /** Hears what the monitor of this port hears, whether it is open now or later. Returns its removal. */
  tap(address: string, listener: (data: Uint8Array, atUs: MonoUs) => void): () => void;
  /** Closes the port if it is open. */
  release(address: string): Promise<void>;
  /** Closes every port. */
  close(): Promise<void>;
}

/** The service that owns the open ports and their logs. */
export function createPorts(deps: PortsDeps): Ports {
  const { clock, openPort, recorder, book } = deps;
  const channels = new Map<string, Channel>();
  const state = new Topic<PortState[], PortState>({ snapshot: () => [...channels.values()].map((channel) => channel.state) });

  function channelOf(address: string): Channel {
    let channel = channels.get(address);
    if (channel === undefined) {
      parseAddress(address);
      const log = new PortLog(address, { clock, recorder, book, ...(deps.parserFor === undefined ? {} : { parserFor: deps.parserFor }) });
      channel = new Channel(address, log, { openPort, clock, publish: (value) => state.publish(value) });
      channels.set(address, channel);
    }
    return channel;
  }

  async function release(address: string): Promise<void> {
    await channels.get(address)?.close();
  }

  return {
    handlers: {
      'ports.list': () => (deps.list ?? listPorts)(deps.virtualPorts?.() ?? []),
      'ports.open': async ({ address, options }) => {
        const channel = channelOf(address);
        recorder.ensureSession();
        return channel.open(options);
      },
      'ports.close': async ({ address }) => {
        await release(address);
        return {};
      },
      'ports.write': async ({ address, data }) => ({ sentAtUs: await channelOf(address).write(data) }),
      'ports.reset': async ({ address, into }, { signal }) => {
        await channelOf(address).reset(into, signal);
        return {};
      },
    },
    streams: {
      'ports.state': () => ({ topic: state }),
    },
    release,
    tap: (address, listener) => channelOf(address).tap(listener),
    borrow: async (address, who) => {
      const channel = channelOf(address);
      recorder.ensureSession();
      return channel.borrow(who);
    },
    close: async () => {
      await Promise.all([...channels.values()].map((channel) => channel.shutDown()));
    },
  };
}
