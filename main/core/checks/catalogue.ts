import type { CheckInfo } from '../../../preload/contract/checks.ts';
import type { Check } from './check.ts';

/** What a list may say of a check. Presets are those of the schema. */
export function infoOf({ name, group, needs, parameters, values, nexts }: Check): CheckInfo {
  const presets = parameters.parse({});
  return {
    ...{ name, group, needs: [...needs], nexts: [...nexts] },
    parameters: Object.keys(parameters.shape).map((parameter) => ({
      name: parameter,
      unit: unitOf(parameter),
      preset: presets[parameter] ?? null,
    })),
    values: values.map(({ name: value, unit = null, limit = null }) => ({ name: value, unit, limit })),
  };
}

const suffixes: readonly (readonly [RegExp, CheckInfo['parameters'][number]['unit']])[] = [
  [/Ms$/, 'ms'],
  [/Us$/, 'us'],
  [/Percent$/, '%'],
  [/DbFs$/, 'dBFS'],
  [/Dbm$/, 'dBm'],
  [/Db$/, 'dB'],
  [/Ppm$/, 'ppm'],
  [/Hz$/, 'Hz'],
  [/Bytes$/, 'bytes'],
  [/KbitS$/, 'kbit/s'],
  [/[a-z]S$/, 's'],
];

/** Names carry their unit. */
function unitOf(name: string): CheckInfo['parameters'][number]['unit'] {
  return suffixes.find(([suffix]) => suffix.test(name))?.[1] ?? null;
}
