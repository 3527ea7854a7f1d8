import { describe, expect, test } from 'vitest';
import type { Measured, ValueSpec } from '../../../../../../main/core/checks/check.ts';
import { latenessIn, lateSpans } from '../../../../../../main/core/checks/lateness/lateness.ts';
import { measureSteadily } from '../../../../../../main/core/checks/lateness/steadily.ts';
import { FakeBench } from '../../../../../fakes/fake-bench.ts';
import { fakeCheck } from '../../../../../fakes/run-bench.ts';

const values: ValueSpec[] = [
  { name: 'waitMs', unit: 'ms', limit: { max: 300 }, isTimed: true },
  { name: 'errors', unit: 'count', limit: { max: 0 } },
];

/** A check of a second that measures these, one after the other; the bench stands still for so long in each. */
async function done(measured: Record<string, number>[], standMs: readonly number[], timeoutMs = 60_000) {
  const bench = new FakeBench();
  let times = 0;
  const check = fakeCheck(
    'power.boot',
    async () => {
      const nowUs = bench.clock.nowUs();
      bench.late.push({ fromUs: nowUs, toUs: nowUs + (standMs[times] ?? 0) * 1000 });
      await bench.sleep(1000);
      return { values: measured[times++] ?? {} };
    },
    { values },
  );
  const outcome: Measured = await bench.drive(measureSteadily(bench, { check, parameters: {}, limits: {}, timeoutMs }));
  return { outcome, times };
}

/** A first time that fails on a bench that stands still, and learns something of the board; then this. */
async function measuredAgain(second: (bench: FakeBench) => Measured) {
  const bench = new FakeBench();
  bench.facts.set('mac', '02:00:00:00:00:01');
  let times = 0;
  const check = fakeCheck(
    'power.boot',
    async () => {
      if (times++ > 0) return second(bench);
      const nowUs = bench.clock.nowUs();
      bench.late.push({ fromUs: nowUs, toUs: nowUs + 200_000 });
      await bench.sleep(1000);
      bench.facts.set('duplex', 'half').set('mac', 'other');
      return { values: { waitMs: 400, errors: 0 } };
    },
    { values },
  );
  const outcome = await bench.drive(measureSteadily(bench, { check, parameters: {}, limits: {}, timeoutMs: 60_000 }));
  return { outcome, facts: Object.fromEntries(bench.facts) };
}

describe('a second time', () => {
  const known = { mac: '02:00:00:00:00:01' };
  test.each([
    ['throws', () => Promise.reject(new Error('gone')) as never],
    ['is skipped', () => ({ skipped: 'no-conversation' as const })],
    ['is left to a person', () => ({ person: 'nobody-there' as const })],
  ])('that %s takes nothing back of the first, of which no fact stays', async (_, second) => {
    const { outcome, facts } = await measuredAgain((bench) => {
      bench.facts.set('duplex', 'full');
      return second();
    });
    expect(outcome).toMatchObject({ skipped: 'bench-busy', evidence: [{ label: 'benchLate' }] });
    expect(facts).toEqual(known);
  });

  test('that decides keeps the facts that are its own', async () => {
    const { outcome, facts } = await measuredAgain((bench) => {
      bench.facts.set('duplex', 'full');
      return { values: { waitMs: 500, errors: 2 } };
    });
    expect(outcome).toMatchObject({ values: { waitMs: 500, errors: 2 }, evidence: [{ label: 'benchLate' }] });
    expect(facts).toEqual({ ...known, duplex: 'full' });
  });

  test('that was ended by the run ends with what it was ended for', async () => {
    const ended = measuredAgain((bench) => {
      bench.stop.abort(new Error('cancelled'));
      throw bench.signal.reason;
    });
    await expect(ended).rejects.toThrow('cancelled');
  });
});

describe('a bench that is late itself', () => {
  test('measures once more, and what is well then is well', async () => {
    expect(
      await done(
        [
          { waitMs: 400, errors: 0 },
          { waitMs: 60, errors: 0 },
        ],
        [200, 0],
      ),
    ).toMatchObject({
      outcome: {
        values: { waitMs: 60, errors: 0 },
        // That it was a second time is never hidden.
        evidence: [
          { kind: 'lines', label: 'benchLate', lines: ['1. waitMs 400 ms (max 300)', '   20.0 %, ≤ 200 ms', '   0.000 s  200 ms'] },
        ],
      },
      times: 2,
    });
  });

  test('says so when it is late again', async () => {
    const { outcome, times } = await done(
      [
        { waitMs: 400, errors: 0 },
        { waitMs: 410, errors: 0 },
      ],
      [200, 200],
    );
    expect(outcome).toMatchObject({ skipped: 'bench-busy', evidence: [{ kind: 'lines', label: 'benchLate' }] });
    expect(times).toBe(2);
  });

  test('has no time to measure twice', async () => {
    const { outcome, times } = await done([{ waitMs: 400, errors: 0 }], [200], 1500);
    expect({ outcome, times }).toMatchObject({ outcome: { skipped: 'bench-busy' }, times: 1 });
  });

  test.each([
    ['was late by far less than that', [{ waitMs: 900, errors: 0 }], [100]],
    ['was not late', [{ waitMs: 400, errors: 0 }], [0]],
    ['has nothing to do with what else is wrong', [{ waitMs: 400, errors: 1 }], [400]],
    ['took nothing away that is not there', [{ errors: 0 }], [900]],
    ['spoilt nothing', [{ waitMs: 90, errors: 0 }], [900]],
  ])('%s: the board is told as it is, at once', async (_, measured, standMs) => {
    expect(await done(measured, standMs)).toEqual({ outcome: { values: measured[0] }, times: 1 });
  });
});

test('spans that overlap count once, and only within what is asked about', () => {
  const spans = [
    { fromUs: 500_000, toUs: 700_000 },
    { fromUs: 0, toUs: 200_000 },
    { fromUs: 600_000, toUs: 650_000 },
  ];
  expect(latenessIn(spans, 100_000, 1_100_000)).toMatchObject({ longestMs: 200, sumMs: 300, percent: 30 });
});

test('a reply that ran dry is the bench’s where nothing more of it was there, the board’s where its socket held it up', () => {
  const bench = new FakeBench();
  const told = (queuedUs: number) => {
    bench.board.tell({ kind: 'downlink.queue', queuedUs, atUs: 1_000_000 });
    bench.board.tell({ kind: 'downlink.underrun', gapUs: 200_000, atUs: 1_500_000 });
    return lateSpans(bench.board.events(0));
  };
  // From when the next frame was due, a lead before the board had played what it had.
  expect(told(0)).toEqual([{ fromUs: 1_180_000, toUs: 1_500_000 }]);
  expect(told(400_000)).toHaveLength(0);
});
