import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import type { Bench } from '../../bench.ts';
import { check } from '../../check.ts';
import { fact } from '../power/boots.ts';
import { wallTimeOf } from './wall-time.ts';

/** A time of the board's, and when it told it. */
interface Reading {
  wallMs: number;
  atUs: number;
  /** UTC is told; else it is the time of some zone, which the board does not name. */
  isUtc: boolean;
  row: LogRow | null;
  line: string;
}

const QUARTER_HOUR_MS = 15 * 60_000;
/** Zones lie between −12 h and +14 h. */
const FARTHEST_ZONE_MS = 14 * 3_600_000;
/** What a recorder on the computer wrote is the computer's time (docs/grammars.md). */
const recorded: readonly string[] = ['luatos', 'logcat', 'talkbench'];

/** The board's wall clock against the bench's: certificates and signatures fail where it is wrong. */
export const clock = check({
  name: 'network.clock',
  group: 'network',
  needs: [],
  parameters: z.strictObject({}),
  values: [
    { name: 'offsetS', unit: 's', limit: { min: -60, max: 60 }, next: 'wrong-clock' },
    { name: 'isSet', limit: { equals: true }, next: 'no-time' },
    { name: 'zoneHours' },
    { name: 'source' },
  ],
  nexts: ['wrong-clock', 'no-time'],
  async measure(bench) {
    const { port } = bench;
    const reading = (await fromModem(bench)) ?? fromLog(bench) ?? fromMessages(bench);
    if (reading === null) return port === null && bench.device() === null ? { skipped: 'no-port' } : { skipped: 'not-in-log' };
    const benchMs = bench.clock.wallMs() - (bench.clock.nowUs() - reading.atUs) / 1000;
    const raw = reading.wallMs - benchMs;
    const isZone = !reading.isUtc && Math.abs(raw) <= FARTHEST_ZONE_MS;
    const zoneMs = isZone ? Math.round(raw / QUARTER_HOUR_MS) * QUARTER_HOUR_MS : 0;
    return {
      values: {
        offsetS: Math.round((raw - zoneMs) / 100) / 10,
        // A clock that was never set begins at some year of the past.
        isSet: Math.abs(raw - zoneMs) < 86_400_000,
        ...(isZone && { zoneHours: zoneMs / 3_600_000 }),
        source: reading.line,
      },
      evidence:
        port === null || reading.row === null ? [{ kind: 'lines', label: 'at', lines: [reading.line] }] : [port.evidence([reading.row])],
    };
  },
});

/** `+CCLK: "26/01/01,08:00:00+32"`: local time, and the zone in quarters of an hour. */
async function fromModem(bench: Bench): Promise<Reading | null> {
  if (bench.port?.family !== 'cat1') return null;
  const sentUs = bench.clock.nowUs();
  const exchange = await bench.port.at('AT+CCLK?').catch(() => null);
  const line = exchange?.lines.find((one) => one.includes('+CCLK:'));
  const [, year, month, day, hour, minute, second, zone] =
    /"(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d{1,2})?"/.exec(line ?? '') ?? [];
  if (line === undefined || year === undefined) return null;
  const local = Date.UTC(2000 + Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const atUs = (sentUs + bench.clock.nowUs()) / 2;
  return { wallMs: local - Number(zone ?? 0) * QUARTER_HOUR_MS, atUs, isUtc: zone !== undefined, row: null, line };
}

/** The newest line that tells a time: one that says what it was set to, else the stamp of any. */
function fromLog(bench: Bench): Reading | null {
  const rows = bench.port?.rows(0) ?? [];
  const synced = rows.findLast(({ event, payload }) => event === 'time.synced' && typeof fact(payload, 'unixSeconds') === 'number');
  if (synced !== undefined)
    return { wallMs: Number(fact(synced.payload, 'unixSeconds')) * 1000, atUs: synced.atUs, isUtc: true, row: synced, line: synced.text };
  const stamped = rows.findLast(
    ({ deviceTime, grammar, direction }) =>
      direction === 'received' &&
      deviceTime !== undefined &&
      !recorded.includes(grammar) &&
      wallTimeOf(deviceTime, bench.clock.wallMs()) !== null,
  );
  const told = stamped === undefined ? null : wallTimeOf(stamped.deviceTime ?? '', bench.clock.wallMs());
  return stamped === undefined || told === null ? null : { ...told, atUs: stamped.atUs, row: stamped, line: stamped.text };
}

/** `"timestamp":1767000000` in what it publishes. */
function fromMessages(bench: Bench): Reading | null {
  const events = bench.device()?.events(0) ?? [];
  for (const event of events.toReversed()) {
    if (event.kind !== 'wire.message' || event.direction !== 'up' || event.channel !== 'mqtt') continue;
    const [line, digits] = /"timestamp"\s*:\s*(\d{10}|\d{13})\b/.exec(event.text ?? '') ?? [];
    if (line === undefined || digits === undefined) continue;
    return { wallMs: Number(digits) * (digits.length === 10 ? 1000 : 1), atUs: event.atUs, isUtc: true, row: null, line };
  }
  return null;
}
