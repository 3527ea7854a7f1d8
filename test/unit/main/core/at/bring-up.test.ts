import { describe, expect, test } from 'vitest';
import { type BringUpOptions, runBringUp } from '../../../../../main/core/at/bring-up.ts';
import type { Cat1Options } from '../../../../../pipeline/boards/cat1/modem.ts';
import type { AtBringUp, AtBringUpStep } from '../../../../../preload/contract/at.ts';
import { wired } from './line.ts';

async function bringUp(board: Omit<Cat1Options, 'clock'>, options: Partial<BringUpOptions> = {}) {
  const { engine, clock, modem } = wired(board);
  const told: AtBringUp[] = [];
  const abort = new AbortController();
  let report: AtBringUp | null = null;
  const running = runBringUp({
    address: '/dev/ttyACM0',
    engine,
    clock,
    pingHost: 'www.baidu.com',
    waitMs: 10_000,
    signal: abort.signal,
    onChange: (each) => void told.push(each),
    ...options,
  }).then((ended) => {
    report = ended;
  });
  async function until(us: number): Promise<AtBringUp> {
    for (let passedUs = 0; report === null && passedUs < us; passedUs += 500_000) await clock.advance(500_000);
    if (report === null) throw new Error('the bring-up did not end');
    await running;
    return report;
  }
  return { until, told, modem, abort, clock };
}

function states(report: AtBringUp): Record<string, AtBringUpStep['state']> {
  return Object.fromEntries(report.steps.map((step) => [step.id, step.state]));
}

function step(report: AtBringUp, id: AtBringUpStep['id']): AtBringUpStep {
  const found = report.steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
}

describe('bring-up of a board with all in order', () => {
  test.each(['eigencomm', 'airm2m'] as const)('%s passes all fifteen steps and never hurries the modem', async (family) => {
    const { until, told, modem } = await bringUp({ family });
    const report = await until(120_000_000);
    expect(states(report)).toEqual(Object.fromEntries(report.steps.map(({ id }) => [id, 'passed'])));
    expect(report).toMatchObject({ state: 'passed', family, firstFailed: null, passed: 15, failed: 0, skipped: 0 });
    expect(step(report, 'bearer').values).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ name: 'ip', value: '10.154.75.135' })]),
    );
    expect(step(report, 'ping').values).toMatchObject([
      { value: '39.156.66.14' },
      { name: 'lost', value: 0 },
      { name: 'rtt', value: 53, unit: 'ms' },
    ]);
    expect(step(report, 'csq')).toMatchObject({ commands: ['AT+CSQ'], evidence: ['+CSQ: 25,0', 'OK'], values: [{ value: -63 }, {}] });
    expect(modem.violations).toEqual([]);
    expect(told.length).toBeGreaterThanOrEqual(16);
  });

  test('firmware without AT+CGMR is a warning, not a failure', async () => {
    const report = await (await bringUp({ family: 'quectel' })).until(120_000_000);
    expect(step(report, 'firmware').state).toBe('warning');
    expect(report).toMatchObject({ state: 'passed', family: 'quectel', warnings: 1, failed: 0 });
    expect(step(report, 'ping').evidence.at(-1)).toBe('+MPINGSTAT: 0,4,4');
  });

  test('a modem that interrupts and talks in pieces passes too', async () => {
    const report = await (await bringUp({ faults: { seed: 7, splitChunks: true, awkwardLines: true } })).until(120_000_000);
    expect(report.state).toBe('passed');
  });
});

