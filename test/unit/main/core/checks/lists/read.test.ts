import { describe, expect, test } from 'vitest';
import { inspectList, outlineOf, readList } from '../../../../../../main/core/checks/lists/read.ts';
import { fakeCheck } from '../../../../../fakes/run-bench.ts';

const known = [
  fakeCheck('power.boot', () => ({ values: {} })),
  fakeCheck('uplink.level', () => ({ values: {} }), { group: 'uplink' }),
  fakeCheck('uplink.noise', () => ({ values: {} }), { group: 'uplink' }),
];
const problems = (text: string) => inspectList(text, known).problems.map(({ line, reason }) => `${line} ${reason}`);

describe('a check list', () => {
  test('names checks, and says of each what differs from its presets', () => {
    const list = readList(
      `name: { zh: 产线, en: Line }
version: 2026
boardKinds: [esp32s3]
checks:
  - power.boot
  - check: uplink.level
    id: quiet
    title: { zh: 小声, en: Quiet }
    parameters: { level: 5 }
    limits: { level: { max: 4 } }
    optional: true
    after: power.boot
    timeoutS: 30
  - { id: lit, question: Lit?, kind: do }`,
      known,
    );
    expect(list).toMatchObject({ name: { zh: '产线', en: 'Line' }, version: '2026', boardKinds: ['esp32s3'], stopAtFirstFailure: false });
    expect(list.items.map(({ check, ...item }) => ({ ...item, check: check.name }))).toEqual([
      ...[{ id: 'power.boot', check: 'power.boot', title: null, parameters: { level: 3 }, limits: {} }].map((it) => ({
        ...it,
        ...{ isOptional: false, after: null, timeoutMs: 7_200_000, line: 5 },
      })),
      {
        ...{ id: 'quiet', check: 'uplink.level', title: { zh: '小声', en: 'Quiet' }, parameters: { level: 5 } },
        ...{ limits: { level: { max: 4 } }, isOptional: true, after: 'power.boot', timeoutMs: 30_000, line: 6 },
      },
      {
        ...{ id: 'lit', check: 'person.question', title: { zh: 'Lit?', en: 'Lit?' }, parameters: {}, limits: {} },
        ...{ isOptional: false, after: null, timeoutMs: 86_400_000, line: 14 },
      },
    ]);
    // A question stands with the check before it.
    expect(outlineOf(list).checks.map(({ group }) => group)).toEqual(['power', 'uplink', 'uplink']);
  });

  test('is told everything that is wrong with it, each with its line, as they stand in the file', () => {
    expect(
      problems(`name: t
version: 1
checks:
  - power.boot
  - power.boot
  - uplink.lvl
  - check: uplink.level
    parameters: { levle: 1 }
    limits:
      level: { min: 5, max: 4 }
      loudness: { min: 1 }
  - { id: late, check: uplink.noise, after: later, parameters: { level: loud } }
  - { id: later, check: uplink.noise, limits: { level: { matches: '(' } } }`),
    ).toEqual([
      '5 checks.1.id: another item has the id power.boot: give this one an id of its own',
      '6 checks.2.check: there is no check uplink.lvl; there is uplink.level, uplink.noise',
      '8 checks.3.parameters: Unrecognized key: "levle" (of uplink.level)',
      '10 checks.3.limits.level: min is above max',
      '11 checks.3.limits.loudness: uplink.level measures no loudness; it measures level',
      '12 checks.4.after: no item before this one has the id later',
      '12 checks.4.parameters.level: level: Invalid input: expected number, received string (of uplink.noise)',
      '13 checks.5.limits.level.matches: not a regular expression',
    ]);
  });

  test('that is no list is told in the order of its lines too', () => {
    const lines = inspectList('name: ""\nboardKinds: 7\nstopAtFirstFailure: 1\nchecks:\n  - { check: 3 }\n', known).problems.map(
      ({ line }) => line,
    );
    expect(lines).toEqual(lines.toSorted((one, other) => (one ?? 0) - (other ?? 0)));
    expect(new Set(lines)).toEqual(new Set([1, 2, 3, 5]));
  });

  test.each([
    ['name: t\nversion: 1\nchecks: []', /^3 checks/],
    ['name: t\nversion: 1\ncheks: [power.boot]', /^1 .*cheks/],
    ['name: { zh: 中 }\nversion: 1\nchecks: [power.boot]', /^1 name/],
    ['name: t\nversion: 1\nchecks:\n  - { check: power.boot, limit: {} }', /^4 checks\.0: .*limit/],
    ['name: t\nversion: 1\nchecks:\n  - { question: q }', /^4 checks\.0/],
    ['name: t\nversion: 1\nchecks:\n  - { check: power.boot, id: a b }', /^4 checks\.0\.id: want letters/],
    ['name: t\nversion: 1\nchecks: [power.boot', /^3 /],
    ['name: [', /^1 /],
    ['', /^(1|null) list/],
    [`name: ${'['.repeat(2000)}`, /^null nested too deep/],
  ])('is refused strictly: %j', (text, expected) => {
    expect(problems(text)[0]).toMatch(expected);
    expect(() => readList(text, known)).toThrow('check/bad-list');
  });
});
