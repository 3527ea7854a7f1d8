import { SILENCE_DB } from '../../../../pipeline/audio/levels.ts';
import { compareSound, findSound } from './compare.ts';
import { blockPowers, levelDb, quantile } from './decibels.ts';
import { activeLevel } from './speech-level.ts';

const RATE = 16_000;
const BLOCK = RATE / 50;
/** From the socket to the loudspeaker and back through the microphone: jitter buffers of some frames each way. */
const LONGEST_ECHO_MS = 1500;
/** A room of a desk's size has died away. */
const TAIL_MS = 300;
const SECOND = RATE / BLOCK;

export interface EchoReturn {
  /** Active level of what went down, and of what of it came back with the noise taken off; −120: nothing. */
  farDbFs: number;
  residualDbFs: number;
  /** The uplink while nothing plays. */
  noiseDbFs: number;
  /** From the far end's signal to the uplink, both in dBFS: loudspeaker, room, microphone and canceller together (ITU-T G.122's terminal coupling loss). */
  lossDb: number;
  /** What came back is lost in the noise: the loss is at least that. */
  isAtLeast: boolean;
  /** The echo's own delay where it can be found in the uplink. */
  delayMs: number | null;
  /** Until the loss stays within 3 dB of what it ends at; null where there is nothing to cancel. */
  convergedMs: number | null;
  /** The loss in each second. */
  curve: [timeS: number, lossDb: number][];
}

/**
 * Far end only: what comes back of it while nobody speaks. `uplink` begins a second or so before `far` does, at sample `farAt` of it: noise is
 * what is there before.
 */
export function echoReturn(far: Int16Array, uplink: Int16Array, farAt: number): EchoReturn {
  const longest = (LONGEST_ECHO_MS * RATE) / 1000;
  const back = uplink.subarray(Math.max(0, farAt), farAt + far.length + longest);
  const found = findSound(far, back);
  const delay = found !== null && found.lagSamples >= 0 && found.lagSamples <= longest ? found.lagSamples : null;
  const noise = noisePower(uplink.subarray(0, Math.max(0, farAt)));
  const farPowers = blockPowers(far, BLOCK);
  const farActive = activeLevel(far, RATE).activeDbFs;
  const isActive = activity(farPowers, delay === null ? LONGEST_ECHO_MS : TAIL_MS);
  const backPowers = blockPowers(uplink.subarray(farAt + (delay ?? 0)), BLOCK);
  const active = (from: number, to: number) => backPowers.slice(from, to).filter((_, i) => isActive[from + i] === true);
  const residual = mean(active(0, isActive.length)) - noise;
  // 0.3 of the noise, −5 dB: what speech in a room leaves of its pauses' noise varies by as much from one stretch to the next.
  const isAtLeast = residual <= 0.3 * noise;
  const residualDbFs = levelDb(isAtLeast ? 0.3 * noise : residual);
  // Of the same stretches, so that their pauses are in neither.
  const farDb = levelDb(mean(farPowers.filter((_, i) => isActive[i] === true)));
  const lossDb = farDb - residualDbFs;
  const curve: [number, number][] = [];
  for (let second = 0; (second + 1) * SECOND <= farPowers.length; second++) {
    const [from, to] = [second * SECOND, (second + 1) * SECOND];
    if (farPowers.slice(from, to).reduce((sum, power) => sum + power, 0) === 0) continue;
    curve.push([second, farDb - levelDb(Math.max(0.3 * noise, mean(active(from, to)) - noise))]);
  }
  return {
    farDbFs: farActive,
    residualDbFs,
    noiseDbFs: levelDb(noise),
    lossDb,
    isAtLeast,
    delayMs: delay === null ? null : (delay * 1000) / RATE,
    convergedMs: isAtLeast ? null : convergence(curve),
    curve,
  };
}

/** The median of 20 ms: a door or a cough is not the noise. */
function noisePower(pcm: Int16Array): number {
  const powers = blockPowers(pcm, BLOCK);
  return powers.length === 0 ? 0 : quantile(powers, 0.5);
}

const FAR_RANGE = 1e-3;

/** Blocks in which sound of the far end may come back: while it sounds and for so long after. */
function activity(powers: Float64Array, tailMs: number): boolean[] {
  const loudest = powers.reduce((most, power) => Math.max(most, power), 0);
  const tail = Math.ceil((tailMs * RATE) / 1000 / BLOCK);
  let left = 0;
  return Array.from({ length: powers.length }, (_, i) => {
    left = (powers[i] ?? 0) > loudest * FAR_RANGE ? tail : left - 1;
    return left > 0;
  });
}

function convergence(curve: readonly [number, number][]): number | null {
  const settled = quantile(
    curve.slice(Math.floor(curve.length / 2)).map(([, loss]) => loss),
    0.5,
  );
  const last = curve.findLastIndex(([, loss]) => loss < settled - 3);
  return last === -1 ? 0 : ((curve[last]?.[0] ?? 0) + 1) * 1000;
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export interface DoubleTalk {
  /** How much quieter the near end is while the far end speaks too than alone, dB; 60: nothing of it is left. */
  nearLossDb: number;
  /** Share of the near end's quarter seconds that are still recognisable while both speak. */
  nearHeardPercent: number;
  /** How alike they are to what was said, 0..1, alone and while both speak. */
  similarityAlone: number;
  similarityBoth: number;
}

/** `near` as it was said, and the uplinks of it alone and while the far end spoke as well. Null: it is not in the first one, so nothing can be told. */
export function doubleTalk(near: Int16Array, alone: Int16Array, both: Int16Array): DoubleTalk | null {
  const before = compareSound(near, alone);
  if (!before.isFound) return null;
  const during = compareSound(near, both);
  return {
    nearLossDb: before.ownLevelDb - during.ownLevelDb,
    nearHeardPercent: during.heardPercent,
    similarityAlone: before.similarity,
    similarityBoth: during.similarity,
  };
}

/**
 * The same where only a person spoke and nobody knows the samples: levels of the uplink while both spoke against the near end alone, what
 * comes back of the far end taken off. Null: nobody is heard alone.
 */
export function doubleTalkByLevel(alone: Int16Array, both: Int16Array, echoDbFs: number): number | null {
  const aloneDb = activeLevel(alone, RATE).activeDbFs;
  const bothDb = activeLevel(both, RATE).activeDbFs;
  if (aloneDb <= SILENCE_DB) return null;
  const left = 10 ** (bothDb / 10) - 10 ** (echoDbFs / 10);
  return Math.min(60, aloneDb - (left <= 0 ? SILENCE_DB : 10 * Math.log10(left)));
}

/** ITU-T P.340 §6: what a hands-free terminal may take off its sending direction while both speak. */
const types: readonly [maxLossDb: number, type: string][] = [
  [3, '1'],
  [6, '2a'],
  [9, '2b'],
  [12, '2c'],
];

/** '1' full duplex · '2a' '2b' '2c' partly · '3' no duplex. */
export function duplexType(nearLossDb: number): string {
  return types.find(([maxLossDb]) => nearLossDb <= maxLossDb)?.[1] ?? '3';
}
