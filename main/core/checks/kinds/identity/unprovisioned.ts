import type { LogRow } from '../../../../../preload/contract/logs.ts';

/** Firmware's words for a flash without its device. */
const unprovisioned =
  /\bno (?:device|triple|licen[cs]e) (?:info|data|information)\b|\b(?:device|product)[ _]?(?:id|name|secret|info)\b.{0,40}(?:not set|empty|missing|invalid|not found)/i;

export function isUnprovisioned({ message }: LogRow): boolean {
  return unprovisioned.test(message);
}
