import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { usualBizConfig } from '../../../../../pipeline/gateways/tuya/agent-tokens.ts';
import { AudioStream, readAudioParameters } from '../../../../../pipeline/gateways/tuya/audio-stream.ts';
import { withoutWords } from '../../../../../pipeline/gateways/tuya/describe.ts';
import { DownTurn } from '../../../../../pipeline/gateways/tuya/down-turn.ts';
import { TuyaMemory } from '../../../../../pipeline/gateways/tuya/tuya-memory.ts';
import { UpEvent } from '../../../../../pipeline/gateways/tuya/up-event.ts';
import { Assembly, disassemble } from '../../../../../pipeline/gateways/tuya/wire/assembly.ts';
import { attribute, attributeIds as ids } from '../../../../../pipeline/gateways/tuya/wire/attributes.ts';
import { encodeFrameV2, fragments } from '../../../../../pipeline/gateways/tuya/wire/frames.ts';
import { decodeChunk } from '../../../../../pipeline/gateways/tuya/wire/heads.ts';
import { packetTypes, streamFlags } from '../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { encodePacket, type Packet, packet } from '../../../../../pipeline/gateways/tuya/wire/packet.ts';
import { type TuyaTestBench, tuyaTestBench, tuyaTestDevice } from '../../../../fakes/tuya.ts';

let bench: TuyaTestBench;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await bench?.close();
});

const parameters = (text: string) => {
  const read = readAudioParameters([attribute(ids.audioParams, text)]);
  if (read === null) throw new Error('not read');
  return read;
};

describe('audio parameters that a peer makes up', () => {
  test.each(['101 1.25 16 16000', '101 x 16 16000', '101 1e999 16 16000'])(
    '%s: channels are a whole number, and decoding throws nothing',
    (text) => {
      const stream = new AudioStream(parameters(text));
      expect(stream.decode(new Uint8Array(640)).length).toBe(640);
    },
  );

  test('frames of a millionth of a byte do not stop the bench', () => {
    expect(parameters('111 1 16 16000 0 16000 60 9.5367431640625e-7').frameBytes).toBe(0);
  });

  test('a packet of thousands of one-byte frames, hours of sound, is refused', () => {
    const stream = new AudioStream(parameters('111 1 16 16000 0 16000 60 1'));
    expect(() => stream.decode(new Uint8Array(60_000))).toThrowError(expect.objectContaining({ code: 'audio/decode' }));
  });
});

describe('pieces', () => {
  test('a packet in many pieces of nothing and of one byte is what its bytes are', () => {
    const assembly = new Assembly(1000);
    assembly.push(fragments.start, Uint8Array.of(1));
    for (let count = 0; count < 5000; count++) expect(assembly.push(fragments.middle, new Uint8Array(0))).toBeNull();
    for (let count = 2; count < 500; count++) assembly.push(fragments.middle, Uint8Array.of(count));
    expect(assembly.push(fragments.end, new Uint8Array(0))).toEqual(Uint8Array.from({ length: 499 }, (_, index) => index + 1));
    expect(assembly.push(fragments.whole, Uint8Array.of(7))).toEqual(Uint8Array.of(7));
  });

  test('texts of nothing are not kept', () => {
    const event = new UpEvent('e', { isServerVad: undefined, isInterruptible: undefined, needTts: undefined, onlyAsr: undefined });
    for (let count = 0; count < 100; count++)
      event.takeText({ dataId: 3, flag: streamFlags.one, timestampMs: 0, sequence: 0, data: new Uint8Array(0) });
    expect(event.texts).toEqual([]);
  });

  test('no last part is so short that TuyaOpen, which reads 9 bytes of a frame first, would wait for the next frame', () => {
    for (let length = 1; length < 700; length++) {
      const parts = [
        ...disassemble(
          Uint8Array.from({ length }, (_, index) => index),
          219,
        ),
      ];
      expect(Buffer.concat(parts.map(({ part }) => part)).length).toBe(length);
      expect(parts.every(({ part }) => part.length <= 219)).toBe(true);
      if (parts.length > 1) expect(parts.at(-1)?.part.length).toBeGreaterThanOrEqual(4);
      expect(parts.map(({ fragment }) => fragment)).toEqual(
        parts.map((_, index) => (parts.length === 1 ? 0 : index === 0 ? 1 : index === parts.length - 1 ? 3 : 2)),
      );
    }
  });
});

