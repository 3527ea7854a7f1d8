import type { AtFamily } from '../../../preload/contract/at.ts';

const signs: readonly [RegExp, AtFamily][] = [
  [/AirM2M|LuatOS|\bAir\d{3}/i, 'airm2m'],
  [/Quectel|UniRTOS|\b(?:EC|EG|BG)\d{2,3}[A-Z]/i, 'quectel'],
  [/eigencomm|\bEC(?:618|7\d\d)/i, 'eigencomm'],
];

/** Whose firmware it is, from the answers that say so (ATI, +CGMI, +CGMM, +CGMR). Null: this answer does not. */
export function familyOf(name: string, lines: readonly string[]): AtFamily | null {
  if (!['ATI', '+CGMI', '+CGMM', '+CGMR'].includes(name)) return null;
  const text = lines.join('\n');
  return signs.find(([sign]) => sign.test(text))?.[1] ?? null;
}
