import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { opusPacketInfo } from '../../audio/opus-packet.ts';
import type { Observer } from '../../observer.ts';
import { createFloodGate } from './flood.ts';
import { openPacket, readUdpHeader, sealPacket, writeUdpHeader } from './packets.ts';

/** Ten minutes of lost packets: a sequence number further on is nobody's that was there before. */
const MOST_SKIPPED = 10_000;
/** Downlink headers are other than uplink ones, so that no two packets of a session share a key stream. Boards look at byte 0 only. */
const DOWNLINK_FLAGS = 1;
const DROPS_TOLD_US = 1_000_000;
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

export interface UdpSession {
  readonly ssrc: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** Whether a datagram of the board's has told where it is. */
  isReachable(): boolean;
  send(packet: Uint8Array, timestampMs: number): void;
  /** When the last datagram went or came. */
  readonly lastUs: MonoUs;
  close(): void;
}

type Through = (direction: 'up' | 'down', bytes: number, deliver: () => void) => void;

export interface UdpListener {
  readonly listener: ListenerState;
  /** `through`: whether and when a datagram of so many bytes gets there. */
  open(onPacket: (packet: Uint8Array, receivedUs: MonoUs) => void, through?: Through): UdpSession;
  close(): Promise<void>;
}

/**
 * The boards' audio over UDP (reference/voice.md §4.6). A datagram belongs to the session that its ssrc names; where the board is, is
 * learned from each one that is taken: a router may give it another address at any time.
 */
export async function openUdp(deps: {
  clock: Clock;
  observer: Observer;
  host: string;
  port: number;
  /** A bug of whoever takes the packets: the one packet is lost. */
  onFault: (error: unknown) => void;
}): Promise<UdpListener> {
  const { clock, observer } = deps;
  const sessions = new Map<number, (datagram: Uint8Array, sequence: number, from: RemoteInfo) => void>();
  const socket = createSocket({ type: deps.host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });

  /** Told once a second: a flood of them must not become one of events. */
  const drops = new Map<string, number>();
  let cancelTelling: (() => void) | null = null;
  let isClosed = false;

  function tellDrops(): void {
    cancelTelling?.();
    cancelTelling = null;
    for (const [what, count] of drops) observer.event({ atUs: clock.nowUs(), kind: 'dropped', what, count });
    drops.clear();
  }

  function dropped(what: string): void {
    drops.set(what, (drops.get(what) ?? 0) + 1);
    cancelTelling ??= clock.at((clock.nowUs() + DROPS_TOLD_US) as MonoUs, tellDrops);
  }

  socket.on('message', (datagram, from) => {
    const header = readUdpHeader(datagram);
    const receive = header === null ? undefined : sessions.get(header.ssrc);
    if (header === null || receive === undefined) dropped('udp-datagram');
    else receive(datagram, header.sequence, from);
  });
  const listener = await bind(socket, deps.host, deps.port);

  function open(
    onPacket: (packet: Uint8Array, receivedUs: MonoUs) => void,
    through: Through = (_direction, _bytes, deliver) => deliver(),
  ): UdpSession {
    let ssrc = 0;
    do ssrc = randomInt(1, 2 ** 32);
    while (sessions.has(ssrc));
    const key = randomBytes(16);
    let address: { address: string; port: number } | null = null;
    let lastReceived = 0;
    let lastSent = 0;
    let lastUs = clock.nowUs();
    const isFlood = createFloodGate(clock);

    function receive(datagram: Uint8Array, sequence: number, from: RemoteInfo): boolean {
      if (isFlood()) return false;
      // Loss is the decoder's; what is late or said twice is nobody's.
      if (sequence <= lastReceived || sequence > lastReceived + MOST_SKIPPED) return false;
      const packet = openPacket(key, datagram);
      if (!isOpus(packet)) return false;
      lastReceived = sequence;
      lastUs = clock.nowUs();
      address = { address: from.address, port: from.port };
      try {
        onPacket(packet, lastUs);
      } catch (error) {
        deps.onFault(error);
      }
      return true;
    }

    sessions.set(ssrc, (datagram, sequence, from) =>
      through('up', datagram.length, () => {
        if (!sessions.has(ssrc) || !receive(datagram, sequence, from)) dropped('udp-packet');
      }),
    );
    return {
      ssrc,
      key,
      nonce: writeUdpHeader({ ssrc }),
      isReachable: () => address !== null,
      send(packet, timestampMs) {
        if (address === null || isClosed) return;
        lastUs = clock.nowUs();
        const header = { flags: DOWNLINK_FLAGS, ssrc, timestampMs, sequence: ++lastSent };
        const sealed = sealPacket(key, header, packet);
        const to = address;
        through('down', sealed.length, () => {
          if (isClosed) return;
          socket.send(sealed, to.port, to.address, (error) => {
            if (error) dropped('udp-send');
          });
        });
      },
      get lastUs() {
        return lastUs;
      },
      close: () => void sessions.delete(ssrc),
    };
  }

  return {
    listener,
    open,
    close: () =>
      new Promise((resolve) => {
        if (isClosed) return resolve();
        isClosed = true;
        tellDrops();
        sessions.clear();
        socket.close(() => resolve());
      }),
  };
}

/** What was decrypted with the wrong key is seldom a packet. */
function isOpus(packet: Uint8Array): boolean {
  try {
    opusPacketInfo(packet);
    return true;
  } catch {
    return false;
  }
}

/** As pipeline/gateways/listen.ts does for TCP. */
function bind(socket: Socket, host: string, port: number): Promise<ListenerState> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const failure =
        error.code === 'EADDRINUSE'
          ? new TalkError('listen/in-use', { listener: 'xiaozhi-udp', port }, { retryable: true })
          : new TalkError('listen/refused', { listener: 'xiaozhi-udp', host, reason: error.code ?? 'unknown' });
      resolve({ name: 'xiaozhi-udp', host, port, state: 'failed', error: failure.value });
    });
    socket.bind({ address: host, port }, () => resolve({ name: 'xiaozhi-udp', host, port: socket.address().port, state: 'listening' }));
  });
}