describe('what is told', () => {
  test('of bytes that nobody can take apart long words are starred: one may be a token', async () => {
    bench = await tuyaTestBench({ settings: { devices: { unknownDevices: 'accept' } } });
    const device = await bench.connect({ signLevel: 0 });
    const token = 'f00dcafe'.repeat(4);
    const whole = encodePacket(2, packet(packetTypes.sessionNew, [attribute(ids.agentToken, token), attribute(ids.sessionId, 's')]));
    const broken = Uint8Array.from(whole);
    broken[4] = 0xff; // The block of attributes is longer than the packet.
    device.sendRaw(encodeFrameV2({ sequence: 2, fragment: fragments.whole }, broken, { key: new Uint8Array(32), level: 0 }));
    await device.ended;
    const told = bench.observer.of('wire.message').find(({ name }) => name === 'malformed');
    expect(Buffer.from(told?.bytes ?? []).toString('latin1')).toContain('*'.repeat(32));
    expect(Buffer.from(told?.bytes ?? []).subarray(0, 6)).toEqual(
      Buffer.from(withoutWords(encodeFrameV2({ sequence: 2, fragment: 0 }, broken, { key: new Uint8Array(32), level: 0 }))).subarray(0, 6),
    );
  });

  test('tokens in user data reach no conversation’s record', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    device.openSession({ attributes: { token: 'very-secret' } });
    device.ping();
    await device.until(() => device.pongs > 0);
    expect(bench.conversations.started[0]?.options.query.userData).toContain('[redacted]');
    expect(JSON.stringify(bench.conversations.started[0]?.options.query)).not.toContain('very-secret');
  });

  test('an answer that comes all at once goes in packets that a device can put together, no character cut', () => {
    const sent: Packet[] = [];
    const turn = new DownTurn(
      {
        ...{ sessionId: 's', textId: 4, audioId: undefined, audioParameters: '' },
        ...{ version: () => 2, eventHead: () => 2, wallMs: () => 1, nextTextSequence: () => 1 },
        send: (one) => void sent.push(one),
      },
      'e',
    );
    const content = `x${'好😀"\u0001'.repeat(6000)}。`;
    turn.text({ bizType: 'NLG', eof: 0, content, reasoningContent: '' });
    turn.end();
    const texts = sent
      .filter(({ type }) => type === packetTypes.text)
      .map(({ payload }) => JSON.parse(Buffer.from(decodeChunk(2, packetTypes.text, payload).data).toString('utf8')));
    expect(texts.map(({ data }) => data.content).join('')).toBe(content);
    expect(texts.map(({ eof }) => eof)).toEqual([...new Array(texts.length - 1).fill(0), 1]);
    expect(Math.max(...sent.map((one) => encodePacket(2, one).length))).toBeLessThan(32_000);
  });
});

