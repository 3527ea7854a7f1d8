import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { curve } from '../uplink/recording.ts';

/** The most that a ping may carry (RFC 6455 §5.5). */
const PING_BYTES = 125;
/** Of a frame around it: two bytes, and four of mask from the board. */
const DOWN_FRAME_BYTES = PING_BYTES + 2;
const UP_FRAME_BYTES = PING_BYTES + 6;
/** Seed 000 §1. */
const WANTED_KBIT_S = 100;
const PING_TIMEOUT_MS = 10_000;
/** 100 kbit in all: the way there and back may take most of a second before it bounds the rate. */
const UNDER_WAY = 100;
/** More than is asked for, and little enough that a board which prints a line for each is not buried in them. */
const OFFERED_KBIT_S = 128;
const TICK_MS = 50;
/** What most boards' consoles have, and how much of it says that it is full. */
const CONSOLE_BITS_PER_S = 115_200;
const CONSOLE_FULL = 0.8;
/** For the lines of what was measured to be out before the next check reads the log. */
const QUIET_MS = 500;
const LONGEST_TALE_MS = 15_000;
/** Of its real time; a sender's clock and the window's edges are off by a little. */
const REAL_TIME = 0.95;

const STRETCH_US = 3_000_000;
const STEP_US = 250_000;

interface Rates {
  method: 'pcm' | 'echo';
  upKbitS: number;
  downKbitS: number;
  /** Seconds it was kept up. */
  sustainedS: number;
  /** Slowest stretch of three seconds, either way. */
  slowestKbitS: number;
  up: readonly Arrival[];
  down: readonly Arrival[];
  startUs: number;
}

type Arrival = readonly [atUs: number, bytes: number];

/**
 * At least 100 kbit/s both ways (seed 000 §1), without firmware made for it, by the first of these that the board allows:
 *
 * 1. `pcm`: a board that sends PCM sends 256 kbit/s by itself, and takes as much.
 * 2. `echo`: WebSocket pings with 125 bytes, many under way at once, 128 kbit/s of them. A peer has to send them back (RFC 6455 §5.5.3), so that
 *    what comes back has gone both ways; the sound that passed meanwhile counts too. Where the board prints a line for each and its console was
 *    full with them, a rate below the limit is the console's and proves nothing ('cannot-tell').
 *
 * A download (conversation.ota) tells the way down where it was done before.
 */
export const throughput = check({
  name: 'network.throughput',
  group: 'network',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    windowS: z.number().min(1).max(600).default(10),
    connectS: z.number().min(1).max(600).default(30),
  }),
  values: [
    { name: 'upKbitS', unit: 'kbit/s', limit: { min: WANTED_KBIT_S }, isTimed: true, next: 'slow' },
    { name: 'downKbitS', unit: 'kbit/s', limit: { min: WANTED_KBIT_S }, isTimed: true, next: 'slow' },
    // A mean may hide seconds of nothing that were caught up with; less than three is a retransmission.
    { name: 'slowestKbitS', unit: 'kbit/s', limit: { min: WANTED_KBIT_S }, isTimed: true, next: 'slow' },
    { name: 'sustainedS', unit: 's' },
    { name: 'method' },
  ],
  nexts: ['slow'],
  async measure(bench, { windowS, connectS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await device.connected(connectS * 1000)) === null) return { skipped: 'no-conversation' };
    const sinceUs = bench.clock.nowUs();
    const measure = async () => (await byPcm(bench, device, windowS)) ?? (await byEcho(bench, device, windowS));
    let rates = await measure();
    // A connection that ended meanwhile is told by others; here it is only in the way.
    const hasEnded = device.events(sinceUs).some(({ kind }) => kind === 'conversation.closed');
    if (rates === null && hasEnded && (await device.connected(connectS * 1000)) !== null) rates = await measure();
    const lines = await pingLines(bench, sinceUs);
    if (rates === null) return { skipped: 'cannot-tell' };
    const { up, down, startUs, ...values } = rates;
    const downKbitS = Math.max(rates.downKbitS, downloaded(bench));
    const consoleShare = (lines.reduce((sum, { raw }) => sum + raw.length, 0) * 10) / CONSOLE_BITS_PER_S / rates.sustainedS;
    const isBelow = Math.min(rates.upKbitS, downKbitS, rates.slowestKbitS) < WANTED_KBIT_S;
    if (isBelow && consoleShare > CONSOLE_FULL && bench.port !== null)
      return { skipped: 'cannot-tell', evidence: [bench.port.evidence(lines.slice(0, 50))] };
    const evidence = [
      curve('rateUp', 'timeS', 'kbitS', rateCurve(up, startUs)),
      curve('rateDown', 'timeS', 'kbitS', rateCurve(down, startUs)),
    ];
    return { values: { ...values, downKbitS }, evidence };
  },
});

