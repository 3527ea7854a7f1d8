import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFramer } from '../../../../pipeline/audio/framing.ts';

test('keeps every sample in order, whatever the blocks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(120), { maxLength: 20 }), (frameSamples, sizes) => {
      const framer = createFramer(frameSamples);
      let next = 0;
      const frames = sizes.flatMap((size) => framer.push(Int16Array.from({ length: size }, () => next++)));
      const rest = framer.pending;
      const last = framer.flush();
      const all = [...frames, ...(last ? [last] : [])].flatMap((frame) => [...frame]);
      expect(all.length).toBe(Math.ceil(next / frameSamples) * frameSamples);
      expect(all.slice(0, next)).toEqual(Array.from({ length: next }, (_, i) => i));
      expect(all.slice(next).every((sample) => sample === 0)).toBe(true);
      expect(rest).toBe(next % frameSamples);
      expect(framer.flush()).toBeUndefined();
    }),
  );
});
