import type { AudioPacket } from '../../../../preload/contract/events.ts';
import { fitLine } from './line-fit.ts';

export type Arrival = Pick<AudioPacket, 'atUs' | 'mediaUs' | 'durationUs'>;

export type ClockDrift =
  | {
      kind: 'measured';
      /** Positive: the board's sample clock is fast, it makes more samples in a second than it says. */
      ppm: number;
      /** Half the width of the 95 % interval, ppm. */
      halfWidthPpm: number;
      spanS: number;
      curve: [timeS: number, offsetMs: number][];
    }
  /** ±`halfWidthPpm` would be said (Infinity: nothing at all), which is more than was asked. */
  | { kind: 'too-short'; halfWidthPpm: number; spanS: number; curve: [timeS: number, offsetMs: number][] };

/** A network delays and never hurries: of each second the packet that came soonest is the witness. */
const WINDOW_US = 1_000_000;
/** Half a frame of 20 ms: less is jitter. */
const STEP_US = 10_000;
/** A clock that is told as sure within this lets a fault of 100 ppm be named. */
const SURE_PPM = 50;
/** The residual's spread cannot be told from a handful of points, however well they lie. */
const LEAST_SPAN_S = 8;

/**
 * The board's sample clock against the host's: how fast media time runs beside arrival. Packets in order of arrival. Where media time was
 * broken off (the board paused, packets were lost) the line begins anew at another height.
 */
export function clockDrift(packets: readonly Arrival[], options: { surePpm?: number } = {}): ClockDrift {
  const surePpm = options.surePpm ?? SURE_PPM;
  const lows = windowLows(packets);
  const curve = lows.map(([mediaUs, offsetUs]): [number, number] => [mediaUs / 1e6, offsetUs / 1000]);
  const spanS = ((lows.at(-1)?.[0] ?? 0) - (lows[0]?.[0] ?? 0)) / 1e6;
  const fit = fitLine(lows, STEP_US);
  if (fit === undefined || spanS < LEAST_SPAN_S) return { kind: 'too-short', halfWidthPpm: Number.POSITIVE_INFINITY, spanS, curve };
  // Arrival falls behind media time when the board is slow.
  const ppm = -fit.slope * 1e6;
  const halfWidthPpm = fit.halfWidth * 1e6;
  return halfWidthPpm > surePpm ? { kind: 'too-short', halfWidthPpm, spanS, curve } : { kind: 'measured', ppm, halfWidthPpm, spanS, curve };
}

/** Media time of the end of the soonest packet of each second, and how much later than that it came; both from the first packet. */
export function windowLows(packets: readonly Arrival[], windowUs = WINDOW_US): [mediaUs: number, offsetUs: number][] {
  const [first] = packets;
  if (first === undefined) return [];
  const lows: [number, number][] = [];
  let window = -1;
  for (const { atUs, mediaUs, durationUs } of packets) {
    const media = mediaUs + durationUs - first.mediaUs - first.durationUs;
    const offset = atUs - first.atUs - media;
    const its = Math.floor((atUs - first.atUs) / windowUs);
    const low = lows.at(-1);
    if (its !== window || low === undefined) {
      window = its;
      lows.push([media, offset]);
    } else if (offset < low[1]) lows[lows.length - 1] = [media, offset];
  }
  return lows;
}
