import { isTalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { PortInfo, PortState } from '../../../preload/contract/ports.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { LogBook } from '../logs/log-book.ts';
import { PortLog, type PortLogDeps } from '../logs/port-log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { type BorrowedPort, Channel, type ChannelDeps } from './channel.ts';
import { type ApprovedCommand, readCommands } from './command-list.ts';
import { commandPorts, listPorts } from './list.ts';
import { kindOf, parseAddress } from './open.ts';
import type { OpenPort } from './port.ts';
import { PortNames } from './port-names.ts';
import { identify, locate } from './usb-ports.ts';

export type { BorrowedPort } from './channel.ts';

export interface PortsDeps {
  openPort: OpenPort;
  clock: Clock;
  recorder: Recorder;
  /** Where the rows of every port go. */
  book: LogBook;
  /** Virtual boards, for the list. */
  virtualPorts?: () => readonly PortInfo[];
  /** Names of boards and approved commands; without one there are neither. */
  dataDirectory?: string;
  list?: typeof listPorts;
  /** How a board is known again under another path. */
  usb?: { identify: typeof identify; locate: typeof locate };
  stringAt?: PortLogDeps['stringAt'];
}

export interface Ports {
  handlers: Pick<
    CallHandlers,
    | 'ports.list'
    | 'ports.open'
    | 'ports.close'
    | 'ports.write'
    | 'ports.reset'
    | 'ports.signals'
    | 'ports.name'
    | 'ports.sendFile'
    | 'ports.cancelSend'
  >;
  streams: Pick<StreamHandlers, 'ports.state'>;
  /** For the flasher. Works with the monitor open or not. Fails with `flash/busy` when another holds it, or with the port's own error. */
  borrow(address: string, who: string): Promise<BorrowedPort>;
  /** Hears what the monitor of this port hears, whether it is open now or later. Returns its removal. */
  tap(address: string, listener: (data: Uint8Array, atUs: MonoUs) => void): () => void;
  /** Ports there are, as `ports.list` has them; none where the system cannot tell. */
  list(): Promise<PortInfo[]>;
  /** Closes the port if it is open. */
  release(address: string): Promise<void>;
  /** Closes every port. */
  close(): Promise<void>;
}

/** The service that owns the open ports and their logs. */
export function createPorts(deps: PortsDeps): Ports {
  const { clock, openPort, recorder, dataDirectory } = deps;
  const usb = deps.usb ?? { identify, locate };
  const names = dataDirectory === undefined ? null : new PortNames(dataDirectory);
  const channels = new Map<string, Channel>();
  const state = new Topic<PortState[], PortState>({ snapshot: () => [...channels.values()].map((channel) => channel.state) });

  /** Of an address, or of the path that a board which was opened under another has moved to. */
  function channelOf(address: string): Channel {
    let channel = channels.get(address);
    if (channel === undefined || channel.state.state === 'closed')
      channel = [...channels.values()].find(({ state: { devicePath, state: it } }) => devicePath === address && it !== 'closed') ?? channel;
    if (channel === undefined) {
      parseAddress(address);
      const log = new PortLog(address, deps);
      channel = new Channel(address, log, {
        openPort,
        clock,
        publish: (value) => state.publish(value),
        ...(kindOf(address) === 'serial' ? usbOf(usb) : {}),
      });
      channels.set(address, channel);
    }
    return channel;
  }

  async function release(address: string): Promise<void> {
    await channels.get(address)?.close();
  }

  async function listed(): Promise<CallReply<'ports.list'>> {
    const { commands, problem } = await approvedCommands(dataDirectory);
    const found = await (deps.list ?? listPorts)([...(deps.virtualPorts?.() ?? []), ...commandPorts(commands)]);
    const list = problem === undefined ? found : { problem, ...found };
    return names === null ? list : { ...list, ports: await names.applyTo(list.ports) };
  }

  return {
    handlers: {
      'ports.list': listed,
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
      'ports.signals': async ({ address, dtr, rts }) => {
        await channelOf(address).setSignals({ dtr, rts });
        return {};
      },
      'ports.name': async ({ identity, name, colour }) => {
        await names?.set(identity, { name, colour });
        return {};
      },
      'ports.sendFile': async ({ address, data, chunkBytes, chunkDelayMs }, { signal }) => ({
        sentBytes: await channelOf(address).sendFile(data, { chunkBytes, chunkDelayMs }, signal),
      }),
      'ports.cancelSend': async ({ address }) => {
        channelOf(address).cancelSend();
        return {};
      },
    },
    streams: {
      'ports.state': () => ({ topic: state }),
    },
    list: async () => (await listed()).ports,
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

function usbOf({ identify, locate }: NonNullable<PortsDeps['usb']>): Pick<ChannelDeps, 'identify' | 'locate'> {
  return { identify: (path) => identify(path), locate: (path, identity) => locate(path, identity) };
}

/** A spoilt list hides no other port. */
async function approvedCommands(dataDirectory: string | undefined): Promise<{ commands: ApprovedCommand[]; problem?: TalkErrorValue }> {
  try {
    return { commands: dataDirectory === undefined ? [] : await readCommands(dataDirectory) };
  } catch (error) {
    if (!isTalkError(error)) throw error;
    return { commands: [], problem: error.value };
  }
}
