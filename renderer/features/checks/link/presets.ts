import type { LinkImpairment } from '../../../../preload/contract/checks.ts';

const none: LinkImpairment = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

/** Networks as boards meet them; the words are `checks.link.preset.<name>`. */
export const presets = {
  edge: { ...none, delayMs: 300, jitterMs: 120, lossPercent: 2, rateKbitS: 128 },
  subway: { ...none, delayMs: 120, jitterMs: 250, lossPercent: 8, rateKbitS: 256 },
  wifi: { ...none, delayMs: 20, jitterMs: 80, lossPercent: 4, rateKbitS: 1000 },
  dead: { ...none, isStalled: true },
} as const satisfies Record<string, LinkImpairment>;
export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as Preset[];

export const unimpaired = none;

export function isNothing(impairment: LinkImpairment): boolean {
  return sameAs(impairment, none);
}

export function sameAs(one: LinkImpairment, other: LinkImpairment): boolean {
  return (Object.keys(none) as (keyof LinkImpairment)[]).every((name) => one[name] === other[name]);
}

/** Rates a slider stops at, kbit/s; the last is none at all. */
export const rates = [16, 32, 64, 100, 128, 256, 512, 1000, 2000, 5000, null] as const;

/** The nearest stop of the slider. */
export function rateStop(rateKbitS: number | null): number {
  if (rateKbitS === null) return rates.length - 1;
  const found = rates.findIndex((rate) => rate !== null && rate >= rateKbitS);
  return found === -1 ? rates.length - 2 : found;
}
