import { clockDrift } from '../../main/core/checks/audio/clock-drift.ts';
import { compareSound } from '../../main/core/checks/audio/compare.ts';
import { arrivalFacts } from '../../main/core/checks/audio/dropouts.ts';
import { doubleTalk, echoReturn } from '../../main/core/checks/audio/echo.ts';
import { noiseOf } from '../../main/core/checks/audio/noise.ts';
import { farEndSound, nearEndSound, referenceSound } from '../../main/core/checks/audio/reference-sound.ts';
import { speechSpectrum } from '../../main/core/checks/audio/spectrum.ts';
import { speechLevel } from '../../main/core/checks/audio/speech-level.ts';
import { resample } from '../../pipeline/audio/resample.ts';
import { arrivals, mixed, placed, samplesOf, slowed, throughOpus, whiteNoise } from '../fakes/synthetic-sound.ts';

const noisy = (pcm: Int16Array, dbFs = -66) => mixed(pcm, whiteNoise(pcm.length, dbFs));
const figure = (value: number, digits = 1) => value.toFixed(digits);

/** The largest error over cases whose truth is known: `truth` against what was measured. */
function print(what: string, cases: readonly (readonly [truth: number, measured: number | null])[], unit: string): void {
  const untold = cases.filter(([, measured]) => measured === null).length;
  const errors = cases.flatMap(([truth, measured]) => (measured === null ? [] : [measured - truth]));
  const worst = errors.reduce((most, error) => (Math.abs(error) > Math.abs(most) ? error : most), 0);
  const mean = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  const range = `${figure(Math.min(...cases.map(([truth]) => truth)))} … ${figure(Math.max(...cases.map(([truth]) => truth)))}`;
  console.log(
    `| ${what} | ${range} ${unit} | ${cases.length}${untold === 0 ? '' : ` (${untold} not told)`} | ${figure(mean, 2)} | ${figure(worst, 2)} ${unit} |`,
  );
}

/** The table of docs/check-audio.md: what each number is worth, on sounds of which everything is known, through a board's codec. */
export async function run(): Promise<void> {
  console.log('| measured | truth | cases | mean error | worst error |\n| --- | --- | --- | --- | --- |');
  const seeds = Array.from({ length: 10 }, (_, seed) => seed + 1);
  const drifts = [-300, -50, 0, 50, 300];
  for (const [seconds, jitterMs] of [
    [20, 1],
    [60, 5],
    [60, 20],
    [60, 40],
  ] as const) {
    const cases = drifts.flatMap((ppm) =>
      seeds.map((seed) => {
        const drift = clockDrift(arrivals({ seconds, ppm, jitterMs, seed }));
        return [ppm, drift.kind === 'measured' ? drift.ppm : null] as const;
      }),
    );
    print(`clock drift, ${seconds} s, jitter ${jitterMs} ms`, cases, 'ppm');
  }
  print(
    'missing packets of 333, jitter 5 ms',
    [0, 0.01, 0.03, 0.1].flatMap((lost) =>
      seeds.map((seed) => {
        const packets = arrivals({ seconds: 20, lost, jitterMs: 5, seed });
        return [Math.ceil(20_000 / 60) - packets.length, arrivalFacts(packets).missingPackets] as const;
      }),
    ),
    'packets',
  );
  const speech = referenceSound();
  const levels = [-36, -26, -16, -10];
  const own = speechLevel(speech).activeDbFs;
  print(
    'active speech level through Opus',
    levels.map((dbFs) => [dbFs, speechLevel(throughOpus(noisy(placed(speech, 0, speech.length, dbFs - own)))).activeDbFs] as const),
    'dBFS',
  );
  print(
    'noise through Opus',
    [-75, -66, -50, -36].map((dbFs) => [dbFs, noiseOf(throughOpus(whiteNoise(64_000, dbFs))).noiseDbFs] as const),
    'dBFS',
  );
  print(
    'upper edge, −20 dB, through Opus',
    [4000, 8000, 11_025].map((rate) => {
      const narrow = resample(resample(speech, { from: 16_000, to: rate }), { from: rate, to: 16_000 });
      return [rate / 2, speechSpectrum(throughOpus(noisy(narrow.subarray(0, speech.length))), speech).bandwidth.high20Hz] as const;
    }),
    'Hz',
  );
  const coded = throughOpus(speech);
  const total = samplesOf(12_000);
  const heardAt = (delayMs: number, gainDb: number) => compareSound(speech, noisy(placed(coded, delayMs, total, gainDb)));
  print(
    'delay to the speaker (the codec’s 6.5 ms taken off)',
    [0, 80, 333, 1500].map((ms) => [ms, heardAt(ms, -12).delayMs - 6.5] as const),
    'ms',
  );
  print(
    'level heard against what was sent',
    [0, -12, -30].map((db) => [db, heardAt(100, db).levelDifferenceDb] as const),
    'dB',
  );
  print(
    'gap in playback',
    [60, 120, 400].map((ms) => {
      const gap = samplesOf(ms);
      const broken = new Int16Array(coded.length + gap);
      broken.set(coded.subarray(0, 50_000));
      broken.set(coded.subarray(50_000), 50_000 + gap);
      return [ms, compareSound(speech, broken).gapMs] as const;
    }),
    'ms',
  );
  print(
    'player’s clock, 8 s',
    drifts.map((ppm) => [-ppm, compareSound(speech, slowed(coded, ppm)).driftPpm] as const),
    'ppm',
  );
  const far = farEndSound(8000);
  const uplinkOf = (lossDb: number) => throughOpus(noisy(placed(far, 1700, samplesOf(11_000), -lossDb)));
  print(
    'echo loss, noise −66 dBFS',
    [6, 10, 20, 26, 30].map((lossDb) => [lossDb, echoReturn(far, uplinkOf(lossDb), samplesOf(1500)).lossDb] as const),
    'dB',
  );
  const near = nearEndSound(5000);
  const samples = samplesOf(6500);
  const alone = throughOpus(noisy(placed(near, 300, samples)));
  print(
    'near end’s loss, echo 20 dB under it',
    [0, 3, 6, 12, 20].map((lossDb) => {
      const both = throughOpus(noisy(mixed(placed(near, 300, samples, -lossDb), placed(far, 0, samples, -lossDb - 20))));
      return [lossDb, doubleTalk(near, alone, both)?.nearLossDb ?? null] as const;
    }),
    'dB',
  );
}
