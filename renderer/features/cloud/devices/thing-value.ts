import type { ThingModel } from '../../../../preload/contract/agents.ts';

export type ThingDefine = ThingModel['properties'][number]['define'];

/** Bounds and step of a number; the console writes them as text or as numbers. */
export function limitsOf({ min, max, step }: ThingDefine): { min?: number; max?: number; step?: number } {
  const limits = { min: numberOf(min), max: numberOf(max), step: numberOf(step) };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function numberOf(value: string | number | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** What an enum may be, as values of a choice. */
export function choicesOf({ mapping }: ThingDefine): { value: string; label: string }[] {
  return Object.entries(mapping ?? {}).map(([value, label]) => ({
    value,
    label: label === '' || label === value ? value : `${label} (${value})`,
  }));
}

type DraftProblem = 'empty' | 'whole' | 'number' | 'range' | 'long' | 'json' | 'choice';
type ReadDraft = { value: unknown } | { problem: DraftProblem };

/** What was typed, as it goes to the board: a bool is 0 or 1 there, an enum its number. */
export function readDraft(define: ThingDefine, draft: string): ReadDraft {
  const { min, max } = limitsOf(define);
  const isWithin = (number: number): boolean => (min === undefined || number >= min) && (max === undefined || number <= max);
  const text = draft.trim();
  switch (define.type) {
    case 'string':
      return max !== undefined && draft.length > max ? { problem: 'long' } : { value: draft };
    case 'stringenum':
      return Object.hasOwn(define.mapping ?? {}, draft) ? { value: draft } : { problem: draft === '' ? 'empty' : 'choice' };
    case 'enum':
      return Object.hasOwn(define.mapping ?? {}, draft) ? { value: Number(draft) } : { problem: draft === '' ? 'empty' : 'choice' };
    case 'bool':
      return text === '' ? { problem: 'empty' } : { value: text === '1' || text === 'true' ? 1 : 0 };
    case 'struct':
    case 'array':
      return readJson(text, define.type === 'array');
    default: {
      if (text === '') return { problem: 'empty' };
      const number = Number(text);
      if (!Number.isFinite(number)) return { problem: 'number' };
      if (define.type !== 'float' && !Number.isInteger(number)) return { problem: 'whole' };
      return isWithin(number) ? { value: number } : { problem: 'range' };
    }
  }
}

function readJson(text: string, isArray: boolean): ReadDraft {
  try {
    const value: unknown = JSON.parse(text);
    const fits = typeof value === 'object' && value !== null && Array.isArray(value) === isArray;
    return fits ? { value } : { problem: 'json' };
  } catch {
    return { problem: text === '' ? 'empty' : 'json' };
  }
}

/** A board's value as the control shows it. Boards send numbers as text, and bools as either. */
export function draftOf(define: ThingDefine, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (define.type === 'bool') return value === true || value === 1 || value === '1' || value === 'true' ? '1' : '0';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A value to be read: with its unit, or in the words of its enum. */
export function valueText(define: ThingDefine | undefined, value: unknown): string {
  if (value === undefined) return '—';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (define === undefined) return text;
  const word = define.mapping?.[define.type === 'bool' ? draftOf(define, value) : text];
  if (word !== undefined && word !== '' && word !== text) return `${word} (${text})`;
  return define.unit === undefined || define.unit === '' ? text : `${text} ${define.unit}`;
}
