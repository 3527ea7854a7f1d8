import type { CheckResult, CheckRun } from '../../preload/contract/checks.ts';

/** A check's result as a list has it; `over` says what is different. */
export function checkResultOf(over: Partial<CheckResult> & Pick<CheckResult, 'check' | 'group'>): CheckResult {
  return {
    id: over.check,
    title: null,
    state: 'passed',
    progress: 1,
    question: null,
    values: [],
    evidence: [],
    reason: null,
    next: null,
    note: '',
    error: null,
    startedUs: 0,
    durationMs: 1200,
    ...over,
  };
}

/** A run of an ended board; counts and the failed follow from the results. */
export function checkRunOf(over: Partial<CheckRun> = {}): CheckRun {
  const results = over.results ?? [];
  const counts = { passed: 0, failed: 0, skipped: 0, person: 0, error: 0, waiting: 0 };
  for (const { state } of results) if (state !== 'running' && state !== 'asking') counts[state]++;
  const failed = results.filter(({ state }) => state === 'failed').map(({ check }) => check);
  return {
    id: 'run-1',
    listId: 'esp32',
    listName: 'ESP32',
    listVersion: '1',
    boardKind: 'esp32-s3',
    serialNumber: 'SN-0001',
    operator: '',
    port: 'serial:/dev/ttyUSB0',
    productId: 'PRODUCT',
    deviceName: 'board-1',
    firmwareVersion: '1.2.0',
    sessionId: 'session-1',
    startedWallMs: Date.UTC(2026, 6, 31, 3, 30),
    durationMs: 61_500,
    state: failed.length > 0 ? 'failed' : 'passed',
    facts: {},
    ...{ counts, failed, ...over, results },
  };
}
