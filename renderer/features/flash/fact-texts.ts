import { bytesText, hexText } from '../../lib/quantities.ts';

const offsets = ['offset', 'endBytes'];

/** The facts of a note or a warning as its sentence wants them: sizes with their unit, offsets in hexadecimal. */
export function factTexts(data: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, fact]) => [name, factText(name, fact)]));
}

function factText(name: string, fact: unknown): string {
  if (typeof fact === 'number') {
    if (offsets.includes(name)) return hexText(fact);
    return name.endsWith('Bytes') ? bytesText(fact) : String(fact);
  }
  return typeof fact === 'string' ? fact : fact === undefined || fact === null ? '—' : JSON.stringify(fact);
}
