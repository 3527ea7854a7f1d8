import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { baselineOf, compareBoot } from '../../baseline/boot-log.ts';
import type { Bench } from '../../bench.ts';
import { check } from '../../check.ts';
import { beginsBoot, bootsOf, fact, sinceLastBoot } from './boots.ts';

const SHOWN_LINES = 40;
/** From here on the log tells of what is said to the board, which is another thing each time. */
const talk = /^(?:turn\.|twetalk\.(?:BOT|USR|caption|speaking|vad)|tuya\.(?:event|upload|asr))/;

/** The newest start's log against that of a board known to be good: what is new in it, and what is missing. */
export const baseline = check({
  name: 'power.baseline',
  group: 'power',
  needs: ['port'],
  parameters: z.strictObject({
    /** How much of the start is compared; less where a conversation begins. */
    windowS: z.number().min(1).max(300).default(6),
  }),
  values: [
    { name: 'newErrors', unit: 'count', limit: { max: 0 }, next: 'new-errors' },
    { name: 'newWarnings', unit: 'count', limit: { max: 0 }, next: 'new-warnings' },
    { name: 'missingLines', unit: 'count', limit: { max: 5 }, next: 'missing' },
    { name: 'newLines', unit: 'count' },
    { name: 'movedLines', unit: 'count' },
    { name: 'firmwareVersion' },
  ],
  nexts: ['new-errors', 'new-warnings', 'missing'],
  async measure(bench, { windowS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const start = bootsOf(sinceLastBoot(port))[0]?.row;
    if (start === undefined) return { skipped: 'needs-earlier' };
    const leftMs = windowS * 1000 - (bench.clock.nowUs() - start.atUs) / 1000;
    if (leftMs > 0) await bench.sleep(leftMs);
    const log = sinceLastBoot(port);
    const rows = bootRows(log, windowS);
    // So long ago that no more of it is kept than that it was.
    if (rows.every((row) => beginsBoot(row) || row.event === 'twetalk.banner')) return { skipped: 'needs-earlier' };
    const version = versionOf(bench, log);
    const names = namesOf(bench);
    const known = await bench.baselines.find(version);
    if (known === null) {
      bench.baselines.propose(baselineOf(version, rows, names));
      return { skipped: 'no-baseline', evidence: [port.evidence(rows)] };
    }
    const { added, missing, moved } = compareBoot(known, rows, names);
    const graded = (level: LogRow['level']) => added.filter(({ row }) => row.level === level).length;
    const lines = [
      ...added.map(({ row, count, wasCount }) => `+ ${count > 1 || wasCount > 0 ? `${count} × (${wasCount}) ` : ''}${row.text}`),
      ...missing.map((line) => `− ${line}`),
    ];
    return {
      values: {
        newErrors: graded('error'),
        newWarnings: graded('warn'),
        missingLines: missing.length,
        newLines: added.length,
        movedLines: moved,
        firmwareVersion: version,
      },
      evidence: lines.length === 0 ? [] : [{ kind: 'lines', label: 'difference', lines: lines.slice(0, SHOWN_LINES) }],
    };
  },
});

function bootRows(rows: readonly LogRow[], windowS: number): readonly LogRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const end = rows.findIndex(({ atUs, event }) => atUs > first.atUs + windowS * 1e6 || (event !== undefined && talk.test(event)));
  return (end === -1 ? rows : rows.slice(0, end)).filter(({ direction }) => direction === 'received');
}

function versionOf(bench: Bench, rows: readonly LogRow[]): string {
  const told = bench.facts.get('appVersion') ?? bench.port?.state()?.facts.appVersion ?? bench.device()?.record()?.firmwareVersion;
  if (told !== undefined && told !== null) return String(told);
  const line = rows.find(({ event, payload }) => event === 'boot.app-info' && /app version/i.test(String(fact(payload, 'key'))));
  return String(fact(line?.payload, 'value') ?? '');
}

/** What this board is called, and no other. */
function namesOf(bench: Bench): string[] {
  const { productId, deviceName } = bench.device()?.name ?? {};
  const own = [productId, deviceName, ...['mac', 'imei', 'iccid', 'serialNumber'].map((name) => bench.facts.get(name))];
  return own.filter((name) => typeof name === 'string').sort((first, second) => second.length - first.length);
}
