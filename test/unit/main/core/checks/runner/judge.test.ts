import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Measured, ValueSpec } from '../../../../../../main/core/checks/check.ts';
import { isMet, judge } from '../../../../../../main/core/checks/runner/judge.ts';
import type { CheckLimit } from '../../../../../../preload/contract/checks.ts';

const specs: ValueSpec[] = [
  { name: 'frameMs', unit: 'ms', limit: { oneOf: [20, 40, 60] }, next: 'set-frame' },
  { name: 'levelDbFs', unit: 'dBFS', limit: { min: -40, max: -6 }, next: 'set-gain' },
  { name: 'codec' },
];
const check = { values: specs, nexts: ['see-log', 'set-frame', 'set-gain'] };
const judged = (measured: Measured, limits: Record<string, CheckLimit | null> = {}) => {
  const { state, next, reason, values } = judge(check, limits, measured);
  return { state, next, reason, met: Object.fromEntries(values.map((value) => [value.name, value.isMet])) };
};
const good = { frameMs: 60, levelDbFs: -20, codec: 'opus' };

describe('the verdict of a check', () => {
  test('is passed when all that is asked is met; what nothing is asked of is only told', () => {
    expect(judged({ values: good })).toEqual({
      ...{ state: 'passed', next: null, reason: null },
      met: { frameMs: true, levelDbFs: true, codec: null },
    });
  });

  test('is failed with what to do about the first value that is not met', () => {
    expect(judged({ values: { ...good, frameMs: 10, levelDbFs: 0 } })).toMatchObject({ state: 'failed', next: 'set-frame' });
    expect(judged({ values: { ...good, levelDbFs: 0 } })).toMatchObject({ state: 'failed', next: 'set-gain' });
  });

  test('is failed when a value is missing of which something is asked, and that has not been met or missed', () => {
    const { levelDbFs, ...others } = good;
    expect(levelDbFs).toBe(-20);
    expect(judged({ values: others })).toMatchObject({ state: 'failed', next: 'set-gain', met: { levelDbFs: null } });
    expect(judged({ values: { ...good, levelDbFs: Number.NEGATIVE_INFINITY } })).toMatchObject({ state: 'failed' });
    expect(judged({ values: { frameMs: 60, levelDbFs: -20 } })).toMatchObject({ state: 'passed' });
  });

  test('says the check’s own next step where it has one, and none of a check that passed', () => {
    expect(judged({ values: { ...good, frameMs: 10 }, next: 'see-log' })).toMatchObject({ state: 'failed', next: 'see-log' });
    expect(judged({ values: good, next: 'see-log' })).toMatchObject({ state: 'passed', next: null });
  });

  test('has the list’s limits in the place of the check’s: another, none, or one where there was none', () => {
    expect(judged({ values: good }, { levelDbFs: { min: -15 } })).toMatchObject({ state: 'failed', next: 'set-gain' });
    // The check’s own maximum is gone with its minimum.
    expect(judged({ values: { ...good, levelDbFs: 0 } }, { levelDbFs: { min: -15 } })).toMatchObject({ state: 'passed' });
    expect(judged({ values: { frameMs: 60 } }, { levelDbFs: null })).toMatchObject({ state: 'passed', met: { levelDbFs: null } });
    expect(judged({ values: { frameMs: 60 } }, { levelDbFs: {} })).toMatchObject({ state: 'passed' });
    // A value without a next step of its own: the check’s first.
    expect(judged({ values: good }, { codec: { equals: 'pcm' } })).toMatchObject({ state: 'failed', next: 'see-log' });
  });

  test('is a person’s where one was to tell, unless what was measured fails already', () => {
    expect(judged({ person: 'nobody-there', values: { frameMs: 60 } })).toMatchObject({ state: 'person', reason: 'nobody-there' });
    expect(judged({ person: 'nobody-there', values: { frameMs: 61 } })).toMatchObject({ state: 'failed', next: 'set-frame' });
    expect(judged({ person: 'nobody-there' })).toMatchObject({ state: 'person' });
    expect(judged({ skipped: 'no-port' })).toEqual({ state: 'skipped', next: null, reason: 'no-port', met: {} });
  });

  test('takes a number for no text and a text for no number', () => {
    expect(isMet('60', { min: 1 })).toBe(false);
    expect(isMet(60, { equals: '60' })).toBe(false);
    expect(isMet(true, { equals: true })).toBe(true);
    expect(isMet('1.2.0-beta', { matches: '\\d\\.\\d\\.\\d' })).toBe(false);
    expect(isMet('1.2.0', { matches: '1\\.2\\.0|1\\.3\\.0' })).toBe(true);
  });

  test('property: a range holds exactly the numbers in it, and each member asks for itself', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, fc.option(number, { nil: undefined }), fc.option(number, { nil: undefined }), (value, min, max) => {
        const limit: CheckLimit = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
        expect(isMet(value, limit)).toBe((min === undefined || value >= min) && (max === undefined || value <= max));
      }),
    );
  });

  test('property: a check has passed exactly when no asked value is missing or unmet, and has a next step exactly when it failed', () => {
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined));
    const limit = fc.oneof(
      fc.constant(null),
      fc.record({ min: fc.double({ noNaN: true }), max: fc.double({ noNaN: true }) }, { requiredKeys: [] }),
      fc.record({ equals: fc.oneof(fc.string(), fc.boolean()) }),
    );
    const names = specs.map(({ name }) => name);
    const record = (each: fc.Arbitrary<unknown>) => fc.dictionary(fc.constantFrom(...names, 'other'), each as fc.Arbitrary<never>);
    fc.assert(
      fc.property(record(value), record(limit), fc.boolean(), (values, limits, isPerson) => {
        const measured = isPerson ? { person: 'nobody-there' as const, values } : { values };
        const { state, next, values: judgedValues } = judge(check, limits, measured);
        const open = judgedValues.filter((each) => each.limit !== null && each.isMet !== true);
        const unmet = judgedValues.filter((each) => each.isMet === false);
        expect(state === 'failed').toBe(isPerson ? unmet.length > 0 : open.length > 0);
        expect(state === 'passed').toBe(!isPerson && open.length === 0);
        expect(next !== null).toBe(state === 'failed');
        for (const each of judgedValues) if (each.limit === null || each.value === null) expect(each.isMet).toBeNull();
      }),
    );
  });
});
