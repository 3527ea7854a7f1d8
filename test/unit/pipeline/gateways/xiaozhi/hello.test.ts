import { expect, test } from 'vitest';
import { readHello } from '../../../../../pipeline/gateways/xiaozhi/hello.ts';

test('a hello whose audio is no text and no number is read with the defaults, and noted', () => {
  const nothing = { toString: 1, valueOf: 1 };
  const { frameMs, notes } = readHello({ type: 'hello', audio_params: { format: nothing, sample_rate: nothing, frame_duration: nothing } });
  expect([frameMs, notes.length]).toEqual([60, 3]);
});
