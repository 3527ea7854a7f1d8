import type { FromSherpa, ToSherpa } from './messages.ts';
import type { OfflineTts, SherpaNative } from './native.ts';
import { type Hearing, loadRecogniser, type Recogniser } from './recogniser.ts';

/** The far end of the messages: one model, any number of utterances or sentences at once. */
export function createSherpaService(native: SherpaNative, tell: (message: FromSherpa) => void): (message: ToSherpa) => void {
  let recogniser: Recogniser | null = null;
  let voice: OfflineTts | null = null;
  const hearings = new Map<number, Hearing>();
  const wanted = new Set<number>();

  function load(message: Extract<ToSherpa, { kind: 'load' }>): void {
    if (message.stage === 'stt') recogniser = loadRecogniser(native, message.plan);
    else voice = new native.OfflineTts(message.config);
    tell({ kind: 'loaded', speakers: voice?.numSpeakers ?? 0 });
  }

  async function finish(id: number): Promise<void> {
    const hearing = hearings.get(id);
    hearings.delete(id);
    if (hearing !== undefined) tell({ kind: 'final', id, result: await hearing.finish() });
  }

  async function speak({ id, text, speaker, speed }: Extract<ToSherpa, { kind: 'speak' }>): Promise<void> {
    if (voice === null) return;
    wanted.add(id);
    const { sampleRate } = voice;
    let isAnyTold = false;
    const give = (samples: Float32Array) => {
      isAnyTold = true;
      tell({ kind: 'speech', id, pcm: Int16Array.from(samples, toSample), sampleRate });
    };
    const whole = await voice.generateAsync({
      ...{ text, sid: speaker, speed, enableExternalBuffer: false },
      onProgress({ samples }) {
        if (wanted.has(id)) give(samples);
        return wanted.has(id);
      },
    });
    // A version without progress gives everything at the end.
    if (wanted.has(id) && !isAnyTold) give(whole.samples);
    if (wanted.delete(id)) tell({ kind: 'done', id });
  }

  async function answer(message: ToSherpa): Promise<void> {
    switch (message.kind) {
      case 'load':
        return load(message);
      case 'open': {
        const { id } = message;
        if (recogniser !== null)
          hearings.set(
            id,
            recogniser.open((text) => tell({ kind: 'partial', id, text })),
          );
        return;
      }
      case 'audio':
        return hearings.get(message.id)?.write(message.pcm);
      case 'finish':
        return finish(message.id);
      case 'speak':
        return speak(message);
      case 'close':
        hearings.delete(message.id);
        wanted.delete(message.id);
    }
  }

  return (message) =>
    void answer(message).catch((error: unknown) => {
      const id = message.kind === 'load' ? null : message.id;
      if (id !== null) hearings.delete(id);
      tell({ kind: 'failed', id, reason: error instanceof Error ? error.message : String(error) });
    });
}

function toSample(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}
