import { peak } from '../../../pipeline/audio/levels.ts';
import { createOpusDecoder, type OpusDecoder } from '../../../pipeline/audio/opus.ts';
import type { Observer } from '../../../pipeline/observer.ts';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import type { AudioLevel } from '../../../preload/contract/pipeline.ts';
import type { StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';

/** At most so often a conversation: a little under 15 a second, which is as fast as a meter can be read. */
const EVERY_US = 67_000;

interface Meter {
  level: AudioLevel;
  toldUs: number;
  decoders: Map<AudioPacket['track'], OpusDecoder>;
}

export interface Levels {
  observer: Observer;
  streams: Pick<StreamHandlers, 'pipeline.levels'>;
}

/** How loud both sides are, heard from the packets themselves. While nobody looks, nothing is decoded. */
export function createLevels(): Levels {
  const meters = new Map<string, Meter>();
  const looking = new Set<Topic<AudioLevel[], AudioLevel>>();

  function hear(packet: AudioPacket): void {
    if (looking.size === 0 || packet.track === 'uplink-denoised') return;
    const { conversationId, track, atUs } = packet;
    const meter: Meter = meters.get(conversationId) ?? {
      level: { conversationId, uplinkPeak: 0, downlinkPeak: 0 },
      toldUs: Number.NEGATIVE_INFINITY,
      decoders: new Map(),
    };
    meters.set(conversationId, meter);
    const loud = peakOf(packet, meter);
    const { level } = meter;
    if (track === 'uplink') level.uplinkPeak = Math.max(level.uplinkPeak, loud);
    else level.downlinkPeak = Math.max(level.downlinkPeak, loud);
    if (atUs - meter.toldUs < EVERY_US) return;
    meter.toldUs = atUs;
    for (const topic of looking) topic.publish({ ...level });
    level.uplinkPeak = 0;
    level.downlinkPeak = 0;
  }

  return {
    observer: {
      event: (event) => event.kind === 'conversation.closed' && forget(event.conversationId),
      packet: hear,
    },
    streams: {
      'pipeline.levels': () => {
        const topic = new Topic<AudioLevel[], AudioLevel>({ snapshot: () => [], retain: 8 });
        looking.add(topic);
        return {
          topic,
          close() {
            looking.delete(topic);
            if (looking.size === 0) for (const id of [...meters.keys()]) forget(id);
          },
        };
      },
    },
  };

  function forget(conversationId: string): void {
    for (const decoder of meters.get(conversationId)?.decoders.values() ?? []) decoder.close();
    meters.delete(conversationId);
  }
}

/** Of a packet that cannot be decoded: silence. What is wrong with it the pipeline says. */
function peakOf({ codec, sampleRate, track, bytes }: AudioPacket, { decoders }: Meter): number {
  try {
    if (codec === 'pcm') return peak(new Int16Array(bytes.slice(0, bytes.byteLength & ~1).buffer));
    const decoder = decoders.get(track) ?? createOpusDecoder({ sampleRate: sampleRate as 16000, channels: 1 });
    decoders.set(track, decoder);
    return peak(decoder.decode(bytes));
  } catch {
    return 0;
  }
}
