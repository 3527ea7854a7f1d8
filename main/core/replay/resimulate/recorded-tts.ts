import { sleepUntil } from '../../../../pipeline/clock.ts';
import { scriptedSound } from '../../../../pipeline/engines/scripted/sound.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from '../../../../pipeline/engines/tts/engine.ts';
import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Marks } from './marks.ts';
import { UNKNOWN_REPLY } from './placeholder.ts';
import type { RecordedFailure } from './recorded.ts';
import type { RecordedSentence } from './recorded-sentences.ts';
import type { Typical } from './typical.ts';

const SAMPLE_RATE = 16_000;
const PIECE_US = 100_000;

export interface RecordedTtsOptions {
  clock: Clock;
  id: string;
  sentences: readonly RecordedSentence[];
  typical: Typical;
  marks: Marks;
}

export interface RecordedTts extends TtsEngine {
  hear(event: PipelineEvent): void;
}

/** When a sentence's sound came, and how much of it there was. */
interface Timing {
  headersUs: number | null;
  firstAudioUs: number;
  doneUs: number;
  leadUs: number;
  durationUs: number;
}

/** Takes as long as the voice took for the same sentence, and hums for as long as it spoke. */
export function createRecordedTts({ clock, id, sentences, typical, marks }: RecordedTtsOptions): RecordedTts {
  let turnId: number | undefined;

  function timingOf(text: string, recorded: RecordedSentence | undefined, own: number | undefined): Timing {
    const isUnknown = text.startsWith(UNKNOWN_REPLY);
    if (recorded?.durationUs === null || recorded === undefined) marks.add(own, 'speech');
    const firstAudioUs = recorded?.firstAudioAfterUs ?? typical.firstAudioUs;
    const durationUs = recorded?.durationUs ?? (isUnknown ? typical.replyUs : text.length * typical.characterUs);
    return {
      headersUs: recorded === undefined ? typical.ttsHeadersUs : recorded.headersAfterUs,
      firstAudioUs,
      doneUs: recorded?.doneAfterUs ?? firstAudioUs + durationUs * typical.makingRatio,
      leadUs: recorded?.leadUs ?? typical.leadUs,
      durationUs,
    };
  }

  async function* synthesize({ text }: TtsRequest, signal: AbortSignal, own: number | undefined): AsyncGenerator<TtsEvent> {
    const beganUs = clock.nowUs();
    const after = (us: number) => sleepUntil(clock, Math.max(clock.nowUs(), beganUs + Math.round(us)) as MonoUs, signal);
    const fail = async ({ afterUs, error }: RecordedFailure): Promise<never> => {
      await after(afterUs);
      throw TalkError.from(error);
    };
    const same = sentences.filter((each) => each.text === text);
    const [recorded] = same.toSorted((one, other) => Math.abs(one.atUs - beganUs) - Math.abs(other.atUs - beganUs));
    if (recorded?.failure && recorded.firstAudioAfterUs === null) await fail(recorded.failure);
    const { headersUs, firstAudioUs, doneUs, leadUs, durationUs } = timingOf(text, recorded, own);
    if (headersUs !== null) {
      await after(headersUs);
      yield { kind: 'headers' };
    }
    const sound = soundOf(leadUs, durationUs);
    const pieceSamples = (PIECE_US * SAMPLE_RATE) / 1e6;
    const pieces = Math.ceil(sound.length / pieceSamples);
    for (let piece = 0; piece < pieces; piece += 1) {
      const pieceUs = firstAudioUs + (Math.max(0, doneUs - firstAudioUs) * piece) / Math.max(1, pieces - 1);
      if (recorded?.failure && pieceUs >= recorded.failure.afterUs) break;
      await after(pieceUs);
      yield { kind: 'audio', pcm: sound.subarray(piece * pieceSamples, (piece + 1) * pieceSamples), sampleRate: SAMPLE_RATE };
    }
    if (recorded?.failure) await fail(recorded.failure);
  }

  return {
    id,
    languages: ['zh', 'en'],
    voices: () => [],
    async *synthesize(request, signal) {
      try {
        yield* synthesize(request, signal, turnId);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    hear(event) {
      if (event.kind === 'tts.request') turnId = event.turnId;
    },
  };
}

function soundOf(leadUs: number, durationUs: number): Int16Array {
  const samples = Math.round((durationUs * SAMPLE_RATE) / 1e6);
  const silent = Math.min(samples, Math.round((leadUs * SAMPLE_RATE) / 1e6));
  const sound = new Int16Array(samples);
  if (samples > silent)
    sound.set(scriptedSound(((samples - silent) * 1000) / SAMPLE_RATE, SAMPLE_RATE).subarray(0, samples - silent), silent);
  return sound;
}
