import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeadSilence } from '../../../../pipeline/audio/lead-silence.ts';
import { silencePcm, speechPcm } from '../../../fakes/engines.ts';

/** What comes out for audio that came in pieces of these lengths, and what was taken off. */
function trimmed(keepMs: number, pcm: Int16Array, pieces: readonly number[]) {
  const lead = new LeadSilence(keepMs);
  const out: number[] = [];
  let at = 0;
  for (const length of [...pieces, pcm.length]) {
    out.push(...lead.push(pcm.subarray(at, at + length)));
    at += length;
  }
  out.push(...lead.flush());
  return { out, removedUs: lead.removedUs };
}

const spoken = (leadMs: number) => Int16Array.from([...silencePcm(leadMs), ...speechPcm(60), ...silencePcm(50)]);

test('the silence before the first sound is cut to what is to be kept', () => {
  expect(trimmed(40, spoken(200), [])).toEqual({ out: [...spoken(40)], removedUs: 160_000 });
});

test('a lead that is short enough stays, and so does all with −1', () => {
  expect(trimmed(40, spoken(30), [])).toEqual({ out: [...spoken(30)], removedUs: 0 });
  expect(trimmed(-1, spoken(200), [])).toEqual({ out: [...spoken(200)], removedUs: 0 });
});

test('audio without any sound is nearly all lead', () => {
  expect(trimmed(40, silencePcm(300), []).out.length).toBe(40 * 16);
});

test('property: how the audio is split changes nothing, and nothing of the sound is lost', () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(0, 30, 40, 100), fc.integer({ min: 0, max: 30 }), pieces, (keepMs, lead, lengths) => {
      expect(trimmed(keepMs, spoken(lead * 10), lengths)).toEqual(trimmed(keepMs, spoken(lead * 10), []));
    }),
  );
});
