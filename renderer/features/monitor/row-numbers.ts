import type { LogRow } from '../../../preload/contract/logs.ts';

/** The numbers a row tells, by name: what the plot draws. Names are the device's own. */
export function numbersOf(row: Pick<LogRow, 'message' | 'payload' | 'tag'>): Map<string, number> {
  const found = new Map<string, number>();
  addFields(found, row.payload, '');
  // Words before the number may be two ("free heap: 1234"); the one next to it names it. Units behind it are fine, more digits are not.
  const pairs =
    /([\p{L}_][\p{L}\p{N}_.[\]/-]*)\s*(?:=|:(?!\/\/|\d))\s*([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)(?![\d.:]*[\d:]|x[\da-f])/giu;
  for (const [, name, number] of row.message.matchAll(pairs)) {
    const value = Number(number);
    if (name !== undefined && Number.isFinite(value) && !found.has(name)) found.set(name, value);
  }
  return found;
}

const maximumFields = 64;

function addFields(found: Map<string, number>, value: unknown, path: string): void {
  if (found.size >= maximumFields) return;
  if (typeof value === 'number' && Number.isFinite(value) && path !== '') found.set(path, value);
  else if (Array.isArray(value)) for (const [index, item] of value.slice(0, 16).entries()) addFields(found, item, `${path}[${index}]`);
  else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
    for (const [name, item] of Object.entries(value)) addFields(found, item, path === '' ? name : `${path}.${name}`);
}

export interface PlotPoint {
  atUs: number;
  value: number;
  seq: number;
}

export interface PlotSeries {
  name: string;
  points: PlotPoint[];
}

/** Series by name, those with most points first. On a merged log names carry their port, so that two boards are two lines. */
export function seriesOf(rows: readonly LogRow[], portName: ((port: string) => string) | null): PlotSeries[] {
  const byName = new Map<string, PlotPoint[]>();
  for (const row of rows) {
    if (row.direction !== 'received') continue;
    for (const [name, value] of numbersOf(row)) {
      const key = portName === null ? name : `${portName(row.port)} · ${name}`;
      const points = byName.get(key);
      const point = { atUs: row.atUs, value, seq: row.seq };
      if (points === undefined) byName.set(key, [point]);
      else points.push(point);
    }
  }
  return [...byName]
    .map(([name, points]) => ({ name, points }))
    .sort((a, b) => b.points.length - a.points.length || (a.name < b.name ? -1 : 1));
}
