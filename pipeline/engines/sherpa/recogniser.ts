import type { SttResult } from '../stt/engine.ts';
import { createUtteranceBuffer } from '../stt/utterance.ts';
import type { OfflineRecognizer, OnlineRecognizer, SherpaNative } from './native.ts';
import type { SttPlan } from './stt-model.ts';

const SAMPLE_RATE = 16_000;
/** What a streaming model wants to hear after the last word before it says it. */
const TAIL_SAMPLES = Math.round(0.5 * SAMPLE_RATE);

/** One utterance. */
export interface Hearing {
  write(pcm: Int16Array): void;
  finish(): Promise<SttResult>;
}

export interface Recogniser {
  open(onPartial: (text: string) => void): Hearing;
}

/** Loads a model; takes seconds, and blocks. Throws what the library throws, or ends the process. */
export function loadRecogniser(native: SherpaNative, { isStreaming, config }: SttPlan): Recogniser {
  return isStreaming ? streaming(new native.OnlineRecognizer(config)) : whole(new native.OfflineRecognizer(config));
}

function streaming(recogniser: OnlineRecognizer): Recogniser {
  return {
    open(onPartial) {
      const stream = recogniser.createStream();
      let told = '';
      const hear = (samples: Float32Array) => stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE });
      const decode = () => {
        while (recogniser.isReady(stream)) recogniser.decode(stream);
        return recogniser.getResult(stream).text.trim();
      };
      return {
        write(pcm) {
          hear(floats(pcm));
          const text = decode();
          if (text === told) return;
          told = text;
          onPartial(text);
        },
        async finish() {
          hear(new Float32Array(TAIL_SAMPLES));
          stream.inputFinished();
          return { text: decode() };
        },
      };
    },
  };
}

function whole(recogniser: OfflineRecognizer): Recogniser {
  return {
    open() {
      const utterance = createUtteranceBuffer();
      return {
        write: (pcm) => utterance.write(pcm),
        async finish() {
          const stream = recogniser.createStream();
          stream.acceptWaveform({ samples: floats(utterance.take()), sampleRate: SAMPLE_RATE });
          const { text, lang = '', emotion = '' } = await recogniser.decodeAsync(stream);
          const [language, mood] = [tag(lang), tag(emotion)];
          return {
            text: text.trim(),
            ...(language !== '' && { language }),
            ...(mood !== '' && mood !== 'emo_unknown' && { emotion: mood }),
          };
        },
      };
    },
  };
}

/** SenseVoice's own spelling: `<|zh|>`, `<|HAPPY|>`. */
function tag(text: string): string {
  return text.replaceAll(/[<|>]/gu, '').toLowerCase();
}

function floats(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, (sample) => sample / 32_768);
}