/** Lines that tell of the pings, once they have all been printed. */
async function pingLines(bench: Bench, sinceUs: number): Promise<LogRow[]> {
  const find = () => (bench.port?.rows(sinceUs) ?? []).filter(isPingLine);
  let lines = find();
  for (let waitedMs = 0; lines.length > 0 && waitedMs < LONGEST_TALE_MS; waitedMs += QUIET_MS) {
    await bench.sleep(QUIET_MS);
    const more = find();
    if (more.length === lines.length) break;
    lines = more;
  }
  return lines;
}

async function byPcm(bench: Bench, device: BoardDevice, windowS: number): Promise<Rates | null> {
  const opened = device.events(0).findLast((event) => event.kind === 'conversation.opened');
  if (opened?.kind !== 'conversation.opened' || opened.uplink.codec !== 'pcm' || opened.downlink.codec !== 'pcm') return null;
  const sinceUs = bench.clock.nowUs();
  const played = await device.play(new Int16Array(windowS * 16_000));
  // Behind the last frame: when it is back, the board has read them all.
  if ((await device.ping(4, PING_TIMEOUT_MS)) === null) return null;
  const endUs = bench.clock.nowUs();
  const up = device.packets('uplink', sinceUs).filter(({ atUs }) => atUs < endUs);
  const upArrivals = arrivalsOf(up);
  // As sent: that all of it was read in time is told by the ping behind it.
  const down = arrivalsOf(device.packets('downlink', sinceUs));
  const nominalKbitS = (opened.uplink.sampleRate * 16) / 1000;
  const upKbitS = (up.reduce((sum, { bytes }) => sum + bytes.length, 0) * 8000) / (endUs - sinceUs);
  const downKbitS = (windowS * 16_000 * 16 * 1000) / (endUs - played.firstFrameUs);
  return {
    method: 'pcm',
    upKbitS: round(upKbitS),
    downKbitS: round(downKbitS),
    sustainedS: round((endUs - sinceUs) / 1e6),
    slowestKbitS: round(Math.min(slowestStretch(upArrivals), slowestStretch(down), nominalKbitS / REAL_TIME)),
    ...{ up: upArrivals, down, startUs: sinceUs },
  };
}

