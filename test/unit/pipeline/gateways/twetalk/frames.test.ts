import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Frame } from '../../../../../pipeline/gateways/twetalk/frames.ts';
import { isTalkError } from '../../../../../preload/contract/errors.ts';

const schema = protobuf.parse(`
  syntax = "proto3"; package pipecat;
  message TextFrame { uint64 id = 1; string name = 2; string text = 3; }
  message AudioRawFrame { uint64 id = 1; string name = 2; bytes audio = 3; uint32 sample_rate = 4; uint32 num_channels = 5; optional uint64 pts = 6; }
  message TranscriptionFrame { uint64 id = 1; string name = 2; string text = 3; string user_id = 4; string timestamp = 5; }
  message MessageFrame { string data = 1; }
  message Frame { oneof frame { TextFrame text = 1; AudioRawFrame audio = 2; TranscriptionFrame transcription = 3; MessageFrame message = 4; } }
`).root;
const oracle = schema.lookupType('pipecat.Frame');

const opus = Uint8Array.from({ length: 180 }, (_, index) => index);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const audio = (fields: Partial<Extract<Frame, { kind: 'audio' }>>): Frame => ({
  kind: 'audio',
  id: 0n,
  name: '',
  audio: opus,
  sampleRate: 16000,
  channels: 1,
  ...fields,
});

describe('golden bytes of the fact sheet', () => {
  test('a message frame of 49 bytes of JSON is 53 bytes', () => {
    const bytes = encodeFrame({ kind: 'message', data: '{"label":"rtvi-ai","type":"bot-started-speaking"}' });
    expect(bytes.length).toBe(53);
    expect(hex(bytes).startsWith('22330a317b226c6162656c')).toBe(true);
  });

  test('a bare 180-byte Opus packet is 191 bytes', () => {
    const bytes = encodeFrame(audio({}));
    expect(hex(bytes)).toBe(`12bc011ab401${hex(opus)}20807d2801`);
    expect(bytes.length).toBe(191);
  });

  test('the same with an id and a name is 216 bytes', () => {
    const bytes = encodeFrame(audio({ id: 7n, name: 'OutputAudioRawFrame#7' }));
    expect(bytes.length).toBe(216);
    expect(hex(bytes).startsWith(`12d50108071215${hex(Buffer.from('OutputAudioRawFrame#7'))}1ab401`)).toBe(true);
  });
});

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const bytes = fc.uint8Array({ maxLength: 400 });
const string = fc.string({ unit: 'binary', maxLength: 40 });
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), id: uint64, name: string, text: string }),
  fc.record(
    { kind: fc.constant('audio' as const), id: uint64, name: string, audio: bytes, sampleRate: uint32, channels: uint32, pts: uint64 },
    { requiredKeys: ['kind', 'id', 'name', 'audio', 'sampleRate', 'channels'] },
  ),
  fc.record({ kind: fc.constant('transcription' as const), id: uint64, name: string, text: string, userId: string, timestamp: string }),
  fc.record({ kind: fc.constant('message' as const), data: string }),
);

describe('against protobufjs', () => {
  test('what we write it reads, and what it writes we read', () => {
    fc.assert(
      fc.property(frame, (value) => {
        const ours = encodeFrame(value);
        expect(hex(oracle.encode(oracle.decode(ours)).finish())).toBe(hex(ours));
        expect(decodeFrame(Uint8Array.from(oracle.encode(oracle.decode(ours)).finish()))).toEqual(value);
      }),
    );
  });

  test('whatever bytes protobufjs accepts as a known case, we accept with the same fields', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(1, 2, 3, 4), (body, field) => {
        const message = Uint8Array.from([(field << 3) | 2, body.length, ...body]);
        let theirs: string | undefined;
        try {
          theirs = Object.keys(oracle.decode(message).toJSON())[0];
        } catch {
          return; // it is stricter about UTF-8, and that is all right
        }
        const ours = decodeOrError(message);
        if (typeof ours !== 'string') expect(ours.kind).toBe(theirs);
      }),
    );
  });
});

function decodeOrError(input: Uint8Array): Frame | string {
  try {
    return decodeFrame(input);
  } catch (error) {
    if (!isTalkError(error, 'gateway/malformed')) throw error;
    return error.code;
  }
}

describe('hostile bytes', () => {
  test('any bytes either decode or are a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => void decodeOrError(input)),
      { numRuns: 1000 },
    );
  });

  test('a length that runs past the end is refused, even when more bytes lie behind the view', () => {
    const memory = Uint8Array.from([0x22, 0x05, 0x0a, 0x03, 0x61, 0x62, 0x63]);
    expect(decodeFrame(memory)).toEqual({ kind: 'message', data: 'abc' });
    expect(decodeOrError(memory.subarray(0, 5))).toBe('gateway/malformed');
    expect(decodeOrError(Uint8Array.from([0x22, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBe('gateway/malformed');
  });

  test('every truncation of a valid frame is refused or is the empty message', () => {
    const whole = encodeFrame(audio({ id: 3n, name: 'x', pts: 9n }));
    for (let length = 1; length < whole.length; length++) expect(decodeOrError(whole.subarray(0, length))).toBe('gateway/malformed');
  });

  test('an eleven-byte varint, field number 0 and groups are refused', () => {
    expect(decodeOrError(new Uint8Array(12).fill(0x80))).toBe('gateway/malformed');
    expect(decodeOrError(Uint8Array.from([0x02, 0x00]))).toBe('gateway/malformed');
    expect(decodeOrError(Uint8Array.from([0x0b, 0x0c]))).toBe('gateway/malformed');
  });
});

describe('tolerance', () => {
  test('a case nobody told us about is kept raw and goes out again as it came', () => {
    const raw = Uint8Array.from([0x2a, 0x02, 0x08, 0x01]);
    const decoded = decodeFrame(raw);
    expect(decoded).toEqual({ kind: 'unknown', field: 5, raw });
    expect(hex(encodeFrame(decoded))).toBe('2a020801');
  });

  test('unknown fields beside and inside a known case are skipped', () => {
    const raw = Uint8Array.from([0x78, 0x05, 0x22, 0x09, 0x7d, 1, 2, 3, 4, 0x0a, 0x02, 0x68, 0x69]);
    expect(decodeFrame(raw)).toEqual({ kind: 'message', data: 'hi' });
  });

  test('of two cases the last counts', () => {
    const both = Buffer.concat([encodeFrame(audio({})), encodeFrame({ kind: 'message', data: 'x' })]);
    expect(decodeFrame(both)).toEqual({ kind: 'message', data: 'x' });
  });

  test('a half character does not cost the message', () => {
    const raw = Uint8Array.from([0x22, 0x04, 0x0a, 0x02, 0xe4, 0xbd]);
    expect(decodeFrame(raw)).toMatchObject({ kind: 'message' });
  });

  test('an empty message is an unknown frame without a field', () => {
    expect(decodeFrame(new Uint8Array(0))).toEqual({ kind: 'unknown', field: null, raw: new Uint8Array(0) });
  });
});
