import { describe, expect, test } from 'vitest';
import { attribute, attributeIds as ids } from '../../../../../../pipeline/gateways/tuya/wire/attributes.ts';
import { encodeFrameV1, encodeFrameV2, FrameSplitter, fragments } from '../../../../../../pipeline/gateways/tuya/wire/frames.ts';
import { decodeChunk, decodeEvent, encodeChunk, encodeEvent } from '../../../../../../pipeline/gateways/tuya/wire/heads.ts';
import { eventTypes, packetTypes, streamFlags } from '../../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { decodePacket, encodePacket, packet } from '../../../../../../pipeline/gateways/tuya/wire/packet.ts';
import { deriveKey, open, seal, securityLevels } from '../../../../../../pipeline/gateways/tuya/wire/security.ts';

/** Whole frames of reference/tuya.md §11, byte for byte. */
const text = (value: string) => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const unhex = (value: string) => new Uint8Array(Buffer.from(value, 'hex'));

const localKey = text('0123456789abcdef');
const encryptRandom = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const signRandom = 'abcdefghijklmnopqrstuvwxyz678901';
const iv = text('0123456789ABCDEF');
const cryptKey = deriveKey(localKey, text(encryptRandom));
const signKey = deriveKey(localKey, text(signRandom));
const sessionId = `vcd-session-${'0'.repeat(32)}`;
const eventId = `vcd-event-${'0'.repeat(32)}`;
const whole = fragments.whole;

const golden = {
  helloV1:
    '0100010000000000b7030000008e000b010000000101000c0600000008636c69656e742d3100120600000003616c67001306000000026976000d06000000204142434445464748494a4b4c4d4e4f505152535455565758595a303132333435000e06000000206162636465666768696a6b6c6d6e6f707172737475767778797a363738393031000f030000000400002000001403000000040001d4c000000000bb11824b69603adfc411ba5629fe9dcafc685253574fe8bef99d6e92e04cb830',
  pingPlainV1: '090000000f007104000000080000018bcfe5680000000000',
  pingV1:
    '0100020900303132333435363738394142434445460000005058a5958c4f85a18ba0ab7f4f4e5b810540f23234a5f8823d6c75fe372117c08fc8227c6a549a1a790022af090d6309dd372eff93798cd661e9cf478d9515a9648d67ebfd62c69be3780005ed6a6992d2',
  helloV2:
    '220001004b0300000046000b000101000c0008636c69656e742d31000a0021024142434445464748494a4b4c4d4e4f505152535455565758595a303132333435000f000400001000001400040000ea60',
  sessionNewV2:
    '22000200970f000000620029000400010001002a00080000000000000077002b002c7663642d73657373696f6e2d3030303030303030303030303030303030303030303030303030303030303030006f001a7b2273657373696f6e41747472696275746573223a227b7d227d0008000100030005000700040002000414decb3bc2e09431b7349350a41802dee65e42d64fdfdd1b8d39300e01031045',
  authRespV2: '220001003507000000100018000200c800170006636f6e6e2d31c1554dbeef867eef0b400560cd1e6f8faa46b9d7193c048972511d0f93e1f1fe',
  textV2:
    '220002006344000400017b2262697a4964223a226173722d31222c2262697a54797065223a22415352222c22656f66223a312c2264617461223a7b2274657874223a226869227d7df4aa03be4607380a9cc8e0bf74d8a2ccc4c9dfde92eaa9a8048d25ec59e06eda',
  eventStartV2:
    '470000005e002b002c7663642d73657373696f6e2d3030303030303030303030303030303030303030303030303030303030303030003d002a7663642d6576656e742d30303030303030303030303030303030303030303030303030303030303030300000',
  subscribe:
    '545941498001000100000000005b470000004e002b060000000d64656275672d73657373696f6e003d060000002430303030303030302d303030302d343030302d383030302d303030303030303030303030006f05000000080000000c8000000000000004f0000000',
};

const hello1 = packet(packetTypes.clientHello, [
  attribute(ids.clientType, 1),
  attribute(ids.clientId, 'client-1'),
  attribute(18, 'alg'),
  attribute(19, 'iv'),
  attribute(ids.encryptRandom, encryptRandom),
  attribute(ids.signRandom, signRandom),
  attribute(ids.maxFragmentLength, 8192),
  attribute(ids.pingIntervalMs, 120_000),
]);
const hello2 = packet(packetTypes.clientHello, [
  attribute(ids.clientType, 1),
  attribute(ids.clientId, 'client-1'),
  attribute(ids.securitySuit, Buffer.concat([Uint8Array.of(2), text(encryptRandom)])),
  attribute(ids.maxFragmentLength, 4096),
  attribute(ids.pingIntervalMs, 60_000),
]);
const ping = packet(packetTypes.ping, [attribute(ids.clientTs, 1_700_000_000_000)]);