/** Pings at the offered rate, as far as the board keeps up. */
async function byEcho(bench: Bench, device: BoardDevice, windowS: number): Promise<Rates | null> {
  // A board that has no room for so long a ping, or does not send it back, cannot be measured so.
  if ((await device.ping(PING_BYTES, PING_TIMEOUT_MS)) === null) return null;
  const startUs = bench.clock.nowUs();
  const endUs = startUs + windowS * 1e6;
  const everyUs = (UP_FRAME_BYTES * 8000) / OFFERED_KBIT_S;
  const back: (readonly [atUs: number, bytes: number])[] = [];
  const under = new Set<Promise<void>>();
  let sent = 0;
  let lost = 0;
  while (bench.clock.nowUs() < endUs && lost === 0) {
    while (under.size < UNDER_WAY && sent * everyUs <= bench.clock.nowUs() - startUs) {
      sent++;
      const one: Promise<void> = device.ping(PING_BYTES, PING_TIMEOUT_MS).then((ms) => {
        under.delete(one);
        if (ms === null) lost++;
        else back.push([bench.clock.nowUs(), UP_FRAME_BYTES]);
      });
      // Awaited below, unless the check is ended first.
      one.catch(() => {});
      under.add(one);
    }
    await bench.sleep(TICK_MS);
    bench.progress((bench.clock.nowUs() - startUs) / (endUs - startUs));
  }
  await Promise.all(under);
  const last = back.at(-1);
  // One that never came back: it gave up under so many, or the connection ended, which is no rate.
  if (lost > 0 || last === undefined) return null;
  const spanUs = last[0] - startUs;
  const sound = (track: 'uplink' | 'downlink') => device.packets(track, startUs).filter(({ atUs }) => atUs <= last[0]);
  const soundBytes = (track: 'uplink' | 'downlink') => sound(track).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const inOrder = (arrivals: readonly Arrival[]) => arrivals.toSorted(([first], [second]) => first - second);
  const up = inOrder([...back, ...arrivalsOf(sound('uplink'))]);
  // What came back had gone down before.
  const down = inOrder([...back.map(([atUs]) => [atUs, DOWN_FRAME_BYTES] as const), ...arrivalsOf(sound('downlink'))]);
  return {
    method: 'echo',
    upKbitS: round(((back.length * UP_FRAME_BYTES + soundBytes('uplink')) * 8000) / spanUs),
    downKbitS: round(((back.length * DOWN_FRAME_BYTES + soundBytes('downlink')) * 8000) / spanUs),
    sustainedS: round(spanUs / 1e6),
    slowestKbitS: round(Math.min(slowestStretch(up), slowestStretch(down))),
    ...{ up, down, startUs },
  };
}

function arrivalsOf(packets: readonly { atUs: number; bytes: Uint8Array }[]): Arrival[] {
  return packets.map(({ atUs, bytes }) => [atUs, bytes.length] as const);
}

/** Of all stretches of three seconds, a quarter of a second apart; of less than that the mean. From the first arrival, in order. */
function slowestStretch(arrivals: readonly Arrival[]): number {
  const startUs = arrivals[0]?.[0] ?? 0;
  const endUs = arrivals.at(-1)?.[0] ?? startUs;
  const lengthUs = Math.min(STRETCH_US, endUs - startUs);
  let slowest = Number.POSITIVE_INFINITY;
  for (let fromUs = startUs; fromUs + lengthUs <= endUs; fromUs += STEP_US) slowest = Math.min(slowest, rateIn(arrivals, fromUs, lengthUs));
  return Number.isFinite(slowest) ? slowest : 0;
}

function rateCurve(arrivals: readonly Arrival[], startUs: number): [number, number][] {
  const seconds = Math.floor(((arrivals.at(-1)?.[0] ?? startUs) - startUs) / 1e6);
  return Array.from({ length: seconds }, (_, second) => [second + 0.5, rateIn(arrivals, startUs + second * 1e6, 1e6)]);
}

function rateIn(arrivals: readonly Arrival[], fromUs: number, lengthUs: number): number {
  const bytes = arrivals.reduce((sum, [atUs, size]) => (atUs > fromUs && atUs <= fromUs + lengthUs ? sum + size : sum), 0);
  return lengthUs === 0 ? 0 : (bytes * 8000) / lengthUs;
}

function isPingLine({ event }: LogRow): boolean {
  return event === 'twetalk.ws-ping' || event === 'tuya.ping';
}

function downloaded(bench: Bench): number {
  const rate = bench.measured('conversation.ota')?.downloadKbitS;
  return typeof rate === 'number' ? rate : 0;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
