import { sleepUntil } from '../../../pipeline/clock.ts';
import { orAborted } from '../../../pipeline/engines/abort.ts';
import type { LlmEngine } from '../../../pipeline/engines/llm/engine.ts';
import type { SttEngine } from '../../../pipeline/engines/stt/engine.ts';
import type { TtsEngine } from '../../../pipeline/engines/tts/engine.ts';
import type { VadEngine } from '../../../pipeline/engines/vad/engine.ts';
import { asTalkError } from '../../../pipeline/turn/stage.ts';
import type { EngineStage, EngineTestReport } from '../../../preload/contract/engines.ts';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Language } from '../conversations/engines.ts';
import { trimSilence } from './speech-sample.ts';

/** What is tried, by its stage. */
export type Tried =
  | { stage: 'vad'; engine: VadEngine }
  | { stage: 'stt'; engine: SttEngine; isLocal: boolean }
  | { stage: 'llm'; engine: LlmEngine }
  | { stage: 'tts'; engine: TtsEngine };

export interface TrialDeps {
  clock: Clock;
  /** 16 kHz speech of an embedded voice, for engines that listen. */
  speak: (text: string, language: Language, signal: AbortSignal) => Promise<Int16Array>;
  /** Taken out of what the report says: bad services quote the key they refuse. */
  secrets: readonly string[];
  timeLimitMs?: number;
}

const SAMPLES_PER_MS = 16;
/** As a board's frames come. */
const FRAME_MS = 60;
const TIME_LIMIT_MS = 60_000;
const LONGEST_TEXT = 2000;

/** One that the embedded recognisers know too. */
const knownPhrase: Record<Language, string> = { zh: '今天天气怎么样', en: 'what is the weather like today' };
const sentences: Record<EngineStage, Record<Language, string>> = {
  vad: knownPhrase,
  stt: knownPhrase,
  llm: { zh: '你好，请用一句话介绍你自己。', en: 'Hello. Who are you, in one sentence?' },
  tts: { zh: '你好，这是一次语音合成测试。', en: 'Hello, this is a test of speech synthesis.' },
};

/** What one trial notes as it goes: what was reached before a failure stays in the report. */
interface Notes {
  connectMs: number | null;
  firstMs: number | null;
  totalMs: number | null;
  finalMs: number | null;
  audioMs: number | null;
  realTimeFactor: number | null;
  text: string | null;
  expected: string | null;
}

/**
 * Asks an engine once and measures. What goes wrong is the report's `error`; only a cancelled trial rejects, with TalkError
 * 'cancelled'. All times are from the request.
 */
export async function tryEngine(
  tried: Tried,
  wanted: { language: Language; text?: string | undefined },
  deps: TrialDeps,
  signal: AbortSignal,
): Promise<EngineTestReport> {
  const { clock, timeLimitMs = TIME_LIMIT_MS } = deps;
  const { stage, engine } = tried;
  const notes: Notes = {
    connectMs: null,
    firstMs: null,
    totalMs: null,
    finalMs: null,
    audioMs: null,
    realTimeFactor: null,
    text: null,
    expected: null,
  };
  const limit = new AbortController();
  const cancelLimit = clock.at((clock.nowUs() + timeLimitMs * 1000) as MonoUs, () =>
    limit.abort(new TalkError('engine/timeout', { stage, engine: engine.id, timeoutMs: timeLimitMs }, { retryable: true })),
  );
  const either = AbortSignal.any([signal, limit.signal]);
  const text = wanted.text ?? sentences[stage][wanted.language];
  let error: TalkErrorValue | null = null;
  try {
    await orAborted(run(tried, { text, language: wanted.language }, deps, notes, either), either);
    either.throwIfAborted();
  } catch (cause) {
    if (signal.aborted) throw new TalkError('cancelled');
    error = withoutSecrets((isTalkError(cause) ? cause : asTalkError(cause, stage, engine.id)).value, deps.secrets);
  } finally {
    cancelLimit();
    limit.abort(); // what did not stop by itself
  }
  return { stage, engine: engine.id, ...notes, text: notes.text?.slice(0, LONGEST_TEXT) ?? null, error };
}

type Request = { text: string; language: Language };

function run(tried: Tried, request: Request, deps: TrialDeps, notes: Notes, signal: AbortSignal): Promise<void> {
  switch (tried.stage) {
    case 'llm':
      return ask(tried.engine, request, deps.clock, notes, signal);
    case 'tts':
      return speak(tried.engine, request, deps.clock, notes, signal);
    case 'stt':
      return listen(tried.engine, tried.isLocal, request, deps, notes, signal);
    case 'vad':
      return detect(tried.engine, request, deps, notes, signal);
  }
}

/** ms since it was made, in hundredths. */
function stopwatch(clock: Clock): () => number {
  const startedUs = clock.nowUs();
  return () => Math.round((clock.nowUs() - startedUs) / 10) / 100;
}

