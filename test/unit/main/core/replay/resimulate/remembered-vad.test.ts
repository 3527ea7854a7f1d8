import { describe, expect, test } from 'vitest';
import { rememberedVad } from '../../../../../../main/core/replay/resimulate/remembered-vad.ts';
import type { VadEngine } from '../../../../../../pipeline/engines/vad/engine.ts';

/** Says how many windows it has heard since its reset, and with it whether it heard them all. */
function countingVad(): VadEngine & { processed: number; opened: number } {
  const vad = {
    id: 'counting',
    processed: 0,
    opened: 0,
    async open() {
      vad.opened += 1;
      let heard = 0;
      return {
        frameSamples: 4,
        async process() {
          vad.processed += 1;
          heard += 1;
          return heard / 1000;
        },
        reset() {
          heard = 0;
        },
        close() {},
      };
    },
  };
  return vad;
}

const window = (value: number) => new Int16Array(4).fill(value);
const now = <Value>(work: Promise<Value>) => work;

async function said(vad: VadEngine, windows: readonly (number | 'reset')[]): Promise<number[]> {
  const stream = await vad.open();
  const answers: number[] = [];
  for (const each of windows) {
    if (each === 'reset') stream.reset();
    else answers.push(Math.round((await stream.process(window(each))) * 1000));
  }
  stream.close();
  return answers;
}

describe('a remembered detector', () => {
  test('listens to the same sound once', async () => {
    const vad = countingVad();
    const remembered = rememberedVad({ engine: vad, during: now });
    expect(await said(remembered, [1, 2, 3])).toEqual([1, 2, 3]);
    expect(await said(remembered, [1, 2, 3])).toEqual([1, 2, 3]);
    expect(vad.processed).toBe(3);
  });

  test('that is given more than before has heard what came before it', async () => {
    const remembered = rememberedVad({ engine: countingVad(), during: now });
    await said(remembered, [1, 2]);
    expect(await said(remembered, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(await said(remembered, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  });

  test('that is given other sound hears all of it, from the beginning', async () => {
    const remembered = rememberedVad({ engine: countingVad(), during: now });
    await said(remembered, [1, 2, 3]);
    expect(await said(remembered, [1, 9, 3])).toEqual([1, 2, 3]);
    expect(await said(remembered, [2, 3])).toEqual([1, 2]);
    expect(await said(remembered, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  test('that is given what another one heard listens to none of it', async () => {
    const first = rememberedVad({ engine: countingVad(), during: now });
    await said(first, [1, 2, 'reset', 3]);
    const vad = countingVad();
    const second = rememberedVad({ engine: vad, during: now, heard: structuredClone(first.heard) });
    expect(await said(second, [1, 2, 'reset', 3])).toEqual([1, 2, 1]);
    expect(vad.processed).toBe(0);
    expect(await said(second, [1, 2, 'reset', 3, 4])).toEqual([1, 2, 1, 2]);
  });

  test('that fails says so: what was heard without it is nothing to compare', async () => {
    const broken = rememberedVad({ engine: { id: 'broken', open: () => Promise.reject(new Error('no model')) }, during: now });
    await expect(broken.open()).rejects.toThrow('no model');
    expect(broken.failure).toMatchObject({ error: { message: 'no model' } });
  });

  test('is reset where it was, and elsewhere too', async () => {
    const remembered = rememberedVad({ engine: countingVad(), during: now });
    expect(await said(remembered, [1, 2, 'reset', 3, 4])).toEqual([1, 2, 1, 2]);
    expect(await said(remembered, [1, 2, 'reset', 3, 4])).toEqual([1, 2, 1, 2]);
    expect(await said(remembered, [1, 'reset', 2, 3])).toEqual([1, 1, 2]);
    expect(await said(remembered, [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  });
});
