import type { Database } from 'better-sqlite3';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import { chapterStart, type PacketTiming, placeDownlink, placeUplink, windowEnd } from './placement.ts';

export interface PacketRow extends PacketTiming {
  packetIndex: number;
  codec: AudioPacket['codec'];
  sampleRate: number;
}

export interface PlacedPacket {
  packet: PacketRow;
  /** Session time of its first sample. */
  startUs: number;
}

/** How late a packet may have come and still be found by its arrival: a connection that held back more is a broken one. */
const LATEST_US = 10_000_000;
/** A packet may follow the one before it although it was handed over this much later than that one's end, or a little less. */
const EARLY_US = 100_000;
const PAGE = 256;

/**
 * Where packets stand in time, of a whole track or of a stretch: the same place either way, but of a stretch only so many packets are
 * read as are needed to know it. Arrival and media time are taken to grow with the packet's index.
 */
export function createSoundPlaces(database: Database) {
  const columns = `packet_index AS packetIndex, at_us AS atUs, media_us AS mediaUs, duration_us AS durationUs, codec, sample_rate_hz AS sampleRate
     FROM audio_packet WHERE conversation_key = ? AND track = ?`;
  const from = database.prepare<[number, string, number], PacketRow>(`SELECT ${columns} AND packet_index >= ? ORDER BY packet_index`);
  const first = database.prepare<[number, string, number], PacketRow>(
    `SELECT ${columns} AND packet_index >= ? ORDER BY packet_index LIMIT 1`,
  );
  const last = database.prepare<[number, string], PacketRow>(`SELECT ${columns} ORDER BY packet_index DESC LIMIT 1`);
  const before = database.prepare<[number, string, number], PacketRow>(
    `SELECT ${columns} AND packet_index < ? ORDER BY packet_index DESC LIMIT ${PAGE}`,
  );

  /** Of the first packet whose time is later than `us`; one past the last where none is. */
  function indexAfter(key: number, track: string, time: 'atUs' | 'mediaUs', us: number): number {
    let low = first.get(key, track, 0)?.packetIndex ?? 0;
    let high = (last.get(key, track)?.packetIndex ?? -1) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const packet = first.get(key, track, middle);
      if (packet === undefined || packet[time] > us) high = middle;
      else low = packet.packetIndex + 1;
    }
    return low;
  }

  function uplinkPart(key: number, track: string, fromUs: number, toUs: number): { packets: PacketRow[]; originUs: number } {
    const originUs = first.get(key, track, 0)?.mediaUs ?? 0;
    // What sounds later than fromUs has come later still.
    const found = first.get(key, track, indexAfter(key, track, 'atUs', fromUs));
    const packets: PacketRow[] = [];
    if (found === undefined) return { packets, originUs };
    let endUs: number | null = null;
    for (const packet of from.iterate(key, track, indexAfter(key, track, 'mediaUs', chapterStart(found.mediaUs, originUs) - 1))) {
      if (endUs !== null && packet.mediaUs >= endUs) break;
      packets.push(packet);
      if (endUs === null && packet.atUs > toUs + LATEST_US) endUs = windowEnd(packet.mediaUs, originUs);
    }
    return { packets, originUs };
  }

  function downlinkPart(key: number, track: string, fromUs: number, toUs: number): PacketRow[] {
    const index = startOfReply(key, track, indexAfter(key, track, 'atUs', fromUs - LATEST_US));
    const packets: PacketRow[] = [];
    for (const packet of from.iterate(key, track, index)) {
      // It sounds when it is handed over, or a moment earlier.
      if (packet.atUs > toUs + EARLY_US) break;
      packets.push(packet);
    }
    return packets;
  }

  /** A reply may have been sent far ahead: the one before `index` begins where its media time had a break. */
  function startOfReply(key: number, track: string, index: number): number {
    let start = index;
    let next: PacketRow | undefined;
    for (;;) {
      const page = before.all(key, track, start);
      for (const packet of page) {
        if (next !== undefined && packet.mediaUs + packet.durationUs !== next.mediaUs) return start;
        next = packet;
        start = packet.packetIndex;
      }
      if (page.length < PAGE) return start;
    }
  }

  return {
    /** What may sound in [fromUs, toUs), in order of index, with some of what is around it; all of the track without a range. */
    placed(key: number, track: AudioPacket['track'], range?: { fromUs: number; toUs: number }): PlacedPacket[] {
      if (track === 'downlink') {
        const packets = range === undefined ? from.all(key, track, 0) : downlinkPart(key, track, range.fromUs, range.toUs);
        return paired(packets, placeDownlink(packets));
      }
      if (range === undefined) {
        const packets = from.all(key, track, 0);
        return paired(packets, placeUplink(packets));
      }
      const { packets, originUs } = uplinkPart(key, track, range.fromUs, range.toUs);
      return paired(packets, placeUplink(packets, originUs));
    },
  };
}

function paired(packets: readonly PacketRow[], starts: readonly number[]): PlacedPacket[] {
  return packets.map((packet, index) => ({ packet, startUs: starts[index] ?? 0 }));
}