describe('bring-up of a board with a fault names the first cause, and what to do', () => {
  const cases: [string, Omit<Cat1Options, 'clock'>, AtBringUpStep['id'], AtBringUpStep['next']][] = [
    ['no SIM', { sim: 'absent' }, 'sim', 'insert-sim'],
    ['a SIM that wants its PIN', { sim: 'pin' }, 'sim', 'enter-pin'],
    ['a blocked SIM', { sim: 'puk' }, 'sim', 'enter-puk'],
    ['a broken SIM', { sim: 'failure' }, 'sim', 'replace-sim'],
    ['an IMEI that was never written', { imei: '000000000000000' }, 'imei', 'write-imei'],
    ['an IMEI with a wrong check digit', { imei: '788596633100001' }, 'imei', 'write-imei'],
    ['no antenna', { network: 'none' }, 'csq', 'check-antenna'],
    ['a bad antenna', { rssi: 5, rsrp: 12 }, 'csq', 'check-antenna'],
    ['a network that refuses it', { network: 'denied' }, 'registration', 'check-subscription'],
    ['a network that is not found', { network: 'searching' }, 'registration', 'check-antenna'],
    ['a route that loses all', { pings: [null, null, null, null] }, 'ping', 'check-route'],
  ];
  test.each(cases)('%s', async (_, board, id, next) => {
    const report = await (await bringUp(board)).until(400_000_000);
    expect(report.state).toBe('failed');
    const cause = step(report, id);
    expect(cause).toMatchObject({ state: 'failed', next });
    expect(report.firstFailed).toBe(cause.number);
    expect(cause.evidence.length).toBeGreaterThan(0);
  });

  test('what depends on a failed step is skipped and says on which; what does not still runs', async () => {
    const report = await (await bringUp({ sim: 'absent' })).until(120_000_000);
    expect(states(report)).toMatchObject({
      sim: 'failed',
      iccid: 'skipped',
      imsi: 'skipped',
      csq: 'passed',
      radio: 'passed',
      registration: 'skipped',
      ping: 'skipped',
    });
    expect(report.steps.filter(({ state }) => state === 'skipped').map(({ needs }) => needs)).toEqual([5, 5, 5, 5, 5, 5, 5]);
  });

  test('a weak signal and one lost ping are warnings', async () => {
    const report = await (await bringUp({ rssi: 9, rsrp: 20, pings: [50, null, 60, 55] })).until(120_000_000);
    expect(states(report)).toMatchObject({ csq: 'warning', cesq: 'warning', ping: 'warning' });
    expect(step(report, 'ping').values).toMatchObject([{}, { name: 'lost', value: 25, verdict: 'weak' }, { value: 55 }]);
    expect(report.state).toBe('passed');
  });

  test('no modem at all is told by the first step, and costs seconds, not minutes', async () => {
    const { until } = await bringUp({ faults: { late: { command: 'AT', byMs: 600_000 } } });
    const report = await until(60_000_000);
    expect(report.steps[0]).toMatchObject({ state: 'failed', next: 'check-port', error: { code: 'at/not-answering' } });
    expect(report).toMatchObject({ firstFailed: 1, skipped: 14 });
    expect(report.elapsedMs).toBeLessThan(15_000);
  });
});

describe('what only takes time is waited for', () => {
  test('a module that boots, its SIM busy at first and its network found late', async () => {
    const report = await (await bringUp({ sim: 'busy', network: 'late', isBooted: false })).until(120_000_000);
    expect(states(report)).toEqual(Object.fromEntries(report.steps.map(({ id }) => [id, 'passed'])));
    expect(step(report, 'answers').commands.slice(0, 2)).toEqual(['AT', 'AT']);
    expect(step(report, 'registration')).toMatchObject({ commands: ['AT+CEREG?'], evidence: ['+CEREG: 0,1', 'OK'] });
    expect(step(report, 'registration').elapsedMs).toBeGreaterThan(1000);
  });

  test('a module out of coverage (4) is waited for, and is not registered', async () => {
    const { until, modem } = await bringUp({});
    modem.state.stat = 4;
    const report = await until(120_000_000);
    expect(step(report, 'registration')).toMatchObject({ state: 'failed', next: 'check-antenna', evidence: ['+CEREG: 0,4', 'OK'] });
    expect(step(report, 'registration').elapsedMs).toBeGreaterThan(5000);
    expect(report).toMatchObject({ state: 'failed', firstFailed: 11 });
  });

  test('cancelled, it says how far it came and asks nothing more', async () => {
    const { until, abort, clock } = await bringUp({ network: 'searching' });
    await clock.advance(5_000_000);
    abort.abort();
    const report = await until(5_000_000);
    expect(report.state).toBe('cancelled');
    expect(states(report)).toMatchObject({ sim: 'passed', registration: 'waiting', operator: 'waiting' });
  });

  test('without a host to ping the last step is skipped', async () => {
    const report = await (await bringUp({}, { pingHost: null })).until(60_000_000);
    expect(states(report)).toMatchObject({ bearer: 'passed', ping: 'skipped' });
    expect(report.state).toBe('passed');
  });
});