describe('one peer and the others', () => {
  test('a client that says it closes and does not hang up is hung up on, and its conversations end', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    device.openSession();
    device.send(packet(packetTypes.connectionClose, [attribute(ids.closeCode, 601)]));
    await bench.observer.until('wire.message', ({ name }) => name === 'ConnectionClose');
    expect(bench.conversations.started[0]?.closeReason).toBe('closed by the device');
    await device.ended;
  });

  test('a flood of connections that say nothing keeps no device out', async () => {
    bench = await tuyaTestBench();
    await Promise.all(
      Array.from({ length: 140 }, async () => {
        const socket = connect(bench.port, '127.0.0.1');
        sockets.push(socket);
        socket.on('error', () => {});
        await new Promise((resolve) => socket.once('connect', resolve));
      }),
    );
    const device = await bench.connect();
    device.ping();
    await device.until(() => device.pongs > 0);
    expect(bench.gateway.connections()).toHaveLength(1);
  });

  test('a bug of ours costs the connection that met it and no other', async () => {
    bench = await tuyaTestBench();
    const good = await bench.connect();
    const device = await bench.connect();
    device.openSession();
    device.ping();
    await device.until(() => device.pongs > 0);
    const [conversation] = bench.conversations.started;
    if (conversation === undefined) throw new Error('no conversation');
    conversation.text = () => {
      throw new TypeError('a bug');
    };
    const session = device.openSession({ firstId: 20 });
    const second = bench.conversations.started;
    const eventId = session.startEvent();
    session.chunk('text', streamFlags.one, new TextEncoder().encode('hello'));
    device.ping();
    const { pongs } = device;
    await device.until(() => device.pongs > pongs);
    for (const one of second) one.text = conversation.text;
    session.endEvent(eventId);
    expect(await device.ended).toBe(500);
    expect(bench.faults).toHaveLength(1);
    good.ping();
    await good.until(() => good.pongs > 0);
  });

  test('a device whose key was changed, or that was removed, is hung up on', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect();
    device.ping();
    await device.until(() => device.pongs > 0);
    await bench.devices.put('tuya', tuyaTestDevice.deviceId, Buffer.from('another key of it').toString('base64'));
    expect(await device.ended).toBe(401);
  });

  test('who signs nothing has named a device and no more: no session without a token of the bench', async () => {
    bench = await tuyaTestBench();
    const device = await bench.connect({ signLevel: 0 });
    const session = device.openSession();
    await device.until(() => device.isRefused(session));
    expect(device.isRefused(session)).toBe(true);
    expect(bench.conversations.started).toEqual([]);
  });
});

describe('what outlives the listeners, and what is good once', () => {
  test('a token that was given is good after they were opened anew while a conversation ran', async () => {
    const memory = new TuyaMemory(systemClock);
    const grant = { device: { productId: 'tuya', deviceName: tuyaTestDevice.deviceId }, agentCode: '', needTts: true, onlyAsr: false };
    const { token } = memory.tokens.issue({ ...grant, bizConfig: usualBizConfig }, 60);
    let port = 0;
    for (const round of [1, 2]) {
      bench = await tuyaTestBench({ memory, tuya: { isAgentTokenRequired: true, port } });
      expect(bench.gateway.listeners).toMatchObject([{ name: 'tuya', state: 'listening' }]);
      port = bench.port;
      const device = await bench.connect();
      const session = device.openSession({ agentToken: token });
      device.ping();
      await device.until(() => device.pongs > 0);
      expect(device.isRefused(session)).toBe(false);
      if (round === 2) return;
      // In the middle of a turn, and the same port is free at once.
      session.startEvent();
      await bench.gateway.close();
      expect(await device.ended).toBe(200);
      expect(bench.conversations.started.map(({ closeReason }) => closeReason)).toEqual(['the bench is closing']);
      await bench.close();
    }
  });

  test.each([1, 2] as const)('a recorded connection, version %i, is good for nothing a second time', async (version) => {
    bench = await tuyaTestBench();
    const recorded: Buffer[] = [];
    const tap = createServer((from) => {
      const to = connect(bench.port, '127.0.0.1');
      from.on('data', (bytes: Buffer) => recorded.push(bytes));
      from.pipe(to).pipe(from);
      from.on('error', () => to.destroy());
      to.on('error', () => from.destroy());
    });
    await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
    const device = await bench.connect({ version, port: (tap.address() as AddressInfo).port });
    device.openSession();
    device.ping();
    await device.until(() => device.pongs > 0);
    device.close();
    const again = connect(bench.port, '127.0.0.1');
    again.on('error', () => {});
    again.resume();
    again.end(Buffer.concat(recorded));
    const refused = await bench.observer.until('device.refused');
    expect(refused).toMatchObject({ reason: 'replayed-hello' });
    expect(bench.conversations.started).toHaveLength(1);
    tap.close();
  });
});
