import type { Duplex } from 'node:stream';
import { type DeviceName, deviceId } from '../../../pipeline/gateways/devices.ts';
import { DatagramLine } from '../../../pipeline/link/datagram-line.ts';
import type { LinkDoor } from '../../../pipeline/link/door.ts';
import { seededRandom } from '../../../pipeline/link/random.ts';
import { SocketLink } from '../../../pipeline/link/socket-link.ts';
import type { ImpairedLink, LinkImpairment } from '../../../preload/contract/checks.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';

const TOLD_US = 500_000;

export interface Links {
  calls: Pick<CallHandlers, 'link.impair' | 'link.cut'>;
  streams: Pick<StreamHandlers, 'link.state'>;
  /** For gateways. */
  door: LinkDoor;
  /** As `link.impair`, for whoever knows the device: what was there before is given back, to be put back. */
  impair(device: DeviceName, impairment: LinkImpairment | null): LinkImpairment | null;
  /** Also while it is kept out by a cut. */
  isImpaired(device: DeviceName): boolean;
  /** As `link.cut`: how many connections there were. */
  cut(device: DeviceName, forMs: number): number;
  /** Whoever was kept out by a cut may come back now. */
  readmit(device: DeviceName): void;
  close(): Promise<void>;
}

interface Board {
  device: DeviceName;
  sockets: Map<Duplex, SocketLink | null>;
  datagrams: Record<'up' | 'down', DatagramLine> | null;
  impairment: LinkImpairment | null;
  /** Until then nothing of it gets in. */
  awayUntilUs: number;
  /** Connections so far: each has chances of its own, the same ones in every run. */
  count: number;
}

/**
 * One board's network made worse on purpose: docs/weak-network.md. Knows which open sockets are whose, which costs an entry in a map;
 * a link is put into one only while its board's link is impaired.
 */
export function createLinks(deps: { clock: Clock; isKnown: (device: DeviceName) => boolean }): Links {
  const { clock } = deps;
  const boards = new Map<string, Board>();
  const topic = new Topic<ImpairedLink[], ImpairedLink[]>({ snapshot: state, retain: 16 });
  let cancelTelling: (() => void) | null = null;

  function state(): ImpairedLink[] {
    return [...boards.values()].flatMap(({ device, impairment, sockets, datagrams }) => {
      if (impairment === null) return [];
      const streams = [...sockets.values()].reduce((bytes, link) => bytes + (link?.heldBytes ?? 0), 0);
      const heldBytes = streams + (datagrams?.up.heldBytes ?? 0) + (datagrams?.down.heldBytes ?? 0);
      return [{ ...device, impairment, connections: sockets.size, heldBytes }];
    });
  }

  /** Now, and again as long as there is something to tell. */
  function tell(): void {
    cancelTelling?.();
    cancelTelling = null;
    const links = state();
    topic.publish(links);
    if (links.length > 0) cancelTelling = clock.at((clock.nowUs() + TOLD_US) as MonoUs, tell);
  }

  function boardOf({ productId, deviceName }: DeviceName): Board {
    const device = { productId, deviceName };
    const id = deviceId(device);
    const board = boards.get(id) ?? { device, sockets: new Map(), datagrams: null, impairment: null, awayUntilUs: 0, count: 0 };
    boards.set(id, board);
    return board;
  }

  function forgetIfIdle(board: Board): void {
    if (board.sockets.size === 0 && board.impairment === null && board.awayUntilUs <= clock.nowUs()) boards.delete(deviceId(board.device));
  }

  function linkOf(board: Board, socket: Duplex): SocketLink {
    const seed = `${deviceId(board.device)} ${++board.count}`;
    return new SocketLink(socket, { clock, random: (direction) => seededRandom(`${seed} ${direction}`) });
  }

  function admit(device: DeviceName, socket: Duplex): boolean {
    // It would never say that it has closed.
    if (socket.destroyed) return false;
    const board = boardOf(device);
    if (board.awayUntilUs > clock.nowUs()) return false;
    if (board.sockets.has(socket)) return true;
    const { impairment } = board;
    const link = impairment === null ? null : linkOf(board, socket);
    board.sockets.set(socket, link);
    link?.set(impairment);
    socket.once('close', () => {
      board.sockets.delete(socket);
      forgetIfIdle(board);
    });
    return true;
  }

  function datagram(device: DeviceName, direction: 'up' | 'down', bytes: number, deliver: () => void): void {
    const board = boards.get(deviceId(device));
    if (board !== undefined && board.awayUntilUs > clock.nowUs()) return;
    if (board === undefined || board.impairment === null) {
      deliver();
      return;
    }
    const line = (way: string) => new DatagramLine({ clock, random: seededRandom(`${deviceId(device)} datagrams ${way}`) });
    board.datagrams ??= { up: line('up'), down: line('down') };
    board.datagrams[direction].send(bytes, board.impairment, deliver);
  }

  function impair(device: DeviceName, impairment: LinkImpairment | null): LinkImpairment | null {
    const board = boardOf(device);
    const before = board.impairment;
    board.impairment = impairment;
    for (const [socket, known] of board.sockets) {
      const link = known ?? (impairment === null ? null : linkOf(board, socket));
      board.sockets.set(socket, link);
      link?.set(impairment);
    }
    if (impairment === null) {
      board.datagrams = null;
      forgetIfIdle(board);
    }
    tell();
    return before;
  }

  function isImpaired(device: DeviceName): boolean {
    const board = boards.get(deviceId(device));
    return board !== undefined && (board.impairment !== null || board.awayUntilUs > clock.nowUs());
  }

  function cut(device: DeviceName, forMs: number): number {
    const board = boardOf(device);
    board.awayUntilUs = clock.nowUs() + forMs * 1000;
    const sockets = [...board.sockets.keys()];
    for (const socket of sockets) socket.destroy();
    return sockets.length;
  }

  function readmit(device: DeviceName): void {
    const board = boards.get(deviceId(device));
    if (board === undefined) return;
    board.awayUntilUs = 0;
    forgetIfIdle(board);
  }

  function known({ productId, deviceName }: DeviceName): DeviceName {
    const device = { productId, deviceName };
    if (!deps.isKnown(device)) throw new TalkError('not-found', { what: 'device', id: deviceId(device) });
    return device;
  }

  return {
    calls: {
      'link.impair': async ({ impairment, ...device }) => {
        impair(known(device), impairment);
        return {};
      },
      'link.cut': async ({ forMs, ...device }) => ({ connections: cut(known(device), forMs) }),
    },
    streams: { 'link.state': () => ({ topic }) },
    door: { admit, datagram },
    impair,
    isImpaired,
    cut,
    readmit,
    async close() {
      cancelTelling?.();
      cancelTelling = null;
      for (const board of boards.values()) {
        for (const link of board.sockets.values()) link?.set(null);
        board.datagrams?.up.close();
        board.datagrams?.down.close();
      }
      boards.clear();
    },
  };
}
