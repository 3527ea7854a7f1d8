import type { Check } from '../../check.ts';
import { delay } from './delay.ts';
import { loss } from './loss.ts';
import { rate } from './rate.ts';
import { stall } from './stall.ts';

export const linkChecks: readonly Check[] = [delay, loss, rate, stall];