async function ask(engine: LlmEngine, { text, language }: Request, clock: Clock, notes: Notes, signal: AbortSignal): Promise<void> {
  const elapsedMs = stopwatch(clock);
  let isWhole = false;
  const messages = [{ role: 'user' as const, content: text }];
  for await (const event of engine.respond({ model: '', language, messages, tools: [], requestId: crypto.randomUUID() }, signal)) {
    if (event.kind === 'headers') notes.connectMs ??= elapsedMs();
    else if (event.kind === 'done') isWhole = true;
    else notes.firstMs ??= elapsedMs();
    if (event.kind === 'text') notes.text = (notes.text ?? '') + event.text;
  }
  signal.throwIfAborted();
  notes.totalMs = elapsedMs();
  if (!isWhole || notes.text === null) throw failed('llm', engine.id, 'it answered nothing');
}

async function speak(engine: TtsEngine, { text, language }: Request, clock: Clock, notes: Notes, signal: AbortSignal): Promise<void> {
  const elapsedMs = stopwatch(clock);
  let audioMs = 0;
  for await (const event of engine.synthesize({ text, language, requestId: crypto.randomUUID() }, signal)) {
    if (event.kind === 'headers') notes.connectMs ??= elapsedMs();
    if (event.kind !== 'audio') continue;
    notes.firstMs ??= elapsedMs();
    audioMs += (event.pcm.length * 1000) / event.sampleRate;
    notes.audioMs = Math.round(audioMs);
  }
  signal.throwIfAborted();
  notes.totalMs = elapsedMs();
  if (audioMs === 0) throw failed('tts', engine.id, 'it said nothing');
  notes.realTimeFactor = factor(notes.totalMs, audioMs);
}

/** Services hear the speech as fast as it is spoken, which is what they are made for; engines that run here as fast as they can. */
async function listen(
  engine: SttEngine,
  isLocal: boolean,
  request: Request,
  { clock, speak: synthesize }: TrialDeps,
  notes: Notes,
  signal: AbortSignal,
): Promise<void> {
  notes.expected = request.text;
  const speech = await sample(synthesize, request, signal);
  notes.audioMs = Math.round(speech.length / SAMPLES_PER_MS);
  const elapsedMs = stopwatch(clock);
  const onPartial = (partial: string) => {
    if (partial !== '') notes.firstMs ??= elapsedMs();
  };
  const stream = await orAborted(engine.open({ language: request.language, onPartial, signal }), signal);
  try {
    notes.connectMs = elapsedMs();
    const startedUs = clock.nowUs();
    for (let fromMs = 0; fromMs < notes.audioMs; fromMs += FRAME_MS) {
      if (!isLocal) await sleepUntil(clock, (startedUs + fromMs * 1000) as MonoUs, signal);
      stream.write(speech.slice(fromMs * SAMPLES_PER_MS, (fromMs + FRAME_MS) * SAMPLES_PER_MS));
    }
    const spokenMs = elapsedMs();
    const result = await orAborted(stream.finish(), signal);
    notes.totalMs = elapsedMs();
    notes.finalMs = Math.round((notes.totalMs - spokenMs) * 100) / 100;
    notes.text = result.text;
    notes.firstMs ??= notes.totalMs;
    if (isLocal) notes.realTimeFactor = factor(notes.totalMs - notes.connectMs, notes.audioMs);
  } finally {
    stream.close();
  }
}

async function detect(engine: VadEngine, request: Request, deps: TrialDeps, notes: Notes, signal: AbortSignal): Promise<void> {
  const speech = await sample(deps.speak, request, signal);
  notes.audioMs = Math.round(speech.length / SAMPLES_PER_MS);
  const elapsedMs = stopwatch(deps.clock);
  const stream = await orAborted(engine.open(), signal);
  try {
    notes.connectMs = elapsedMs();
    let heard = 0;
    let frames = 0;
    for (let at = 0; at + stream.frameSamples <= speech.length; at += stream.frameSamples, frames++) {
      const probability = await orAborted(stream.process(speech.slice(at, at + stream.frameSamples)), signal);
      if (probability < 0.5) continue;
      heard += 1;
      notes.firstMs ??= elapsedMs();
    }
    notes.totalMs = elapsedMs();
    notes.realTimeFactor = factor(notes.totalMs - notes.connectMs, notes.audioMs);
    notes.text = `${Math.round((heard * 100) / Math.max(1, frames))} %`;
    if (heard === 0) throw failed('vad', engine.id, 'it heard no speech in speech');
  } finally {
    stream.close();
  }
}

async function sample(synthesize: TrialDeps['speak'], { text, language }: Request, signal: AbortSignal): Promise<Int16Array> {
  const speech = trimSilence(await synthesize(text, language, signal));
  if (speech.length === 0) throw failed('tts', 'auto', 'there is no speech to try it with');
  return speech;
}

function factor(tookMs: number, audioMs: number): number {
  return Math.round((tookMs / audioMs) * 1000) / 1000;
}

function failed(stage: EngineStage, engine: string, reason: string): TalkError {
  return new TalkError('engine/failed', { stage, engine, reason });
}

function withoutSecrets(value: TalkErrorValue, secrets: readonly string[]): TalkErrorValue {
  const hidden = (text: string) => secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '•••')), text);
  const data = Object.fromEntries(Object.entries(value.data).map(([key, fact]) => [key, typeof fact === 'string' ? hidden(fact) : fact]));
  return { ...value, data };
}
