import type { SpokenMessage } from '../../../../preload/contract/cloud/twetalk.ts';
import { type BoardJson, toBoardJson } from '../board-text.ts';

export type SpokenValues = Record<string, string | number | boolean | undefined>;

/** The template with its places filled; a member whose place nothing fills is left out. */
export function fillTemplate({ data }: SpokenMessage, values: SpokenValues): { [key: string]: BoardJson } {
  return members(data, values);
}

function members(template: Record<string, unknown>, values: SpokenValues): { [key: string]: BoardJson } {
  const filled = Object.entries(template).flatMap(([key, value]) => {
    const made = fill(value, values);
    return made === undefined ? [] : [[key, made] as const];
  });
  return Object.fromEntries(filled);
}

function fill(value: unknown, values: SpokenValues): BoardJson | undefined {
  if (typeof value === 'string' && value.startsWith('$')) return values[value.slice(1)];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return members(value as Record<string, unknown>, values);
  return toBoardJson(value);
}