describe('frames of the reference', () => {
  test('keys are derived from the local key and the randoms of the hello', () => {
    expect(hex(cryptKey)).toBe('2a8b63c455e9fe1e24bcb9788ef96e919bf70d8a96b44b7f631120e1d87a4000');
    expect(hex(signKey)).toBe('bc10732146486387e62d8fe5bddaf4c7f43d72e496df9eddfc42afd7cc8aa531');
  });

  test('version 1: a hello, in clear and signed', () => {
    const frame = encodeFrameV1({ sequence: 1, fragment: whole, level: 0, iv: null }, encodePacket(1, hello1), signKey);
    expect(hex(frame)).toBe(golden.helloV1);
  });

  test('version 1: a ping, encrypted by AES-256-GCM over its padding', () => {
    const plain = encodePacket(1, ping);
    expect(hex(plain)).toBe(golden.pingPlainV1);
    const sealed = seal(securityLevels.aesGcm, cryptKey, iv, plain);
    expect(hex(encodeFrameV1({ sequence: 2, fragment: whole, level: 4, iv }, sealed, signKey))).toBe(golden.pingV1);
    expect(hex(open(securityLevels.aesGcm, cryptKey, iv, sealed))).toBe(golden.pingPlainV1);
  });

  test('version 2.1: a hello, unsigned', () => {
    const frame = encodeFrameV2({ sequence: 1, fragment: whole }, encodePacket(2, hello2), { key: cryptKey, level: 0 });
    expect(hex(frame)).toBe(golden.helloV2);
  });

  test('version 2.1: signed packets of both ends', () => {
    const sign = { key: cryptKey, level: 2 } as const;
    const sessionNew = packet(
      packetTypes.sessionNew,
      [
        attribute(ids.bizCode, 65537),
        attribute(ids.bizTag, 119),
        attribute(ids.sessionId, sessionId),
        attribute(ids.userData, '{"sessionAttributes":"{}"}'),
      ],
      unhex('00080001000300050007000400020004'),
    );
    expect(hex(encodeFrameV2({ sequence: 2, fragment: whole }, encodePacket(2, sessionNew), sign))).toBe(golden.sessionNewV2);
    const authResp = packet(packetTypes.authResp, [attribute(ids.connectStatus, 200), attribute(ids.connectionId, 'conn-1')]);
    expect(hex(encodeFrameV2({ sequence: 1, fragment: whole }, encodePacket(2, authResp), sign))).toBe(golden.authRespV2);
    const data = text('{"bizId":"asr-1","bizType":"ASR","eof":1,"data":{"text":"hi"}}');
    const chunk = { dataId: 4, flag: streamFlags.one, timestampMs: 0, sequence: 1, data };
    const asr = packet(packetTypes.text, [], encodeChunk(2, packetTypes.text, chunk));
    expect(hex(encodeFrameV2({ sequence: 2, fragment: whole }, encodePacket(2, asr), sign))).toBe(golden.textV2);
    expect(decodeChunk(2, packetTypes.text, asr.payload)).toEqual({ ...chunk, data: expect.objectContaining({ length: data.length }) });
  });

  test('version 2.1: a media head holds id, flag and 42 bits of milliseconds', () => {
    const chunk = { dataId: 1, flag: streamFlags.start, timestampMs: 1_700_000_000_000, sequence: 0, data: new Uint8Array(0) };
    expect(hex(encodeChunk(2, packetTypes.audio, chunk))).toBe('0001418bcfe56800');
    expect(decodeChunk(2, packetTypes.audio, unhex('0001418bcfe56800'))).toMatchObject({
      dataId: 1,
      flag: 1,
      timestampMs: 1_700_000_000_000,
    });
  });

  test('version 2.1: an event with a head of two bytes', () => {
    const start = packet(
      packetTypes.event,
      [attribute(ids.sessionId, sessionId), attribute(ids.eventId, eventId)],
      encodeEvent(2, eventTypes.start),
    );
    expect(hex(encodePacket(2, start))).toBe(golden.eventStartV2);
    expect(decodeEvent(2, decodePacket(2, unhex(golden.eventStartV2)).payload)).toMatchObject({ type: 0, head: 2 });
  });

  test('debug port: a subscription is a V1 frame without signature', () => {
    const filter = Buffer.alloc(8);
    filter.writeBigUInt64BE((1n << 31n) | (1n << 34n) | (1n << 35n));
    const subscribe = packet(
      packetTypes.event,
      [
        attribute(ids.sessionId, 'debug-session'),
        attribute(ids.eventId, '00000000-0000-4000-8000-000000000000'),
        attribute(ids.userData, new Uint8Array(filter)),
      ],
      encodeEvent(4, eventTypes.monitorFilter),
    );
    const frame = encodeFrameV1({ sequence: 1, fragment: whole, level: 0, iv: null }, encodePacket(1, subscribe), null);
    expect(`5459414980${hex(frame)}`).toBe(golden.subscribe);
  });

  test.each(['helloV1', 'pingV1', 'helloV2', 'sessionNewV2', 'authRespV2', 'textV2'] as const)(
    '%s is found in a stream cut anywhere',
    (name) => {
      const bytes = unhex(golden[name]);
      for (let cut = 1; cut < bytes.length; cut++) {
        const splitter = new FrameSplitter(65_536);
        expect([...splitter.push(bytes.subarray(0, cut))]).toEqual([]);
        const [frame] = [...splitter.push(bytes.subarray(cut))];
        expect(hex(frame?.bytes ?? new Uint8Array(0))).toBe(golden[name]);
      }
    },
  );
});
