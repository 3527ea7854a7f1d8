import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { check } from '../../check.ts';
import { isAlive } from './alive.ts';
import { bootsOf, isPanic, untoldReturns } from './boots.ts';

/** The line that told why comes this long before the reset that follows from it: one fault, not two. */
const ONE_FAULT_US = 3_000_000;
const STEPS = 20;
/** Lines around a fault are of the same minute: of a long watch not all between are kept. */
const AROUND_US = 60_000_000;

/** The board is left alone and watched: it must not start again, crash, or lose its supply. */
export const loop = check({
  name: 'power.loop',
  group: 'power',
  needs: ['port'],
  parameters: z.strictObject({ windowS: z.number().min(1).max(86_400).default(30) }),
  values: [
    { name: 'brownouts', unit: 'count', limit: { max: 0 }, next: 'brownout' },
    { name: 'panics', unit: 'count', limit: { max: 0 }, next: 'panic' },
    { name: 'watchdogs', unit: 'count', limit: { max: 0 }, next: 'watchdog' },
    { name: 'resets', unit: 'count', limit: { max: 0 }, next: 'resets' },
    { name: 'reason' },
  ],
  nexts: ['brownout', 'panic', 'watchdog', 'resets'],
  async measure(bench, { windowS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const sinceUs = bench.clock.nowUs();
    for (let step = 1; step <= STEPS; step++) {
      await bench.sleep((windowS * 1000) / STEPS);
      bench.progress(step / STEPS);
    }
    const rows = port.rows(sinceUs).filter(({ direction }) => direction === 'received');
    // Of all of the log: a start whose banner came before the window began before it.
    const log = port.rows(0);
    const boots = bootsOf(log).filter(({ row }) => row.atUs >= sinceUs);
    const returns = untoldReturns(log).filter(({ atUs }) => atUs >= sinceUs);
    if (rows.length === 0 && returns.length === 0) {
      // Silence is a board that stays up, or one that is off, or never says anything.
      if (!log.some(({ direction }) => direction === 'received')) return { skipped: 'not-in-log' };
      if (!(await isAlive(bench))) return { skipped: 'cannot-tell' };
    }
    const panics = rows.filter(isPanic);
    const told = (event: string, cause: string) => [
      ...rows.filter((row) => row.event === event && row.continues === undefined),
      ...boots.filter((one) => one.cause === cause && !follows(one.row, rows, event)).map(({ row }) => row),
    ];
    const brownouts = told('brownout', 'brownout');
    const watchdogs = told('watchdog', 'watchdog');
    const faults = [...brownouts, ...panics, ...watchdogs, ...boots.map(({ row }) => row), ...returns].sort((a, b) => a.seq - b.seq);
    const reason = boots.at(-1)?.reason;
    return {
      values: {
        brownouts: brownouts.length,
        panics: panics.length,
        watchdogs: watchdogs.length,
        resets: boots.length + returns.length,
        ...(reason != null && { reason }),
      },
      evidence: faults.slice(0, 10).map((row) => port.evidence(around(row, log))),
    };
  },
});

function follows(boot: LogRow, rows: readonly LogRow[], event: string): boolean {
  return rows.some((row) => row.event === event && row.atUs <= boot.atUs && boot.atUs - row.atUs <= ONE_FAULT_US);
}

/** A few lines before it, which often say why, and after. */
function around(row: LogRow, rows: readonly LogRow[]): readonly LogRow[] {
  const shown = rows.filter(({ direction, atUs }) => direction !== 'sent' && Math.abs(atUs - row.atUs) <= AROUND_US);
  const at = shown.indexOf(row);
  return shown.slice(Math.max(0, at - 4), at + 12);
}
