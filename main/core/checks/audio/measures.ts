import { compareSound } from './compare.ts';
import { insertedSilenceMs } from './dropouts.ts';
import { doubleTalk, doubleTalkByLevel, echoReturn } from './echo.ts';
import { noiseOf } from './noise.ts';
import { opusFileFacts } from './opus-file-facts.ts';
import { placedSound, soundOf } from './packet-sound.ts';
import { farEndSound, nearEndSound, referenceSound, referenceSounds } from './reference-sound.ts';
import { speechSpectrum } from './spectrum.ts';
import { speechLevel } from './speech-level.ts';

/** Everything about sound that takes long: tens of milliseconds for a second of it, while boards are waiting for their next frame. */
export const measures = {
  soundOf,
  placedSound,
  speechLevel,
  noiseOf,
  speechSpectrum,
  insertedSilenceMs,
  compareSound,
  echoReturn,
  doubleTalk,
  doubleTalkByLevel,
  opusFileFacts,
  referenceSound,
  farEndSound,
  nearEndSound,
  referenceSounds,
};

export type MeasureName = keyof typeof measures;

/** The same, done somewhere else: in a thread (measures-thread.ts). They reject as what they do throws. */
export type Measures = {
  [Name in MeasureName]: (...input: Parameters<(typeof measures)[Name]>) => Promise<ReturnType<(typeof measures)[Name]>>;
};
