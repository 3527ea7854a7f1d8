import { describe, expect, test } from 'vitest';
import type { CheckResult, CheckState } from '../../../../../preload/contract/checks.ts';
import { byGroup } from '../../../../../renderer/features/checks/by-group.ts';
import { filterOf } from '../../../../../renderer/features/checks/history/filter.ts';
import { isNothing, presetNames, presets, rateStop, rates, unimpaired } from '../../../../../renderer/features/checks/link/presets.ts';
import { progressOf, tellingResult } from '../../../../../renderer/features/checks/run/progress.ts';
import { answerOf } from '../../../../../renderer/features/checks/run/question-keys.ts';
import { extremesOf, outlineOf } from '../../../../../renderer/features/checks/run/waveform.ts';

const result = (state: CheckState, progress = 0) => ({ id: state, state, progress }) as CheckResult;

describe('how far a run is', () => {
  test('what is over counts whole, what runs in part', () => {
    const results = [result('passed'), result('skipped'), result('running', 0.5), result('waiting')];
    expect(progressOf({ state: 'running', results })).toBe(0.625);
    expect(progressOf({ state: 'cancelled', results })).toBe(1);
    expect(progressOf({ state: 'running', results: [] })).toBe(1);
  });

  test('who is asked comes first, then what runs, then what failed', () => {
    const all = (['passed', 'failed', 'running', 'asking'] as const).map((state) => result(state));
    expect(tellingResult(all)?.state).toBe('asking');
    expect(tellingResult(all.slice(0, 3))?.state).toBe('running');
    expect(tellingResult(all.slice(0, 2))?.state).toBe('failed');
    expect(tellingResult(all.slice(0, 1))?.state).toBe('passed');
    expect(tellingResult([])).toBeUndefined();
  });

  test('groups stand in the order in which they first come', () => {
    const items = [{ group: 'uplink' as const }, { group: 'power' as const }, { group: 'uplink' as const }];
    expect(byGroup(items).map(({ group, items: of }) => [group, of.length])).toEqual([
      ['uplink', 2],
      ['power', 1],
    ]);
  });
});

test('Enter says done or yes, N says no only where a judgement is asked, S skips', () => {
  expect(['Enter', 'n', 'N', 's', 'y', 'x'].map((key) => answerOf(key, 'judge'))).toEqual(['yes', 'no', 'no', 'skip', 'yes', null]);
  expect(['Enter', 'n', 's'].map((key) => answerOf(key, 'do'))).toEqual(['done', null, 'skip']);
});

test('a preset is something, nothing is nothing, and every rate has its own stop', () => {
  expect(presetNames.every((name) => !isNothing(presets[name]))).toBe(true);
  expect(isNothing(unimpaired)).toBe(true);
  expect(rates.map(rateStop)).toEqual(rates.map((_, i) => i));
  expect(rates[rateStop(120)]).toBe(128);
});

test('the last day of a filter is included, and what is no day asks for nothing', () => {
  const filter = filterOf(new URLSearchParams('serial=%20SN-1%20&from=2026-03-02&to=2026-03-02&list='));
  expect(filter.serialNumber).toBe('SN-1');
  expect((filter.toWallMs ?? 0) - (filter.fromWallMs ?? 0)).toBe(86_400_000 - 1);
  expect(filterOf(new URLSearchParams('from=yesterday&kind='))).toEqual({});
});

test('a waveform has the extremes of every stretch, also of fewer samples than columns', () => {
  const { least, greatest } = extremesOf(Int16Array.of(0, 16_384, -32_768, 0), 2);
  expect([...greatest]).toEqual([0.5, 0]);
  expect([...least]).toEqual([0, -1]);
  expect(outlineOf(extremesOf(Int16Array.of(100), 3)).startsWith('M0 0.997L1')).toBe(true);
});
