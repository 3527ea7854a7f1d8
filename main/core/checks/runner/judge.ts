import type { CheckEvidence, CheckLimit, CheckResult, CheckValue } from '../../../../preload/contract/checks.ts';
import type { Check, Measured, Measurement } from '../check.ts';
import { matchesWhole } from '../whole-match.ts';

/** What became of a check. `state` is an ended one. */
export type Judged = Pick<CheckResult, 'state' | 'values' | 'reason' | 'next'> & { evidence: readonly CheckEvidence[] };

/**
 * The verdict: passed when everything asked is met. `limits` are the list's, by value, each in the place of the check's own. A value that could
 * not be measured while something is asked of it is not met; where a person was to tell, only what was measured and not met fails it.
 */
export function judge(
  { values: specs, nexts }: Pick<Check, 'values' | 'nexts'>,
  limits: Readonly<Record<string, CheckLimit | null>>,
  measured: Measured,
): Judged {
  const { evidence = [] } = measured;
  if ('skipped' in measured) return { state: 'skipped', values: [], reason: measured.skipped, next: null, evidence };
  const values = judgeValues(specs, limits, measured.values ?? {});
  const isAsked = ({ limit }: CheckValue) => limit !== null;
  const isLeftToPerson = 'person' in measured;
  const unmet = values.find((value) => isAsked(value) && (isLeftToPerson ? value.isMet === false : value.isMet !== true));
  if (unmet !== undefined) {
    const told = 'next' in measured ? measured.next : undefined;
    const next = told ?? specs.find(({ name }) => name === unmet.name)?.next ?? nexts[0] ?? null;
    return { state: 'failed', values, reason: null, next, evidence };
  }
  if (isLeftToPerson) return { state: 'person', values, reason: measured.person, next: null, evidence };
  return { state: 'passed', values, reason: null, next: null, evidence };
}

/** In the catalogue's order, then what the check measured besides. */
export function judgeValues(
  specs: Check['values'],
  limits: Readonly<Record<string, CheckLimit | null>>,
  measured: Readonly<Record<string, Measurement>>,
): CheckValue[] {
  const known = new Set(specs.map(({ name }) => name));
  const besides = Object.keys(measured).filter((name) => !known.has(name));
  return [...specs, ...besides.map((name) => ({ name }))].map(({ name, ...spec }: Check['values'][number]) => {
    const value = presentable(Object.hasOwn(measured, name) ? measured[name] : null);
    const isLeftOut = value === null && spec.isOptional === true;
    const limit = isLeftOut ? null : asked(Object.hasOwn(limits, name) ? limits[name] : spec.limit);
    return {
      ...{ name, value, limit },
      ...(spec.unit !== undefined && { unit: spec.unit }),
      isMet: limit === null || value === null ? null : isMet(value, limit),
    };
  });
}

/** Whether a value is what it has to be: every member that is set holds. Throws TalkError 'timeout' for an expression without end. */
export function isMet(value: string | number | boolean, { min, max, equals, oneOf, matches }: CheckLimit): boolean {
  if (min !== undefined && !(typeof value === 'number' && value >= min)) return false;
  if (max !== undefined && !(typeof value === 'number' && value <= max)) return false;
  if (equals !== undefined && value !== equals) return false;
  if (oneOf !== undefined && !oneOf.some((one) => one === value)) return false;
  return matches === undefined || matchesWhole(String(value), matches);
}

/** Null for a limit that asks nothing. */
function asked(limit: CheckLimit | null | undefined): CheckLimit | null {
  if (limit === null || limit === undefined) return null;
  return Object.values(limit).some((member) => member !== undefined) ? limit : null;
}

/** What is no number has not been measured; it would be null in JSON all the same. */
function presentable(value: Measurement | undefined): Measurement {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
  return value;
}
