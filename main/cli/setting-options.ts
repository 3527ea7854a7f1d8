import { InvalidArgumentError } from 'commander';

export interface GivenSetting {
  key: string;
  value: unknown;
}

/** `turns.vadSilenceMs=800`: JSON where it is JSON, else the text as it stands. What is wrong with a value the core says. */
export function givenSetting(text: string): GivenSetting {
  const [, key, value] = /^([a-zA-Z]+\.[a-zA-Z]+)=(.*)$/su.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError(`${text}: want SECTION.NAME=VALUE`);
  return { key, value: asValue(value) };
}

/** A tree of them, the later over the earlier. */
export function settingTree(settings: readonly GivenSetting[]): Record<string, Record<string, unknown>> {
  const tree: Record<string, Record<string, unknown>> = {};
  for (const { key, value } of settings) {
    const [section = '', name = ''] = key.split('.');
    tree[section] = { ...tree[section], [name]: value };
  }
  return tree;
}

/** More points are no plot any more, and a long wait. */
const MOST_POINTS = 50;

/** `turns.vadSilenceMs=240..1200:120`, both ends with it where the step meets them; or `=fixed,semantic`. */
export function givenSweep(text: string): { key: string; values: unknown[] } {
  const { key } = givenSetting(text);
  const given = text.slice(key.length + 1);
  const [, from, to, step] = /^(-?[\d.]+)\.\.(-?[\d.]+):([\d.]+)$/u.exec(given) ?? [];
  if (from === undefined) return { key, values: checked(text, given.split(',').map(asValue)) };
  const [first, last, by] = [Number(from), Number(to), Number(step)];
  if (!(by > 0) || !(last >= first)) throw new InvalidArgumentError(`${text}: want FROM..TO:STEP, upwards`);
  // Counted, not added up: 0.1 three times is not 0.3.
  const count = Math.floor((last - first) / by + 1e-9) + 1;
  if (count > MOST_POINTS) throw new InvalidArgumentError(`${text}: ${count} values, at most ${MOST_POINTS}`);
  return { key, values: Array.from({ length: count }, (_, index) => Number((first + index * by).toFixed(6))) };
}

function checked(text: string, values: unknown[]): unknown[] {
  if (values.length > MOST_POINTS) throw new InvalidArgumentError(`${text}: ${values.length} values, at most ${MOST_POINTS}`);
  return values;
}

function asValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
