import type { NvsEntry } from '../../../../preload/contract/nvs.ts';

export type EntryProblem = 'name' | 'number' | 'hex' | 'base64' | 'twice';

/** What of an entry is wrong, as far as its text shows; values with `${variables}` are only known later. */
export function entryProblems(entry: NvsEntry, all: readonly NvsEntry[]): Partial<Record<keyof NvsEntry, EntryProblem>> {
  const { namespace, key, type, value } = entry;
  const isName = (text: string): boolean => text.length >= 1 && text.length <= 15;
  const isTwice = all.some((other) => other !== entry && other.namespace === namespace && other.key === key && key !== '');
  const valueProblem = value.includes('${') ? null : problemOfValue(type, value);
  return {
    ...(isName(namespace) ? {} : { namespace: 'name' as const }),
    ...(!isName(key) ? { key: 'name' as const } : isTwice ? { key: 'twice' as const } : {}),
    ...(valueProblem === null ? {} : { value: valueProblem }),
  };
}

function problemOfValue(type: NvsEntry['type'], value: string): EntryProblem | null {
  if (type === 'string') return null;
  if (type === 'hex') return /^([0-9a-f]{2}\s*)*$/i.test(value.trim()) ? null : 'hex';
  if (type === 'base64') return /^[\w+/\s-]*={0,2}\s*$/.test(value) ? null : 'base64';
  return isInteger(value.trim(), type) ? null : 'number';
}

function isInteger(text: string, type: string): boolean {
  const match = /^(-?)(0x[0-9a-f]+|\d+)$/i.exec(text);
  if (match === null) return false;
  const magnitude = BigInt(match[2] ?? '0');
  const value = match[1] === '-' ? -magnitude : magnitude;
  const bits = BigInt(type.slice(1));
  const isSigned = type.startsWith('i');
  const least = isSigned ? -(1n << (bits - 1n)) : 0n;
  const most = isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  return value >= least && value <= most;
}
