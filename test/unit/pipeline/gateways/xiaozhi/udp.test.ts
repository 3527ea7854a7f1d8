import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { openPacket, readUdpHeader, sealPacket } from '../../../../../pipeline/gateways/xiaozhi/packets.ts';
import { openUdp, type UdpSession } from '../../../../../pipeline/gateways/xiaozhi/udp.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';

/** On a slow machine too. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000, interval: 10 });
const cleanups: (() => Promise<void> | void)[] = [];
/** Opus packets of one frame of 60 ms, told apart by their second byte. */
const packet = (mark: number) => Uint8Array.of(0x58, mark, 0, 0);

async function open() {
  const observer = new RecordingObserver();
  const faults: unknown[] = [];
  const udp = await openUdp({ clock: systemClock, observer, host: '127.0.0.1', port: 0, onFault: (error) => faults.push(error) });
  cleanups.push(() => udp.close());
  return { udp, observer, faults };
}

async function device(): Promise<Socket> {
  const socket = createSocket('udp4');
  cleanups.push(() => void socket.close());
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

function listening(udp: Awaited<ReturnType<typeof openUdp>>) {
  const heard: number[] = [];
  const session = udp.open((bytes) => void heard.push(bytes[1] ?? 0));
  return { session, heard };
}

const datagram = (session: UdpSession, sequence: number, mark = sequence, key = session.key) =>
  sealPacket(key, { flags: 0, ssrc: session.ssrc, timestampMs: 0, sequence }, packet(mark));

async function send(socket: Socket, port: number, bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve));
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('audio over UDP', () => {
  test('is each session’s own, by its ssrc', async () => {
    const { udp } = await open();
    const [one, two] = [listening(udp), listening(udp)];
    const socket = await device();
    await send(socket, udp.listener.port, datagram(one.session, 1, 11));
    await send(socket, udp.listener.port, datagram(two.session, 1, 22));
    await soon(() => [one.heard, two.heard]).toEqual([[11], [22]]);
    expect(one.session.ssrc).not.toBe(two.session.ssrc);
    expect(one.session.key).not.toEqual(two.session.key);
  });

  test('a bug of who takes the packets costs the packet', async () => {
    const { udp, faults } = await open();
    let count = 0;
    const session = udp.open(() => {
      count += 1;
      if (count === 1) throw new TypeError('a bug');
    });
    const socket = await device();
    await send(socket, udp.listener.port, datagram(session, 1));
    await send(socket, udp.listener.port, datagram(session, 2));
    await soon(() => count).toBe(2);
    expect(faults).toHaveLength(1);
  });

  test('one board’s flood is dropped, and another board is heard', async () => {
    const { udp, observer } = await open();
    const [one, two] = [listening(udp), listening(udp)];
    const socket = await device();
    for (let sequence = 1; sequence <= 3000; sequence++) await send(socket, udp.listener.port, datagram(one.session, sequence, 1));
    await observer.until('dropped', ({ what }) => what === 'udp-packet');
    await send(socket, udp.listener.port, datagram(two.session, 1, 22));
    await soon(() => two.heard).toEqual([22]);
    expect(one.heard.length).toBeLessThan(3000);
  });

  test('only goes forward: what is late, said twice or far ahead is dropped; what is lost is not waited for', async () => {
    const { udp, observer } = await open();
    const { session, heard } = listening(udp);
    const socket = await device();
    for (const sequence of [1, 2, 2, 1, 5, 4, 4_000_000_000, 6])
      await send(socket, udp.listener.port, datagram(session, sequence, sequence & 0xff));
    await soon(() => heard).toEqual([1, 2, 5, 6]);
    expect((await observer.until('dropped')).count).toBe(4);
  });

  test('follows a board whose router gave it another address', async () => {
    const { udp } = await open();
    const { session, heard } = listening(udp);
    const [before, after] = [await device(), await device()];
    expect(session.isReachable()).toBe(false);
    session.send(packet(9), 0);
    await send(before, udp.listener.port, datagram(session, 1));
    await soon(() => heard).toEqual([1]);
    expect(session.isReachable()).toBe(true);
    const first = once(before, 'message');
    session.send(packet(10), 60);
    const [bytes] = (await first) as [Buffer];
    // The one before was to nobody, and took no number.
    expect(readUdpHeader(bytes)).toMatchObject({ ssrc: session.ssrc, sequence: 1, timestampMs: 60 });
    expect(openPacket(session.key, bytes)).toEqual(packet(10));
    await send(after, udp.listener.port, datagram(session, 2));
    await soon(() => heard).toEqual([1, 2]);
    const second = once(after, 'message');
    session.send(packet(11), 120);
    expect(openPacket(session.key, ((await second) as [Buffer])[0])).toEqual(packet(11));
  });

  test('no header of the downlink is one of the uplink: no two packets share a key stream', async () => {
    const { udp } = await open();
    const { session } = listening(udp);
    const socket = await device();
    await send(socket, udp.listener.port, datagram(session, 1));
    await soon(() => session.isReachable()).toBe(true);
    const message = once(socket, 'message');
    session.send(packet(1), 0);
    const [bytes] = (await message) as [Buffer];
    expect(bytes.subarray(0, 16)).not.toEqual(Buffer.from(datagram(session, 1).subarray(0, 16)));
    expect(bytes[0]).toBe(1);
  });

  test('ends with its session', async () => {
    const { udp, observer } = await open();
    const { session, heard } = listening(udp);
    const socket = await device();
    session.close();
    await send(socket, udp.listener.port, datagram(session, 1));
    await observer.until('dropped', ({ what }) => what === 'udp-datagram');
    expect(heard).toEqual([]);
  });
});
