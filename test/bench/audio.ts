import { createOpusDecoder, createOpusEncoder } from '../../pipeline/audio/opus.ts';
import { createResampler, resample } from '../../pipeline/audio/resample.ts';
import { createEngineCatalogue } from '../../pipeline/engines/catalogue.ts';
import type { SttEngine } from '../../pipeline/engines/stt/engine.ts';
import type { TtsEngine } from '../../pipeline/engines/tts/engine.ts';

const never = new AbortController().signal;
const BLOCK_MS = 20;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function timeMs(work: () => unknown): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

function print(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(44)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}`);
}

async function speak(tts: TtsEngine, text: string, language: string): Promise<{ pcm: Int16Array; firstMs: number }> {
  const startedMs = performance.now();
  let firstMs = Number.NaN;
  let rate = 16_000;
  const samples: number[] = [];
  for await (const event of tts.synthesize({ text, language }, never)) {
    if (event.kind !== 'audio') continue;
    if (samples.length === 0) firstMs = performance.now() - startedMs;
    for (const sample of event.pcm) samples.push(sample);
    rate = event.sampleRate;
  }
  return { pcm: resample(Int16Array.from(samples), { from: rate, to: 16_000 }), firstMs };
}

/** From the last sample written, at the pace of speech, to the final text. */
async function finalMs(stt: SttEngine, pcm: Int16Array, language: string): Promise<number> {
  const stream = await stt.open({ language, signal: never });
  const blockSamples = 16 * BLOCK_MS;
  for (let at = 0; at < pcm.length; at += blockSamples) {
    stream.write(pcm.slice(at, at + blockSamples));
    await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
  }
  const startedMs = performance.now();
  await stream.finish();
  const tookMs = performance.now() - startedMs;
  stream.close();
  return tookMs;
}

/** Medians; `ms/s` is milliseconds of work a second of audio. */
export async function run(): Promise<void> {
  const catalogue = createEngineCatalogue({ log: console, phrases: () => [] });
  try {
    const english = await catalogue.tts('auto', 'en');
    const speech = await speak(english, 'please turn on the lights in the living room', 'en');
    for (const frameMs of [20, 60] as const) benchOpus(speech.pcm, frameMs);
    for (const from of [22_050, 44_100, 48_000]) benchResampler(from, 16_000);
    benchResampler(16_000, 48_000);
    for (const id of ['silero', 'fvad']) await benchVad(catalogue, id, speech.pcm);
    for (const language of ['en', 'zh']) {
      const text = language === 'en' ? 'what time is it' : '现在几点';
      const tts = await catalogue.tts('auto', language);
      const runs: number[] = [];
      for (let i = 0; i < 7; i++) runs.push((await speak(tts, text, language)).firstMs);
      print(`speech ${tts.id} ${language}, first audio`, median(runs), 'ms');
      const utterance = (await speak(tts, text, language)).pcm;
      await catalogue.phraseStt.prepare(language);
      for (const stt of new Set([await catalogue.stt('auto', language), catalogue.phraseStt])) {
        const finals: number[] = [];
        for (let i = 0; i < 5; i++) finals.push(await finalMs(stt, utterance, language));
        print(`recognition ${stt.id} ${language}, final`, median(finals), 'ms');
      }
    }
  } finally {
    await catalogue.close();
  }
}

function benchOpus(pcm: Int16Array, frameMs: 20 | 60): void {
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs, isCbr: true });
  const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
  const encodes: number[] = [];
  const decodes: number[] = [];
  for (let at = 0; at + encoder.frameSamples <= pcm.length; at += encoder.frameSamples) {
    let packet = new Uint8Array(0);
    encodes.push(timeMs(() => (packet = encoder.encode(pcm.subarray(at, at + encoder.frameSamples)) as Uint8Array<ArrayBuffer>)));
    decodes.push(timeMs(() => decoder.decode(packet)));
  }
  print(`Opus ${frameMs} ms, encode`, 1000 * median(encodes), 'µs a frame');
  print(`Opus ${frameMs} ms, decode`, 1000 * median(decodes), 'µs a frame');
  encoder.close();
  decoder.close();
}

function benchResampler(from: number, to: number): void {
  const block = Int16Array.from({ length: (from * BLOCK_MS) / 1000 }, (_, i) => 8000 * Math.sin(i / 7));
  const resampler = createResampler({ from, to });
  const runs = Array.from({ length: 150 }, () => timeMs(() => resampler.process(block)));
  print(`resample ${from} to ${to}`, median(runs) * (1000 / BLOCK_MS), 'ms/s');
}

async function benchVad(catalogue: ReturnType<typeof createEngineCatalogue>, id: string, pcm: Int16Array): Promise<void> {
  const stream = await (await catalogue.vad(id)).open();
  const runs: number[] = [];
  for (let at = 0; at + stream.frameSamples <= pcm.length; at += stream.frameSamples) {
    const frame = pcm.slice(at, at + stream.frameSamples);
    const startedMs = performance.now();
    await stream.process(frame);
    runs.push(performance.now() - startedMs);
  }
  print(`voice activity ${id}`, median(runs) * (16_000 / stream.frameSamples), 'ms/s');
  stream.close();
}
