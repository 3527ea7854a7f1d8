import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import { duplexType } from '../../audio/echo.ts';
import type { Bench } from '../../bench.ts';
import { check, type Measurement } from '../../check.ts';
import { languageOf } from '../conversation/line.ts';
import { type Line, packetsSince, silentLine } from '../uplink/recording.ts';
import { LEAST_NEAR_HEARD_PERCENT, MOST_NEAR_LOSS_DB, tellDuplex } from './duplex.ts';

const NEAR_MS = 5000;
/** The far end begins before the near end does, and speaks on after it. */
const [FAR_BEFORE_MS, FAR_AFTER_MS] = [1500, 1000];
/** A person takes longer to begin, and to say it. */
const PERSON_FAR_MS = 15_000;

/** The near end speaks alone, then into the far end's words: what is left of it. */
export const echoDoubleTalk = check({
  name: 'echo.doubletalk',
  group: 'echo',
  needs: ['conversation', 'voice'],
  parameters: z.strictObject({}),
  values: [
    // ITU-T P.340 §6: types 1 (3 dB), 2a (6), 2b (9), 2c (12); what takes more off is no duplex.
    { name: 'nearLossDb', unit: 'dB', limit: { max: MOST_NEAR_LOSS_DB }, isTimed: true, next: 'half-duplex' },
    // Words that are gone in part are not understood: three quarter seconds of five.
    { name: 'nearHeardPercent', unit: '%', limit: { min: LEAST_NEAR_HEARD_PERCENT }, isOptional: true, isTimed: true, next: 'half-duplex' },
    { name: 'duplexType' },
    { name: 'similarityAlone' },
    { name: 'similarityBoth' },
    { name: 'duplex' },
  ],
  nexts: ['half-duplex', 'no-packets'],
  async measure(bench) {
    const line = await silentLine(bench, { turns: { interruption: 'off' } });
    if (line === null) return { skipped: 'no-conversation' };
    const near = await bench.measures.nearEndSound(NEAR_MS);
    const alone = await record(bench, line, () => sayNear(bench, line, near));
    if (alone === null) return { person: 'nobody-there' };
    bench.progress(0.4);
    const isKnown = bench.voice.speaker === 'board' || bench.voice.speaker === 'host';
    const far = await bench.measures.farEndSound(isKnown ? FAR_BEFORE_MS + NEAR_MS + FAR_AFTER_MS : PERSON_FAR_MS);
    const both = await record(bench, line, async () => {
      const played = line.device.play(far);
      // Awaited once the near end has spoken: what fails before that is told then, or not at all.
      played.catch(() => {});
      await bench.sleep(FAR_BEFORE_MS);
      const said = await sayNear(bench, line, near);
      await played;
      return said;
    });
    if (both === null) return { person: 'nobody-there' };
    // No packets at all is another matter than words that are not in them.
    if (alone.length === 0 || both.length === 0) return { values: {}, next: 'no-packets' };
    const measured = await (isKnown ? byComparison(bench, near, alone, both) : byLevel(bench, alone, both));
    // The near end is not even there alone: uplink.level says what is wrong.
    if (measured === null) return { skipped: 'needs-earlier' };
    return {
      values: { ...measured, duplex: tellDuplex(bench, { check: 'echo.doubletalk', values: measured }) },
      evidence: [bench.keepSound('near', alone), bench.keepSound('far', far), bench.keepSound('uplink', both)],
    };
  },
});

/** Null: nobody was there to say it. */
async function sayNear(bench: Bench, { device }: Line, near: Int16Array): Promise<{ startUs: number; endUs: number } | null> {
  const given = await bench.voice.sound(near);
  if (given !== null) return given;
  const text = {
    zh: '请把客厅的灯打开，再把音量调到三十。',
    en: 'Please turn on the lights in the living room and set the volume to thirty.',
  };
  return await bench.voice.say(text[languageOf(bench, device)]);
}

/** The uplink while the near end speaks. */
async function record(bench: Bench, line: Line, say: () => Promise<{ startUs: number; endUs: number } | null>): Promise<Int16Array | null> {
  const sinceUs = bench.clock.nowUs();
  const said = await say();
  if (said === null) return null;
  const packets = await packetsSince(bench, line, sinceUs);
  return packets.length === 0 ? new Int16Array(0) : await bench.measures.placedSound(packets, said.startUs, bench.clock.nowUs());
}

async function byComparison(
  bench: Bench,
  near: Int16Array,
  alone: Int16Array,
  both: Int16Array,
): Promise<Record<string, Measurement> | null> {
  const measured = await bench.measures.doubleTalk(near, alone, both);
  if (measured === null) return null;
  return {
    nearLossDb: rounded(measured.nearLossDb),
    nearHeardPercent: rounded(measured.nearHeardPercent, 0),
    duplexType: duplexType(measured.nearLossDb),
    similarityAlone: rounded(measured.similarityAlone, 2),
    similarityBoth: rounded(measured.similarityBoth, 2),
  };
}

/** What a person said is known by its level alone, and what echo there is by echo.return. */
async function byLevel(bench: Bench, alone: Int16Array, both: Int16Array): Promise<Record<string, Measurement> | null> {
  const residual = bench.measured('echo.return')?.residualDbFs;
  const nearLossDb = await bench.measures.doubleTalkByLevel(alone, both, typeof residual === 'number' ? residual : -120);
  return nearLossDb === null ? null : { nearLossDb: rounded(nearLossDb), duplexType: duplexType(nearLossDb) };
}
