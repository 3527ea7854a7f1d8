import { z } from 'zod';
import { rounded } from '../../audio/decibels.ts';
import { check } from '../../check.ts';
import { SILENT_DBFS } from './level.ts';
import { askForQuiet, curve, packetEvidence, packetsSince, silentLine } from './recording.ts';

/** What speech is lined up to, where its own level has not been measured. */
const NOMINAL_SPEECH_DBFS = -26;
/** Under this much over its neighbours a line is not heard out of the noise. */
const HUM_DB = 15;

/** What comes up while nobody speaks: the room's noise, the microphone's, and the mains'. */
export const uplinkNoise = check({
  name: 'uplink.noise',
  group: 'uplink',
  needs: ['conversation'],
  parameters: z.strictObject({ windowS: z.number().min(2).max(120).default(5) }),
  values: [
    { name: 'noiseDbFs', unit: 'dBFS' },
    { name: 'loudestDbFs', unit: 'dBFS' },
    // Below about 20 dB recognisers make clearly more mistakes and voice detectors hold on to noise; ITU-T P.830 tests with 20 and more.
    { name: 'speechToNoiseDb', unit: 'dB', limit: { min: 20 }, next: 'noise' },
    { name: 'humHz', unit: 'Hz' },
    { name: 'humDb', unit: 'dB' },
  ],
  nexts: ['noise', 'hum', 'no-packets'],
  async measure(bench, { windowS }) {
    const line = await silentLine(bench);
    if (line === null) return { skipped: 'no-conversation' };
    if ((await askForQuiet(bench, windowS)) === 'skip') return { person: 'person-skipped' };
    const sinceUs = bench.clock.nowUs();
    await bench.sleep(windowS * 1000);
    const packets = await packetsSince(bench, line, sinceUs);
    if (packets.length === 0) return { values: {}, next: 'no-packets' };
    const { pcm } = await bench.measures.soundOf(packets);
    const { noiseDbFs, loudestDbFs, hum, curve: levels } = await bench.measures.noiseOf(pcm);
    const measured = bench.measured('uplink.level')?.activeDbFs;
    const speechDbFs = typeof measured === 'number' && measured > SILENT_DBFS ? measured : NOMINAL_SPEECH_DBFS;
    const isHumming = hum !== null && hum.prominenceDb >= HUM_DB;
    const spectrum = curve('spectrum', 'frequencyHz', 'levelDbfs', levels);
    return {
      values: {
        noiseDbFs: rounded(noiseDbFs),
        loudestDbFs: rounded(loudestDbFs),
        speechToNoiseDb: rounded(speechDbFs - noiseDbFs),
        humHz: isHumming ? hum.hz : 0,
        humDb: rounded(hum?.prominenceDb ?? 0),
      },
      evidence: [...packetEvidence(packets), bench.keepSound('uplink', pcm), spectrum],
      ...(isHumming && { next: 'hum' }),
    };
  },
});
