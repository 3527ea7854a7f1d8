import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageInJson, imageInProtobuf, imageOf, imageOfBase64 } from '../../../../../pipeline/gateways/twetalk/images.ts';

const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 80 }, (_, index) => index)]);
const base64 = Buffer.from(jpeg).toString('base64');

/** Field `number`, wire type 2. */
const field = (number: number, bytes: Uint8Array) => {
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Uint8Array.from([(number << 3) | 2, ...length, ...bytes]);
};

test('is known by its first bytes', () => {
  expect(imageOf(jpeg)?.mediaType).toBe('image/jpeg');
  expect(imageOf(Uint8Array.from([0x89, 0x50, 0x4e, 0x47]))?.mediaType).toBe('image/png');
  expect(imageOf(Uint8Array.from(Buffer.from('RIFF0000WEBPVP8 ')))?.mediaType).toBe('image/webp');
  expect(imageOf(Uint8Array.from([1, 2, 3]))).toBeNull();
});

test('is found in a field of an unknown frame, and in a message within it', () => {
  const frame = field(5, Uint8Array.from([0x08, 0x80, 0x0a, ...field(3, jpeg), 0x20, 0xf0, 0x01]));
  expect(imageInProtobuf(frame)?.data).toEqual(jpeg);
  expect(imageInProtobuf(field(1, Uint8Array.from([1, 2, 3])))).toBeNull();
});

test('is found in JSON, as base64 alone or as a data URL', () => {
  expect(imageOfBase64(base64)?.data).toEqual(jpeg);
  expect(imageInJson({ type: 'x', data: { list: [{ u: `data:image/jpeg;base64,${base64}` }] } })?.data).toEqual(jpeg);
  expect(imageInJson({ a: 'x'.repeat(200), b: 1, c: null })).toBeNull();
});

test('no bytes make it throw, and what it finds is the picture’s own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const found = imageInProtobuf(bytes);
      if (found !== null) expect(found.data.buffer).not.toBe(bytes.buffer);
    }),
  );
});
