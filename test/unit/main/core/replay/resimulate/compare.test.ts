import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fidelityOf, pairsOf } from '../../../../../../main/core/replay/resimulate/compare.ts';
import { figuresOf } from '../../../../../../main/core/replay/resimulate/figures.ts';
import type { SimulatedTurn } from '../../../../../../preload/contract/replay.ts';

let lastId = 0;

/** A turn that was spoken from … to, ms, and committed half a second later. */
function spoken(from: number, to: number, more: Partial<SimulatedTurn> = {}): SimulatedTurn {
  return {
    turnId: ++lastId,
    initiator: 'user-speech',
    outcome: 'completed',
    speechStartMs: from,
    speechEndMs: to,
    committedMs: to + 500,
    reason: 'vad-silence',
    userText: 'a',
    replyText: 'b',
    heardText: 'b',
    firstFrameMs: to + 900,
    audibleMs: to + 1000,
    v2vMs: 1000,
    parts: { vad_silence: 500, llm_ttft: 400, transport_device: 100 },
    interruption: null,
    falseInterruptions: 0,
    modelled: [],
    ...more,
  };
}

const greeting = (): SimulatedTurn => ({
  ...spoken(0, 0, { initiator: 'greeting', userText: '' }),
  ...{ speechStartMs: null, speechEndMs: null, committedMs: null, v2vMs: null },
});

const kinds = (before: SimulatedTurn[], after: SimulatedTurn[]) => pairsOf(before, after).map(({ change }) => change);

describe('turns on both sides', () => {
  test('are paired by the speech that they are about', () => {
    expect(kinds([spoken(0, 1000)], [spoken(0, 1000)])).toEqual(['same']);
    expect(kinds([spoken(0, 1000)], [spoken(10, 990, { committedMs: 1700 })])).toEqual(['moved']);
    expect(kinds([spoken(0, 1000)], [spoken(0, 1000, { userText: 'another' })])).toEqual(['text']);
    expect(kinds([spoken(0, 1000)], [spoken(0, 1000, { outcome: 'interrupted', interruption: 'words' })])).toEqual(['outcome']);
    expect(kinds([spoken(0, 1000), spoken(1500, 2000)], [spoken(0, 2000)])).toEqual(['merged']);
    expect(kinds([spoken(0, 2000)], [spoken(0, 1000), spoken(1500, 2000)])).toEqual(['split']);
    expect(kinds([spoken(0, 1000), spoken(1500, 3000)], [spoken(0, 2000), spoken(2500, 3000)])).toEqual(['regrouped']);
    expect(kinds([spoken(0, 1000)], [spoken(0, 1000), spoken(4000, 4500)])).toEqual(['same', 'gained']);
    expect(kinds([spoken(0, 1000), spoken(4000, 4500)], [spoken(4000, 4500)])).toEqual(['lost', 'same']);
  });

  test('that follow one another closely are never one for that alone', () => {
    expect(kinds([spoken(0, 1000), spoken(1000, 2000)], [spoken(0, 1000), spoken(1000, 2000)])).toEqual(['same', 'same']);
  });

  test('that nobody spoke are paired in order among their own kind', () => {
    expect(kinds([greeting(), spoken(5000, 6000)], [greeting(), spoken(5000, 6000)])).toEqual(['same', 'same']);
    expect(kinds([greeting()], [])).toEqual(['lost']);
  });

  test('differ by after − before; a part that is missing on one side has no difference', () => {
    const after = spoken(0, 1000, { committedMs: 1800, v2vMs: 1300, parts: { vad_silence: 800, llm_ttft: 400 } });
    expect(pairsOf([spoken(0, 1000)], [after])).toMatchObject([
      { committedByMs: 300, v2vByMs: 300, partsByMs: { vad_silence: 300, llm_ttft: 0 }, interruptionsGained: 0 },
    ]);
    expect(pairsOf([spoken(0, 1000)], [after])[0]?.partsByMs).not.toHaveProperty('transport_device');
    expect(pairsOf([spoken(0, 1000, { v2vMs: null })], [after])).toMatchObject([{ v2vByMs: null, change: 'moved' }]);
  });

  test('are each in exactly one pair, whatever was simulated', () => {
    const turns = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 })), { maxLength: 12 })
      .map((spans) => {
        let at = 0;
        return spans.map(([pause, length]) => {
          const from = at + pause;
          at = from + length;
          return spoken(from, at);
        });
      });
    fc.assert(
      fc.property(turns, turns, (before, after) => {
        const pairs = pairsOf(before, after);
        const ids = (side: readonly SimulatedTurn[]) => side.map(({ turnId }) => turnId).toSorted((one, other) => one - other);
        expect(ids(pairs.flatMap((pair) => pair.before))).toEqual(ids(before));
        expect(ids(pairs.flatMap((pair) => pair.after))).toEqual(ids(after));
      }),
      { numRuns: 60 },
    );
  });
});

test('fidelity counts the turns that came again with their words, and how far off they are', () => {
  const recorded = [spoken(0, 1000), spoken(3000, 4000, { userText: 'c' }), spoken(6000, 7000)];
  const simulated = [spoken(0, 1000, { committedMs: 1504, v2vMs: 1010 }), spoken(3000, 4000, { userText: 'd' })];
  expect(fidelityOf(recorded, simulated)).toEqual({
    recordedTurns: 3,
    simulatedTurns: 2,
    matched: 1,
    commitMedianMs: 4,
    commitMaxMs: 4,
    v2vMedianMs: 10,
    v2vMaxMs: 10,
  });
});

describe('figures', () => {
  test('an unanswered turn is slower than any: a percentile that falls on it has no number', () => {
    const turns = [spoken(0, 1000), spoken(5000, 6000, { v2vMs: 2000 }), spoken(9000, 9500, { v2vMs: null, outcome: 'unanswered' })];
    expect(figuresOf([turns]).v2v).toEqual({ p50: 2000, p95: null, n: 2, censored: 1 });
  });

  test('a turn is cut off early when its user goes on within 1.5 s of falling silent, in the same conversation', () => {
    const turns = [spoken(0, 1000), spoken(2400, 4000), spoken(5600, 7000, { committedMs: null }), spoken(7500, 8000)];
    expect(figuresOf([turns]).earlyCuts).toBe(1);
    expect(figuresOf(turns.map((turn) => [turn])).earlyCuts).toBe(0);
  });

  test('a greeting is no turn of the user’s', () => {
    expect(figuresOf([[greeting(), spoken(5000, 6000)]])).toMatchObject({ turns: 2, userTurns: 1, v2v: { p50: 1000, p95: 1000, n: 1 } });
    expect(figuresOf([])).toMatchObject({ turns: 0, v2v: { p50: null, p95: null, n: 0, censored: 0 } });
  });
});
