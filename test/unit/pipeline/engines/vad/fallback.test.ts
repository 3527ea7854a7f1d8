import { expect, test } from 'vitest';
import type { VadEngine } from '../../../../../pipeline/engines/vad/engine.ts';
import { withFallback } from '../../../../../pipeline/engines/vad/fallback.ts';
import { createFvad } from '../../../../../pipeline/engines/vad/fvad.ts';
import { FakeVad, speechPcm } from '../../../../fakes/engines.ts';
import { noise } from '../speech.ts';

/** 320-sample frames: says 1 for a frame with a loud sample. */
const light: VadEngine = {
  id: 'light',
  open: async () => ({
    frameSamples: 320,
    async process(frame) {
      if (frame.length !== 320) throw new RangeError('not a frame');
      return frame.some((sample) => Math.abs(sample) > 1000) ? 1 : 0;
    },
    reset: () => undefined,
    close: () => undefined,
  }),
};

test('a detector that cannot run here is replaced from the start', async () => {
  const absent: VadEngine = { id: 'absent', open: () => Promise.reject(new Error('no runtime')) };
  expect((await withFallback(absent, light).open()).frameSamples).toBe(320);
});

test('a detector that keeps failing is replaced; a single failure is only told', async () => {
  const first = new FakeVad();
  const stream = await withFallback(first, light).open();
  expect(await stream.process(speechPcm(32))).toBe(0.95);
  first.fault = new Error('thread died');
  await expect(stream.process(speechPcm(32))).rejects.toThrow('died');
  first.fault = undefined;
  expect(await stream.process(speechPcm(32))).toBe(0.95);
  first.fault = new Error('thread died');
  for (let i = 0; i < 3; i++) await expect(stream.process(speechPcm(32))).rejects.toThrow('died');
  expect(await stream.process(speechPcm(32))).toBe(1);
  await stream.process(new Int16Array(512)); // begins with the loud rest of the window before
  expect(await stream.process(new Int16Array(512))).toBe(0);
  stream.close();
});

test('no sample is lost between windows of 512 and frames of 320', async () => {
  const first = new FakeVad();
  const stream = await withFallback(first, light).open();
  first.fault = new Error('gone');
  for (let i = 0; i < 3; i++) await stream.process(new Int16Array(512)).catch(() => undefined);
  // The loud sample is the last of its window and belongs to the second window's first frame.
  const window = new Int16Array(512);
  window[511] = 5000;
  expect(await stream.process(window)).toBe(0);
  expect(await stream.process(new Int16Array(512))).toBe(1);
});

test('fvad stands in for a detector that is gone', async () => {
  const gone: VadEngine = { id: 'gone', open: () => Promise.reject(new Error('gone')) };
  const fvad = createFvad();
  const stream = await withFallback(gone, fvad).open();
  expect(await stream.process(noise(320, 1))).toBe(0);
  stream.close();
  await fvad.close();
});
