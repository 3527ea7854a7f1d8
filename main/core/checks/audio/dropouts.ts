import type { Span } from '../lateness/lateness.ts';
import { type Arrival, windowLows } from './clock-drift.ts';
import { blockPowers, levelDb, quantile } from './decibels.ts';

export interface ArrivalFacts {
  packets: number;
  /** Frames that ought to have come and did not: by so much less sound came than time went by, a board's pauses left out. */
  missingPackets: number;
  missingPercent: number;
  /** The longest time without a packet. */
  longestWaitMs: number;
  /** Waits of three frames or more. */
  waits: number;
  /** The most packets at once: each within a third of a frame of the one before. 1: none came together. */
  largestBurst: number;
  /** How late packets come, 95 of 100, beside the soonest of their second. */
  jitterMs: number;
}

const RATE = 16_000;
/** Media time broken off by a second or more is the board's pause, nothing lost. */
const PAUSE_US = 1_000_000;
const EDGE_US = 1_000_000;
/** A sample clock this far off is worse than any crystal's; what it makes of a minute is no lost packet. */
const WORST_CLOCK = 1000e-6;

/**
 * Of packets in order of arrival. `standstills`: times in which nobody could have noticed one, in order; no wait is their fault. `spoken`: when
 * somebody spoke to the board: no time for it to pause.
 */
export function arrivalFacts(packets: readonly Arrival[], standstills: readonly Span[] = [], spoken?: Span): ArrivalFacts {
  const frameUs = quantile(
    packets.map(({ durationUs }) => durationUs),
    0.5,
  );
  let [longestUs, waits, largestBurst, burst, missingPackets, begin] = [0, 0, Math.min(1, packets.length), 1, 0, 0];
  for (let i = 1; i < packets.length; i++) {
    const [before, packet] = [packets[i - 1] as Arrival, packets[i] as Arrival];
    const waitUs = packet.atUs - before.atUs;
    const skippedUs = packet.mediaUs - before.mediaUs - before.durationUs;
    const ownWaitUs = waitUs - overlapUs(standstills, before.atUs, packet.atUs);
    const isSpoken = spoken !== undefined && before.atUs > spoken.fromUs && packet.atUs < spoken.toUs;
    if (skippedUs < PAUSE_US || isSpoken) {
      longestUs = Math.max(longestUs, ownWaitUs);
      if (ownWaitUs >= 3 * frameUs) waits++;
    }
    if (skippedUs >= PAUSE_US) {
      missingPackets += missingOf(packets.slice(begin, i), frameUs);
      [burst, begin] = [1, i];
      continue;
    }
    burst = waitUs < frameUs / 3 ? burst + 1 : 1;
    largestBurst = Math.max(largestBurst, burst);
  }
  missingPackets += missingOf(packets.slice(begin), frameUs);
  for (const [fromUs, toUs] of spoken === undefined ? [] : unheard(packets, spoken)) {
    const ownWaitUs = toUs - fromUs - overlapUs(standstills, fromUs, toUs);
    longestUs = Math.max(longestUs, ownWaitUs);
    if (ownWaitUs >= 3 * frameUs) waits++;
  }
  return {
    packets: packets.length,
    missingPackets,
    missingPercent: packets.length === 0 ? 100 : (missingPackets / (packets.length + missingPackets)) * 100,
    longestWaitMs: longestUs / 1000,
    waits,
    largestBurst,
    jitterMs: jitterOf(packets) / 1000,
  };
}

/** What was said before the first packet of it came, and after the last. */
function unheard(packets: readonly Arrival[], { fromUs, toUs }: Span): [fromUs: number, toUs: number][] {
  const [first, last] = [
    packets.find(({ atUs }) => atUs >= fromUs)?.atUs ?? toUs,
    packets.findLast(({ atUs }) => atUs >= fromUs)?.atUs ?? toUs,
  ];
  return [
    [fromUs, Math.min(first, toUs)],
    [Math.min(last, toUs), toUs],
  ];
}

function overlapUs(spans: readonly Span[], fromUs: number, toUs: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.toUs, toUs) - Math.max(span.fromUs, fromUs)), 0);
}

