import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { decode, encode, type Packet } from 'dns-packet';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';

/** Short, so that a board finds the vendor's cloud again soon after the bench is gone. */
const TTL_S = 30;
/** A board asks a few names as it starts; who asks more often is no board. */
const MOST_PER_SECOND = 50;

export interface NamesOptions {
  host: string;
  port: number;
  /** Patterns, `*.` for anything in front. */
  names: () => readonly string[];
  /** What names lead to; empty: our address in the asker's network. */
  address: () => string;
  wallMs: () => number;
  onQuery: (query: { name: string; remoteAddress: string; answer: string | null }) => void;
}

export interface NameServer {
  readonly listener: ListenerState;
  close(): Promise<void>;
}

/**
 * Answers DNS questions for a list of names with an address of this machine, so that boards with stock firmware come here (RFC 1035, UDP). It is
 * no resolver: other names are refused, nothing is passed on, and only private networks are answered, so that it cannot be used against anybody.
 */
export async function startNames(options: NamesOptions): Promise<NameServer> {
  const socket = createSocket('udp4');
  const rates = new Map<string, { second: number; count: number }>();

  function isTooOften(address: string): boolean {
    const second = Math.floor(options.wallMs() / 1000);
    const rate = rates.get(address);
    if (rate?.second !== second) {
      if (rates.size > 1000) rates.clear();
      rates.set(address, { second, count: 1 });
      return false;
    }
    rate.count += 1;
    return rate.count > MOST_PER_SECOND;
  }

  socket.on('message', (datagram, from) => {
    // Nothing can be sent to port 0, and to try is an exception.
    if (from.port === 0 || !isPrivate(from.address) || isTooOften(from.address)) return;
    const answer = answerTo(datagram, from);
    if (answer !== null) socket.send(answer, from.port, from.address, () => {});
  });

  function answerTo(datagram: Buffer, from: RemoteInfo): Buffer | null {
    const asked = read(datagram);
    const question = asked?.questions?.[0];
    if (asked === null || question === undefined || asked.type === 'response') return null;
    const { name, type } = question;
    const isOurs = options.names().some((pattern) => matches(name, pattern));
    // IPv6 and the rest of a name of ours: there is none, and the board asks for IPv4 then.
    const address = isOurs && type === 'A' ? options.address() || ownAddressToward(from.address) : null;
    options.onQuery({ name, remoteAddress: from.address, answer: address });
    const answers = address === null ? [] : [{ type: 'A' as const, class: 'IN' as const, name, ttl: TTL_S, data: address }];
    const flags = AUTHORITATIVE | ((asked.flags ?? 0) & RECURSION_DESIRED) | (isOurs ? 0 : REFUSED);
    return encode({ type: 'response', id: asked.id ?? 0, flags, questions: [question], answers });
  }

  const listener = await bind(socket, options.host, options.port);
  let closing: Promise<void> | undefined;
  return {
    listener,
    close() {
      closing ??= new Promise((resolve) => (listener.state === 'listening' ? socket.close(() => resolve()) : resolve()));
      return closing;
    },
  };
}

const AUTHORITATIVE = 1 << 10;
const RECURSION_DESIRED = 1 << 8;
const REFUSED = 5;

function read(datagram: Buffer): Packet | null {
  try {
    return decode(datagram);
  } catch {
    return null;
  }
}

/** Whether a name is on the list; upper and lower case are one (RFC 1035 §2.3.3). */
export function matches(name: string, pattern: string): boolean {
  const [asked, wanted] = [name.toLowerCase(), pattern.toLowerCase()];
  return wanted.startsWith('*.') ? asked.endsWith(wanted.slice(1)) && asked.length > wanted.length - 1 : asked === wanted;
}

/** Loopback, link-local and the private networks (RFC 1918, RFC 3927). */
export function isPrivate(address: string): boolean {
  return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}

/** Our address in the network that the peer is in; else the first that is not the loopback. */
export function ownAddressToward(peer: string): string {
  const ours = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const ipv4 = ours.filter(({ family }) => family === 'IPv4');
  const same = ipv4.find(({ address, netmask }) => network(address, netmask) === network(peer, netmask));
  return (same ?? ipv4.find(({ internal }) => !internal) ?? ipv4[0])?.address ?? '127.0.0.1';
}

function network(address: string, netmask: string): number {
  return (number(address) & number(netmask)) >>> 0;
}

function number(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

function bind(socket: Socket, host: string, port: number): Promise<ListenerState> {
  return new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const failure =
        error.code === 'EADDRINUSE'
          ? new TalkError('listen/in-use', { listener: 'dns', port }, { retryable: true })
          : error.code === 'EACCES'
            ? new TalkError('listen/privileged', { listener: 'dns', port })
            : new TalkError('listen/refused', { listener: 'dns', host, reason: error.code ?? 'unknown' });
      resolve({ name: 'dns', host, port, state: 'failed', error: failure.value });
    });
    socket.bind({ port, address: host }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {}); // of one datagram: the asker asks again
      resolve({ name: 'dns', host, port: socket.address().port, state: 'listening' });
    });
  });
}
