import { describe, expect, test } from 'vitest';
import { answerOf } from '../../../../main/cli/ask-person.ts';
import { checkRunText, questionText, resultText, table, yieldText } from '../../../../main/cli/check-text.ts';
import { limitText, valueText } from '../../../../preload/contract/check-words/common.ts';
import type { CheckResult, CheckRun, CheckValue } from '../../../../preload/contract/checks.ts';

const result: CheckResult = {
  ...{ id: 'level', check: 'uplink.level', group: 'uplink', title: null, state: 'failed', progress: 1, question: null, evidence: [] },
  values: [
    { name: 'activeDbFs', value: -52.4, unit: 'dBFS', limit: { min: -40, max: -12 }, isMet: false },
    { name: 'clippedPercent', value: null, unit: '%', limit: { max: 0.1 }, isMet: null },
    { name: 'made-up', value: 3, limit: null, isMet: null },
  ],
  ...{ reason: null, next: 'made-up-next', note: 'twice\ntried', error: null, startedUs: 0, durationMs: 1500 },
};

describe('a run in words', () => {
  test('has each value beside its limit, what could not be measured, and what to do', () => {
    const lines = resultText(result, 'en').split('\n');
    expect(lines[0]).toMatch(/^✗ .*\(level\) {2}\(1\.5 s\)$/);
    expect(lines[1]).toMatch(/^ {4}✗ .*-52\.4 dBFS +-40 … -12 dBFS$/);
    expect(lines[2]).toMatch(/^ {4}\? .*not measured +≤ 0\.1 %$/);
    expect(lines[3]).toMatch(/^ {7}made-up +3$/);
    expect(lines.slice(4)).toEqual(['    → next: made-up-next', '    note: twice · tried']);
  });

  test('has words for a value that is one of a few, and leaves what a board said as it is', () => {
    const told = [
      { name: 'heardBy', value: 'ear', limit: null, isMet: null },
      { name: 'silenceBy', value: 'ear, board', limit: null, isMet: null },
      { name: 'bandwidth', value: 'wide', limit: { oneOf: ['wide', 'full'] }, isMet: true },
      { name: 'resetReason', value: 'ear', limit: null, isMet: null },
    ] satisfies CheckValue[];
    expect(told.map((value) => valueText(value, 'zh'))).toEqual([
      '扬声器旁的麦克风',
      '扬声器旁的麦克风、板子的上报',
      '宽带（8 kHz）',
      'ear',
    ]);
    expect(limitText({ name: 'bandwidth', limit: { oneOf: ['wide', 'full'] } }, 'en')).toBe('wide (8 kHz) or full (20 kHz)');
  });

  test('says why something was not done, and what could not be carried out', () => {
    const undone = { ...result, values: [], next: null, note: '', durationMs: null, title: 'Mine' };
    expect(resultText({ ...undone, state: 'skipped', reason: 'no-ear' }, 'en')).toBe(
      '– Mine (level)  skipped: nothing hears the board’s speaker',
    );
    const error = { code: 'port/lost', data: { address: 'COM7' }, retryable: true } as const;
    expect(resultText({ ...undone, state: 'error', error }, 'en')).toBe(
      '! Mine (level)  could not be carried out: the port COM7 went away (port/lost). Check the cable and the supply, and do this check again.',
    );
  });

  test('ends with the verdict', () => {
    const run = {
      ...{
        listName: 'Quick',
        listVersion: '1',
        state: 'failed',
        durationMs: 61_000,
        serialNumber: 'SN1',
        sessionId: 's1',
        facts: { chip: 'ESP32-S3', duplex: 'half', other: 7 },
      },
      ...{ results: [result], counts: { passed: 0, failed: 1, skipped: 0, person: 0, error: 0, waiting: 0 } },
    } as unknown as CheckRun;
    expect(checkRunText(run, 'en').split('\n').slice(-4)).toEqual([
      'board: Chip ESP32-S3, Duplex half duplex, other 7',
      'serial: SN1',
      'session: s1',
      'FAILED: 1 failed (61.0 s)',
    ]);
  });

  test('stands in columns, Chinese being two wide', () => {
    expect(
      table([
        ['上行', 'a'],
        ['ab', 'b'],
      ]),
    ).toEqual(['上行  a', 'ab    b']);
    const question = { list: 'own', id: 'screen', title: 'Screen lit?' };
    const pareto = [{ check: 'person.question', question, boards: 1, runs: 1, cumulative: 1 }];
    expect(yieldText({ boards: 1, passedFirst: 0, passedLast: 0, runs: 1, pareto, days: [] }, 'en')).toContain('Screen lit? (own screen)');
    expect(yieldText({ boards: 0, passedFirst: 0, passedLast: 0, runs: 0, pareto: [], days: [] }, 'en')).toContain('first pass 0 (—)');
  });
});

describe('a person at the terminal', () => {
  test('answers in a letter, a word, or Enter for what is done', () => {
    expect(['', 'd', '完成', 's', 'y', 'no'].map((typed) => answerOf(typed, 'do'))).toEqual(['done', 'done', 'done', 'skip', null, null]);
    expect(['', 'y', '是', 'n', '否', '跳过', 'maybe'].map((typed) => answerOf(typed, 'judge'))).toEqual([
      null,
      'yes',
      'yes',
      'no',
      'no',
      'skip',
      null,
    ]);
  });

  test('reads what is asked with its data', () => {
    expect(questionText({ ask: 'say', data: { text: '你好' }, kind: 'do' }, 'en')).toBe('Say to the board: “你好”');
  });
});
