import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { createResampler, type Resampler } from '../../audio/resample.ts';
import type { Engines } from '../../conversation.ts';
import { Bodies } from '../cloud/body.ts';
import { parseObject } from '../twetalk/board-text.ts';

const MOST_BODY_BYTES = 64 * 1024;
const MOST_CHARACTERS = 2000;
/** Sentences spoken at once, whoever asks: the embedded voices share this machine. */
const MOST_REQUESTS = 16;
const SLOW_READER_US = 15_000_000;

export interface CustomTtsDeps {
  clock: Clock;
  settings: () => ConversationSettings;
  engines: (language: 'zh' | 'en', settings: ConversationSettings) => Engines;
  /** What a request's bearer must be; null: anything will do. */
  apiKey: () => string | null;
  /** Of each request: what it asked for, and what became of it. */
  onRequest: (facts: { text: string; headers: Record<string, string>; outcome: string }) => void;
  log: { error(details: object, message: string): void };
}

interface TtsBody {
  text: string;
  format: 'pcm' | 'wav';
  sampleRate: number;
  channels: 1 | 2;
}

/**
 * The bench's own synthesiser behind TRTC's custom TTS protocol (seed 002, 自定义 TTS 协议): a POST {Text, Format, SampleRate, Channel} is
 * answered with audio as it is made, chunked, as `audio/L16` (16-bit little endian, which is what the service means) or `audio/wav`; a
 * failure with JSON {error: {code, message}}.
 */
export function createCustomTts(deps: CustomTtsDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const bodies = new Bodies({ mostBytes: MOST_BODY_BYTES, mostBytesTogether: MOST_BODY_BYTES * MOST_REQUESTS });
  let running = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    let outcome = 'ok';
    try {
      const body = await admitted(request);
      text = body.text;
      // Here and not before: bodies of many may have come in together.
      if (running >= MOST_REQUESTS) throw new Refusal(429, 'RATE_LIMITED', 'Too many requests at once.');
      running += 1;
      try {
        await speak(body, response);
      } finally {
        running -= 1;
      }
    } catch (error) {
      const refusal = refusalOf(error);
      outcome = refusal.code;
      if (!(error instanceof Refusal || error instanceof TalkError || response.destroyed)) deps.log.error({ err: error }, 'custom tts');
      // Once audio is on its way only the broken connection can say so.
      if (response.headersSent) response.destroy();
      else if (!response.destroyed) refuse(request, response, refusal);
    } finally {
      deps.onRequest({ text, headers: taskHeaders(request), outcome });
    }
  }

  /** Rejects with Refusal. */
  async function admitted(request: IncomingMessage): Promise<TtsBody> {
    if (request.method !== 'POST') throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'POST is wanted.');
    if (!isAllowed(request.headers.authorization ?? '', deps.apiKey()))
      throw new Refusal(401, 'UNAUTHORIZED', 'The API key is not the one of this bench.');
    const raw = await bodies.read(request);
    if (typeof raw === 'string') throw new Refusal(413, 'TOO_LARGE', 'The request is too large.');
    return readBody(raw);
  }

  async function speak({ text, format, sampleRate, channels }: TtsBody, response: ServerResponse): Promise<void> {
    const settings = deps.settings();
    const language = /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
    const { voice, speed, volume, pitch, emotion } = settings.voice;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const wanted = { text, language, speed, volume, pitch, ...(voice !== '' && { voice }), ...(emotion !== '' && { emotion }) };
    const resamplers = new Map<number, Resampler>();
    const resamplerFrom = (from: number): Resampler => {
      const known = resamplers.get(from) ?? createResampler({ from, to: sampleRate });
      resamplers.set(from, known);
      return known;
    };
    const write = async (pcm: Int16Array) => {
      if (pcm.length === 0) return;
      if (!response.headersSent) begin(response, format, sampleRate, channels);
      if (!response.write(bytesOf(pcm, channels))) await drained(response, gone.signal);
    };
    for await (const event of deps.engines(language, settings).tts.synthesize(wanted, gone.signal)) {
      if (event.kind !== 'audio') continue;
      await write(resamplerFrom(event.sampleRate).process(event.pcm));
    }
    gone.signal.throwIfAborted();
    for (const resampler of resamplers.values()) await write(resampler.flush());
    if (!response.headersSent) begin(response, format, sampleRate, channels);
    response.end();
  }

  /** Who reads nothing for long holds one of few places: it is let go. */
  async function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
    const { clock } = deps;
    const cancel = clock.at((clock.nowUs() + SLOW_READER_US) as MonoUs, () => response.destroy());
    try {
      await once(response, 'drain', { signal: gone });
    } finally {
      cancel();
    }
  }

  return (request, response) => void answer(request, response).catch(() => response.destroy());
}

