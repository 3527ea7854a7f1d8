import type { Clock } from '../../../preload/contract/time.ts';
import { orAborted } from '../abort.ts';
import { cutFailure, type ServiceName } from '../service/failure.ts';
import { inTime } from '../service/in-time.ts';
import type { ServiceSocket } from '../service/socket.ts';
import type { SttOptions, SttResult, SttStream } from './engine.ts';
import { Transcript } from './transcript.ts';

/** What a service's message means. */
export interface Heard {
  /** Of the part under way; replaces the one before. */
  partial?: string;
  /** A part that stays. */
  settled?: string;
  /** Nothing follows. */
  isDone?: boolean;
  emotion?: string;
  language?: string;
}

export interface Dialogue {
  connect(signal: AbortSignal): Promise<ServiceSocket>;
  /** Said as soon as the connection is there. */
  opening?: readonly string[];
  /** The message that carries so much audio; s16 little endian. */
  audio(pcm: Int16Array): string | Uint8Array;
  /** What is said when there is no more audio. */
  ending: readonly (string | Uint8Array)[];
  /** Throws TalkError for a message that is an error. */
  read(message: string | Uint8Array): Heard;
  /** Whether a service that closes in good order after the end has said all it had to. */
  isCloseDone: boolean;
}

/** Pieces of a service's wish: a long one (the pre-roll) goes in several. */
const PIECE_SAMPLES = 3200;
const CONNECT_MS = 10_000;
/** From the last audio, or the last word of the service since, to the end. */
const FINAL_MS = 10_000;

/**
 * One utterance over a WebSocket: audio up as it comes, partial transcripts down, the final one after the end. Gives up with TalkError
 * 'engine/timeout' when the service stays silent. A failure while it listens is told by `finish`.
 */
export async function openSocketStream(
  dialogue: Dialogue,
  deps: { service: ServiceName; clock: Clock; options: SttOptions },
): Promise<SttStream> {
  const { service, clock, options } = deps;
  const { signal, onPartial } = options;
  const leave = new AbortController();
  const inner = AbortSignal.any([signal, leave.signal]);
  const socket = await inTime(dialogue.connect(inner), { clock, service, limitMs: CONNECT_MS }).catch((error: unknown) => {
    leave.abort();
    throw error;
  });
  for (const message of dialogue.opening ?? []) socket.send(message);
  const transcript = new Transcript();
  const about: Pick<SttResult, 'emotion' | 'language'> = {};
  let heardUs = clock.nowUs();
  let isEnding = false;

  const reading = read();
  reading.catch(() => undefined); // told by `finish`

  async function read(): Promise<void> {
    for await (const message of socket.messages) {
      heardUs = clock.nowUs();
      const heard = dialogue.read(message);
      if (heard.settled !== undefined) transcript.settle(heard.settled);
      if (heard.partial !== undefined) transcript.suppose(heard.partial);
      if (heard.emotion !== undefined) about.emotion = heard.emotion;
      if (heard.language !== undefined) about.language = heard.language;
      if ((heard.partial ?? heard.settled ?? '') !== '' && !isEnding) onPartial?.(transcript.text);
      if (heard.isDone === true && isEnding) return;
      // What is said from now on would be lost without a word.
      if (heard.isDone === true) throw cutFailure(service, new Error('it ended before the speech did'));
    }
    signal.throwIfAborted();
    const { code, reason } = socket.closed ?? { code: 'nothing', reason: '' };
    if (!isEnding || !dialogue.isCloseDone || code !== 1000)
      throw cutFailure(service, new Error(`closed with ${code} before the transcript was complete ${reason}`.trim()));
  }

  function close(): void {
    leave.abort();
    socket.close();
  }

  return {
    write(pcm) {
      if (isEnding) return;
      for (let at = 0; at < pcm.length; at += PIECE_SAMPLES) socket.send(dialogue.audio(pcm.subarray(at, at + PIECE_SAMPLES)));
    },
    async finish() {
      isEnding = true;
      const endedUs = clock.nowUs();
      for (const message of dialogue.ending) socket.send(message);
      try {
        await orAborted(inTime(reading, { clock, service, limitMs: FINAL_MS, sinceUs: () => Math.max(endedUs, heardUs) }), signal);
        return { text: transcript.text, ...about };
      } finally {
        close();
      }
    },
    close,
  };
}

/** The samples' bytes, little endian. */
export function bytesOf(pcm: Int16Array): Uint8Array {
  return new Uint8Array(pcm.slice().buffer);
}
