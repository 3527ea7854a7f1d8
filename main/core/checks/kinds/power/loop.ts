import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { check } from '../../check.ts';
import { bootsOf, isPanic } from './boots.ts';

/** The line that told why comes this long before the reset that follows from it: one fault, not two. */
const ONE_FAULT_US = 3_000_000;
const STEPS = 20;

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
    // Silence is a board that stays up, or one that is off, or never says anything: only its other lines tell.
    if (rows.length === 0 && !port.rows(0).some(({ direction }) => direction === 'received')) return { skipped: 'not-in-log' };
    // Of all of the log: a start whose banner came before the window began before it.
    const boots = bootsOf(port.rows(0)).filter(({ row }) => row.atUs >= sinceUs);
    const panics = rows.filter(isPanic);
    const told = (event: string, cause: string) => [
      ...rows.filter((row) => row.event === event && row.continues === undefined),
      ...boots.filter((one) => one.cause === cause && !follows(one.row, rows, event)).map(({ row }) => row),
    ];
    const brownouts = told('brownout', 'brownout');
    const watchdogs = told('watchdog', 'watchdog');
    const faults = [...brownouts, ...panics, ...watchdogs, ...boots.map(({ row }) => row)].sort((a, b) => a.seq - b.seq);
    const reason = boots.at(-1)?.reason;
    return {
      values: {
        brownouts: brownouts.length,
        panics: panics.length,
        watchdogs: watchdogs.length,
        resets: boots.length,
        ...(reason != null && { reason }),
      },
      evidence: faults.slice(0, 10).map((row) => port.evidence(around(row, rows))),
    };
  },
});

function follows(boot: LogRow, rows: readonly LogRow[], event: string): boolean {
  return rows.some((row) => row.event === event && row.atUs <= boot.atUs && boot.atUs - row.atUs <= ONE_FAULT_US);
}

/** A few lines before it, which often say why, and after. */
function around(row: LogRow, rows: readonly LogRow[]): readonly LogRow[] {
  const at = rows.indexOf(row);
  return rows.slice(Math.max(0, at - 4), at + 12);
}
