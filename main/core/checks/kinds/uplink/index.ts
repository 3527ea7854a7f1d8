import type { Check } from '../../check.ts';
import { uplinkClock } from './clock.ts';
import { uplinkDropouts } from './dropouts.ts';
import { uplinkFrames } from './frames.ts';
import { uplinkLevel } from './level.ts';
import { uplinkNoise } from './noise.ts';
import { uplinkSpectrum } from './spectrum.ts';

/** Each from the board's own packets. */
export const uplinkChecks: readonly Check[] = [uplinkFrames, uplinkLevel, uplinkNoise, uplinkDropouts, uplinkClock, uplinkSpectrum];