/** What the protocol answers with in place of audio. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof TalkError)) return new Refusal(500, 'INTERNAL', 'An internal error.');
  return new Refusal(500, error.value.code === 'engine/timeout' ? 'TIMEOUT' : 'SYNTHESIS_FAILED', error.value.code);
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, code, message }: Refusal): void {
  if (!request.complete) response.setHeader('connection', 'close');
  const body = JSON.stringify({ error: { code, message } });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

/** No Content-Length: so the answer is chunked, which the service insists on. */
function begin(response: ServerResponse, format: 'pcm' | 'wav', sampleRate: number, channels: 1 | 2): void {
  response.writeHead(200, { 'content-type': format === 'wav' ? 'audio/wav' : 'audio/L16' });
  if (format === 'wav') response.write(streamedWavHeader(sampleRate, channels));
}

/** Of a length nobody knows yet: the sizes are the largest there are. */
function streamedWavHeader(sampleRate: number, channels: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(0xffffffff, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(0xffffffff, 40);
  return header;
}

function bytesOf(pcm: Int16Array, channels: 1 | 2): Buffer {
  const bytes = Buffer.alloc(pcm.length * channels * 2);
  for (const [index, sample] of pcm.entries()) {
    for (let channel = 0; channel < channels; channel++) bytes.writeInt16LE(sample, (index * channels + channel) * 2);
  }
  return bytes;
}

function readBody(raw: Buffer): TtsBody {
  const bad = (message: string) => new Refusal(400, 'INVALID_PARAMETER', message);
  const body = parseObject(raw.toString('utf8'));
  if (body === null) throw bad('The body is not a JSON object.');
  const { Text: text, Format: format = 'wav', SampleRate: sampleRate = 16_000, Channel: channels = 1 } = body;
  if (typeof text !== 'string' || text.trim() === '' || text.length > MOST_CHARACTERS)
    throw bad(`Text: want up to ${MOST_CHARACTERS} characters.`);
  if (format !== 'pcm' && format !== 'wav') throw bad('Format: pcm and wav are supported.');
  if (typeof sampleRate !== 'number' || !Number.isInteger(sampleRate) || sampleRate < 8000 || sampleRate > 48_000)
    throw bad('SampleRate: want 8000 to 48000.');
  if (channels !== 1 && channels !== 2) throw bad('Channel: want 1 or 2.');
  return { text, format, sampleRate, channels };
}

/** The document prints the key within quotes; some send it so. */
function isAllowed(authorization: string, apiKey: string | null): boolean {
  if (apiKey === null) return true;
  const given = Buffer.from(/^Bearer\s+"?([^"]*)"?$/iu.exec(authorization)?.[1]?.trim() ?? '');
  const wanted = Buffer.from(apiKey);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** X-Task-Id, X-Request-Id, X-Sdk-App-Id, X-User-Id, X-Room-Id, X-Room-Id-Type. */
function taskHeaders(request: IncomingMessage): Record<string, string> {
  const names = ['x-task-id', 'x-request-id', 'x-sdk-app-id', 'x-user-id', 'x-room-id', 'x-room-id-type'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value.slice(0, 200)]] : [];
    }),
  );
}
