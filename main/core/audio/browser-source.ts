import type { StreamDelta } from '../../../preload/contract/index.ts';
import { LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import { Topic } from '../endpoint/topic.ts';
import type { AudioSource, SourceEvents } from './source.ts';

export type PlaybackTopic = Topic<Record<string, never>, StreamDelta<'audio.playback'>>;

export interface BrowserSource extends AudioSource {
  /** What its speaker is to play. */
  playback: PlaybackTopic;
  /** What its microphone heard, s16 little endian. */
  capture(pcm: Uint8Array, droppedMs: number): void;
}

/** The microphone and speaker of a browser that shows the page: it sends what it hears, and subscribes to what is played. */
export function createBrowserSource(events: SourceEvents): BrowserSource {
  // A page that comes back must not be played what was said meanwhile.
  const playback: PlaybackTopic = new Topic({ snapshot: () => ({}), retain: 1 });
  return {
    playback,
    capture(pcm, droppedMs) {
      if (droppedMs > 0) events.onDropped('input', Math.round((droppedMs * LIVE_SAMPLE_RATE) / 1000));
      // A copy: the bytes may stand at an odd place of a message.
      events.onCaptured(new Int16Array(pcm.slice().buffer));
    },
    play: (pcm) => playback.publish({ kind: 'pcm', pcm: new Uint8Array(pcm.slice().buffer) }),
    hush: () => playback.publish({ kind: 'hush' }),
    close: async () => {},
  };
}
