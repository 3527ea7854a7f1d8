/** Recognisers listen at 16 kHz. */
const sampleRate = 16_000;

/** Samples −1..1 as a mono 16-bit WAV. */
export function wavOf(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  word(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * 2, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (const [index, sample] of samples.entries()) view.setInt16(44 + index * 2, Math.max(-1, Math.min(1, sample)) * 32767, true);
  return bytes;
}

export interface Recording {
  /** Ends it and lets go of the microphone. */
  finish(): Promise<Uint8Array>;
  cancel(): void;
}

/** Records this window's microphone. Rejects with the browser's own error when it gives none. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise<void>((resolve) => {
    recorder.onstop = () => resolve();
  });
  const release = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  recorder.start();
  return {
    async finish() {
      recorder.stop();
      await stopped;
      release();
      // The decoder resamples to its context's rate.
      const context = new OfflineAudioContext(1, 1, sampleRate);
      const audio = await context.decodeAudioData(await new Blob(parts).arrayBuffer());
      return wavOf(audio.getChannelData(0));
    },
    cancel() {
      if (recorder.state !== 'inactive') recorder.stop();
      release();
    },
  };
}
