import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  escapeTelnet,
  negotiation,
  subnegotiation,
  TelnetDecoder,
  type TelnetItem,
  telnet,
} from '../../../../../main/core/devices/telnet.ts';

const data = fc.array(fc.oneof(fc.constantFrom(240, 250, 251, 255), fc.nat(255)), { minLength: 1, maxLength: 30 });
const option = fc.nat(254);

const item = fc.oneof(
  data.map((bytes) => ({ wire: [...escapeTelnet(Uint8Array.from(bytes))], means: { kind: 'data' as const, bytes } })),
  fc
    .tuple(fc.constantFrom(telnet.do, telnet.dont, telnet.will, telnet.wont), option)
    .map(([verb, about]) => ({ wire: negotiation(verb, about), means: { kind: 'negotiate' as const, verb, option: about } })),
  fc
    .tuple(option, data)
    .map(([about, body]) => ({ wire: subnegotiation(about, body), means: { kind: 'subnegotiation' as const, bytes: [about, ...body] } })),
);

/** Data comes in as many pieces as the stream was cut into. */
function joined(items: readonly TelnetItem[]): unknown[] {
  const out: { kind: string; bytes?: number[] }[] = [];
  for (const one of items) {
    const last = out.at(-1);
    if (one.kind === 'data' && last?.kind === 'data') last.bytes?.push(...one.bytes);
    else out.push('bytes' in one ? { ...one, bytes: [...one.bytes] } : { ...one });
  }
  return out;
}

test('what is encoded comes back, in order, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 10 }), fc.array(fc.nat(400)), (items, cuts) => {
      const wire = items.flatMap((one) => one.wire);
      const decoder = new TelnetDecoder();
      const points = [0, ...cuts.filter((cut) => cut < wire.length).sort((a, b) => a - b), wire.length];
      const got = points.flatMap((point, index) => decoder.push(Uint8Array.from(wire.slice(points[index - 1] ?? 0, point))));
      const expected = items.map((one) => ('bytes' in one.means ? { ...one.means, bytes: Uint8Array.from(one.means.bytes) } : one.means));
      expect(joined(got)).toEqual(joined(expected));
    }),
  );
});

test('a subnegotiation that never ends does not fill memory', () => {
  const decoder = new TelnetDecoder();
  decoder.push(Uint8Array.of(telnet.iac, telnet.sb, 44));
  for (let index = 0; index < 100; index++) decoder.push(new Uint8Array(1000));
  const [end] = decoder.push(Uint8Array.of(telnet.iac, telnet.se));
  expect(end?.kind === 'subnegotiation' && end.bytes.length).toBe(4096);
});
