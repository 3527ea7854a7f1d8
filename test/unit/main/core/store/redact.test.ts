import { expect, test } from 'vitest';
import { createRedact } from '../../../../../main/core/store/redact.ts';

const redact = createRedact({ includeIdentities: false, secrets: [] });

test.each([
  ['+CGSN: "862288081583054"', '+CGSN: "***************"'],
  ['460041234567890', '***************'],
  ['+ICCID: 89860855102480513401', '+ICCID: ********************'],
  ['an ICCID with letters in its middle: 898604981022C0254186', 'an ICCID with letters in its middle: ********************'],
  ['+ICCID: 8986011884330053489', '+ICCID: *******************'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each(['1763712000000000 µs', 'sha 8986c6a1f0b2d3e4f5a6b7c8d9e0f1a2', 'load:0x3fce3818,len:0x109c'])(
  'is nobody’s identity: %s',
  (text) => {
    expect(redact(text)).toBe(text);
  },
);
