import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexToBytes, sendBytes, textToBytes } from '../../../../../renderer/features/monitor/send-text.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('what is typed, as bytes', () => {
  it('knows the usual escapes and leaves other backslashes alone', () => {
    const sent = textToBytes(String.raw`AT\r\n\x1a\0\\ C:\dir \u4f60`);
    expect(sent.ok && hex(sent.bytes)).toBe(`41 54 0d 0a 1a 00 5c 20 43 3a 5c 64 69 72 20 e4 bd a0`);
  });

  it('refuses a broken escape with its place', () => {
    expect(textToBytes('ok \\x4')).toEqual({ ok: false, at: 3 });
    expect(textToBytes('\\xzz')).toEqual({ ok: false, at: 0 });
  });

  it('reads hex however it was copied', () => {
    for (const text of ['7e 00 FF', '7E00ff', '0x7E, 0x00, 0xFF', '7e:00:ff', ' 7e-00-ff ', '0x7E00FF'])
      expect(hexToBytes(text), text).toEqual({ ok: true, bytes: Uint8Array.of(0x7e, 0, 0xff) });
  });

  it('refuses half a byte and what is no hex, with its place', () => {
    expect(hexToBytes('7e 0')).toEqual({ ok: false, at: 3 });
    expect(hexToBytes('7e zz')).toEqual({ ok: false, at: 3 });
  });

  it('gives any bytes back from their hex', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(hexToBytes(hex(bytes))).toEqual({ ok: true, bytes: Uint8Array.from(bytes) });
      }),
    );
  });

  it('ends text as chosen and hex with nothing', () => {
    expect(sendBytes('AT', false, 'crlf')).toEqual({ ok: true, bytes: Uint8Array.of(0x41, 0x54, 13, 10) });
    expect(sendBytes('41', true, 'crlf')).toEqual({ ok: true, bytes: Uint8Array.of(0x41) });
  });
});
