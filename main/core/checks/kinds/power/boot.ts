import { z } from 'zod';
import type { Bench } from '../../bench.ts';
import { check, type Measurement } from '../../check.ts';
import { isAlive } from './alive.ts';
import { beginsBoot, bootsOf, isApplication, isConnected, isPanic, startAnew, untoldReturns } from './boots.ts';

/** Of a start that was asked for, these mean that the supply or the firmware failed instead. */
const badCauses: readonly string[] = ['brownout', 'watchdog', 'power-glitch', 'lockup'];
const AFTER_APP_US = 1_000_000;
/** Of each further start: why the one before it ended (a panic’s registers and backtrace), and which reason the chip gives. */
const ROWS_BEFORE = 16;
const ROWS_AFTER = 5;

/** The board is started once: it starts once, for the reason it was given, and its application comes up. */
export const boot = check({
  name: 'power.boot',
  group: 'power',
  needs: ['port'],
  parameters: z.strictObject({
    /** For the first line after the reset, and from it to the application's. */
    timeoutS: z.number().min(1).max(600).default(20),
    /** After the application's first line: another start within it is one too many. */
    settleS: z.number().min(0).max(300).default(5),
    /** How long to wait for the cloud connection; that it does not come is for network.attach to judge. */
    connectS: z.number().min(0).max(600).default(30),
  }),
  values: [
    { name: 'boots', unit: 'count', limit: { equals: 1 }, next: 'starts-again' },
    // Left out where its log is kept quiet: that it runs its cloud tells.
    { name: 'appMs', unit: 'ms', limit: { max: 5000 }, isOptional: true, next: 'slow-start' },
    { name: 'connectedMs', unit: 'ms' },
    { name: 'isResetClean', limit: { equals: true }, next: 'bad-reset' },
    { name: 'resetReason' },
  ],
  nexts: ['no-output', 'no-application', 'waits-for-download', 'invalid-image', 'crashes', 'starts-again', 'slow-start', 'bad-reset'],
  async measure(bench, { timeoutS, settleS, connectS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const sinceUs = await startAnew(bench, port);
    if (sinceUs === null) return { person: 'nobody-there' };
    bench.progress(0.1);
    const begun = await port.until((row) => row.direction === 'received' && beginsBoot(row), { sinceUs, timeoutMs: timeoutS * 1000 });
    const failed = (next: string, values: Record<string, Measurement> = {}) => ({
      values: { boots: bootsOf(port.rows(sinceUs)).length, ...values },
      evidence: evidence(),
      next,
    });
    const evidence = () => {
      const rows = port.rows(sinceUs).filter(({ direction }) => direction === 'received');
      return rows.length === 0 ? [] : [port.evidence(rows.slice(0, 200))];
    };
    if (begun === null) {
      // Its cloud can tell that it started, or that its port was away: any bytes are what a wrong baud rate gives, or a board that was never reset.
      const wasAway = untoldReturns(port.rows(sinceUs)).length > 0;
      const hasStarted = (await comesOnline(bench, sinceUs, connectS)) !== null || (wasAway && (await isAlive(bench)));
      return hasStarted ? { skipped: 'not-in-log', evidence: evidence() } : failed('no-output');
    }
    const app = await port.until(isApplication, { sinceUs: begun.atUs, timeoutMs: timeoutS * 1000 });
    bench.progress(0.4);
    // It may run with its log kept quiet: how often it started, and why, its loader has told all the same.
    const up = app ?? (await comesOnline(bench, begun.atUs, 0));
    if (up === null) {
      const rows = port.rows(sinceUs);
      if (rows.some(({ event }) => event === 'boot.waiting-for-download')) return failed('waits-for-download');
      return failed(rows.some(({ event }) => event === 'boot.invalid-image') ? 'invalid-image' : 'no-application');
    }
    let connected: { atUs: number } | null = up;
    // A module tells by itself that it is ready, and its network is for identity.sim.
    const isModule = app?.seq === begun.seq;
    if (app !== null)
      connected = connectS === 0 || isModule ? null : await port.until(isConnected, { sinceUs: app.atUs, timeoutMs: connectS * 1000 });
    bench.progress(0.7);
    const settledUs = up.atUs + settleS * 1e6;
    const leftMs = (settledUs - bench.clock.nowUs()) / 1000;
    if (leftMs > 0) await bench.sleep(leftMs);
    // Counted as long as it was watched, so that a start after a slow connection is one too many as well.
    const rows = port.rows(sinceUs);
    const boots = bootsOf(rows);
    const first = boots[0];
    const reason = first?.reason ?? null;
    const crashed = boots.length > 1 && rows.some(isPanic);
    return {
      values: {
        boots: boots.length,
        ...(app !== null && !isModule && { appMs: Math.round((app.atUs - begun.atUs) / 1000) }),
        ...(connected !== null && { connectedMs: Math.round((connected.atUs - begun.atUs) / 1000) }),
        isResetClean: !boots.some(({ cause }) => cause !== null && badCauses.includes(cause)),
        ...(reason !== null && { resetReason: reason }),
      },
      evidence: evidenceOf(),
      ...(crashed && { next: 'crashes' }),
    };

    function evidenceOf() {
      const received = rows.filter(({ direction }) => direction === 'received');
      const again = boots.slice(1).map(({ row }) => received.indexOf(row));
      const shown = received.filter(({ atUs }) => atUs <= (up?.atUs ?? 0) + AFTER_APP_US);
      return [
        ...(port === null || shown.length === 0 ? [] : [port.evidence(shown)]),
        ...(port === null ? [] : again.map((at) => port.evidence(received.slice(Math.max(0, at - ROWS_BEFORE), at + ROWS_AFTER)))),
      ];
    }
  },
});

/** Since then, by its cloud; null where it did not. */
async function comesOnline(bench: Bench, sinceUs: number, waitS: number): Promise<{ atUs: number } | null> {
  return (await bench.device()?.until('device.online', { sinceUs, timeoutMs: waitS * 1000 })) ?? null;
}
