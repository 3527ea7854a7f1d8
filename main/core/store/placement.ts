/** A packet's place in time, without its sound. */
export interface PacketTiming {
  atUs: number;
  mediaUs: number;
  durationUs: number;
}

/** Stretch over which a board's media clock is compared with ours: long enough to meet an undelayed packet, short enough to follow drift. */
const WINDOW_US = 30_000_000;
/** The line is tied anew so often: any stretch of a long track can then be placed without all that came before it. */
const CHAPTER_US = 4 * WINDOW_US;
/** Neighbours in media time are joined unless they are this far from where the line puts them: a shift by one sample clicks. */
const JOIN_US = 5_000;
/** A packet this late was still in the board's buffer in time; later, playback had a gap (voice.md §2.2). */
const AUDIBLE_GAP_US = 40_000;

/**
 * Session time of each uplink packet's first sample, by the minimum-delay line of voice.md §2.3: a packet arrives when
 * its last sample has been captured, or later; over half a minute the earliest arrival shows the media clock's true
 * offset, and lateness is only the network's. `originUs`: media time of the track's first packet, where `packets` are some of its
 * whole windows from `chapterStart` on.
 */
export function placeUplink(packets: readonly PacketTiming[], originUs?: number): number[] {
  const origin = originUs ?? packets[0]?.mediaUs ?? 0;
  const windowOf = (packet: PacketTiming) => Math.floor((packet.mediaUs - origin) / WINDOW_US);
  const offsets = new Map<number, number>();
  for (const packet of packets) {
    const offset = packet.atUs - packet.durationUs - packet.mediaUs;
    const window = windowOf(packet);
    offsets.set(window, Math.min(offset, offsets.get(window) ?? offset));
  }
  const starts: number[] = [];
  let endUs = Number.NEGATIVE_INFINITY;
  for (const [i, packet] of packets.entries()) {
    const lineUs = packet.mediaUs + (offsets.get(windowOf(packet)) ?? 0);
    const previous = packets[i - 1];
    const isSameChapter = previous !== undefined && chapterStart(previous.mediaUs, origin) === chapterStart(packet.mediaUs, origin);
    const isNext = isSameChapter && previous.mediaUs + previous.durationUs === packet.mediaUs;
    const startUs = isNext && Math.abs(lineUs - endUs) <= JOIN_US ? endUs : lineUs;
    starts.push(startUs);
    endUs = startUs + packet.durationUs;
  }
  return starts;
}

/** Media time from which on packets must be known to place the one at `mediaUs`. */
export function chapterStart(mediaUs: number, originUs: number): number {
  return originUs + Math.floor((mediaUs - originUs) / CHAPTER_US) * CHAPTER_US;
}

/** Media time up to which packets must be known to place the one at `mediaUs`. */
export function windowEnd(mediaUs: number, originUs: number): number {
  return originUs + (Math.floor((mediaUs - originUs) / WINDOW_US) + 1) * WINDOW_US;
}

/**
 * Session time of each downlink packet's first sample. A reply is anchored where its first packet was sent; what follows
 * without a break in media time is played after it, however far ahead it was sent, and later only when it came too late.
 */
export function placeDownlink(packets: readonly PacketTiming[]): number[] {
  const starts: number[] = [];
  let endUs = Number.NEGATIVE_INFINITY;
  for (const [i, packet] of packets.entries()) {
    const previous = packets[i - 1];
    const isNext = previous !== undefined && previous.mediaUs + previous.durationUs === packet.mediaUs;
    const startUs = isNext && packet.atUs - endUs < AUDIBLE_GAP_US ? endUs : packet.atUs;
    starts.push(startUs);
    endUs = startUs + packet.durationUs;
  }
  return starts;
}