/**
 * Of packets between two pauses. Nothing numbers them: media time is the bench's own guess (pipeline/turn/uplink.ts), which after a long wait says
 * that frames were never sent. Where they come after all, all at once, those that follow are early by as much, and nothing is missing: so the
 * breaks in media time count together with how much later the soonest packets come at the end than at the beginning. The beginning is all that
 * comes before the first break: lateness is never less than none, so a first second that is late as a whole hides nothing of what is lost after it.
 */
function missingOf(packets: readonly Arrival[], frameUs: number): number {
  const breaks = packets.slice(1).map(({ mediaUs }, i) => {
    const before = packets[i] as Arrival;
    return Math.max(0, mediaUs - before.mediaUs - before.durationUs);
  });
  const brokenUs = breaks.reduce((sum, breakUs) => sum + breakUs, 0);
  const [firstUs, lastUs] = [packets[0]?.atUs ?? 0, packets.at(-1)?.atUs ?? 0];
  const offsets = offsetsOf(packets);
  const least = (isWithin: (atUs: number) => boolean) => lowest(offsets.filter((_, i) => isWithin(packets[i]?.atUs ?? 0)));
  const isLong = lastUs - firstUs >= 2 * EDGE_US;
  const firstBreak = breaks.findIndex((breakUs) => breakUs > frameUs / 2);
  const beginUs = Math.max(firstUs + EDGE_US, firstBreak === -1 ? lastUs - EDGE_US : (packets[firstBreak]?.atUs ?? 0));
  const behindUs = isLong ? least((atUs) => atUs >= lastUs - EDGE_US) - least((atUs) => atUs <= beginUs) : 0;
  const clockUs = isLong ? WORST_CLOCK * (lastUs - firstUs - 2 * EDGE_US) : 0;
  return packets.length === 0 ? 0 : Math.max(0, Math.round((brokenUs + behindUs - clockUs) / frameUs));
}

function lowest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function offsetsOf(packets: readonly Arrival[]): number[] {
  return packets.map(({ atUs, mediaUs, durationUs }) => atUs - mediaUs - durationUs);
}

function jitterOf(packets: readonly Arrival[]): number {
  const [first] = packets;
  if (first === undefined) return 0;
  const lows = windowLows(packets).map(([mediaUs, offsetUs]) => ({ atUs: first.atUs + mediaUs + offsetUs, offsetUs }));
  const base = first.atUs - first.mediaUs - first.durationUs;
  let next = 0;
  const late = offsetsOf(packets).map((offset, i) => {
    while (next + 1 < lows.length && (lows[next + 1]?.atUs ?? 0) <= (packets[i]?.atUs ?? 0)) next++;
    return Math.max(0, offset - base - (lows[next]?.offsetUs ?? 0));
  });
  return quantile(late, 0.95);
}

const BLOCK = RATE / 100;
/** Speech begins at once, but its room and the codec die away: a fall of so much within 10 ms, and a rise again, is no pause. */
const EDGE_DB = 30;
const LONGEST_HOLE_BLOCKS = 30;
/** No microphone is so quiet. */
const NOTHING_DB = -72;

/**
 * Silence put in where samples were lost (a DMA that ran dry): stretches of 10 to 300 ms that begin and end at once and hold not even a
 * microphone's noise. Of a sound nobody has the original of; what has one is better compared with it.
 */
export function insertedSilenceMs(pcm: Int16Array): number {
  const levels = Array.from(blockPowers(pcm, BLOCK), levelDb);
  let blocks = 0;
  for (let from = 2; from < levels.length; from++) {
    const before = Math.max(levels[from - 1] ?? 0, levels[from - 2] ?? 0);
    if ((levels[from] ?? 0) > before - EDGE_DB) continue;
    let to = from;
    while (to < levels.length && (levels[to] ?? 0) < before - EDGE_DB / 2) to++;
    const isBack = to - from <= LONGEST_HOLE_BLOCKS && Math.max(levels[to] ?? -200, levels[to + 1] ?? -200) > before - EDGE_DB / 2;
    if (isBack && Math.min(...levels.slice(from, to)) < NOTHING_DB) blocks += to - from;
    from = to;
  }
  return (blocks * BLOCK * 1000) / RATE;
}
