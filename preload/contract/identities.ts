/**
 * What tells one person's SIM or module from all others, as it stands in an answer: fifteen digits (IMEI, IMSI), or 89 and
 * seventeen or eighteen more, letters A–F among them (ICCID).
 */
const identity = /(?<![0-9A-Za-z])(?:\d{15,16}|89[0-9]{4}[0-9A-Fa-f]{13,14})(?![0-9A-Za-z])/g;

/** The issuer stays: it tells the maker, the operator, the card. */
const KEPT = 6;

/** The same value with identities masked in every string of it. */
export function maskIdentities<T>(value: T): T {
  return masked(value) as T;
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(identity, (found) => `${found.slice(0, KEPT)}${'*'.repeat(found.length - KEPT)}`);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item)]));
}
