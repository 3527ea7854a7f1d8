import { randomBytes, randomUUID } from 'node:crypto';
import { resample } from '../../../../pipeline/audio/resample.ts';
import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import { createXiaozhiBoard, type ServerAddress, serverOf, type XiaozhiBoard } from '../../../../pipeline/boards/xiaozhi/board.ts';
import { askConfiguration } from '../../../../pipeline/boards/xiaozhi/ota-client.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { CallBody, CallReply } from '../../../../preload/contract/index.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';

const SAMPLE_RATE = 16_000;
/** Longer than a greeting takes to begin, once the board listens. */
const GREETING_US = 3_000_000;
/** Of silence after what is said, so that a server which listens for its end hears it. */
const PAUSE_MS = 300;

export interface TalkDeps {
  clock: Clock;
  synthesize: (text: string, language: 'zh' | 'en', signal: AbortSignal) => Promise<Int16Array>;
}

type Request = CallBody<'xiaozhi.talk'>;

/**
 * One question of a virtual board to a server, and all of its answer. `ota` is the bench's own where the request names no address.
 * Rejects with TalkError 'talk/refused', 'talk/no-reply', or the signal's reason.
 */
export async function talk(
  request: Request,
  { deviceName, ota }: { deviceName: string; ota: string | null },
  deps: TalkDeps,
  signal: AbortSignal,
): Promise<CallReply<'xiaozhi.talk'>> {
  const { clock } = deps;
  const pcm = await samplesOf(request, deps, signal);
  const clientId = randomUUID();
  const server = await serverFor(request, { deviceName, clientId, ota });
  const heard = new Heard(clock);
  const board = createXiaozhiBoard({
    clock,
    server,
    deviceName,
    clientId,
    onState: () => heard.changed(),
    onMessage: (direction, message) => direction === 'down' && heard.message(message),
    onAudible: (atUs) => heard.audible(atUs),
  });
  try {
    const endUs = await say(board, request, pcm, heard, signal);
    const isOver = () => heard.transcript !== '' && heard.sentences.length > 0 && board.state !== 'speaking';
    if (!(await heard.until(isOver, request.timeoutMs * 1000, signal))) {
      throw new TalkError('talk/no-reply', { waitedMs: request.timeoutMs });
    }
    const played = board.receivedAudio();
    const from = played.fromUs === null ? 0 : Math.max(0, Math.floor((endUs - played.fromUs) * 0.016));
    const reply = played.pcm.subarray(Math.min(from, played.pcm.length));
    return {
      deviceName,
      transport: server.kind === 'mqtt' ? 'udp' : 'websocket',
      conversationId: board.sessionId,
      transcript: heard.transcript,
      reply: heard.sentences.join(request.language === 'zh' ? '' : ' '),
      emotion: heard.emotion,
      toolCalls: [...board.toolCalls],
      latencyMs: heard.audibleUs === null ? null : Math.round((heard.audibleUs - endUs) / 100) / 10,
      wav: encodeWav({ sampleRate: SAMPLE_RATE, channels: [reply] }),
      durationMs: (reply.length * 1000) / SAMPLE_RATE,
      violations: [...board.violations],
    };
  } finally {
    await board.close();
  }
}

/** Waits for the greeting's end, then says it. When the last sample had been said. */
async function say(board: XiaozhiBoard, request: Request, pcm: Int16Array, heard: Heard, signal: AbortSignal): Promise<MonoUs> {
  await board.wake(request.mode);
  await heard.until(() => board.state === 'listening', GREETING_US, signal);
  if (request.mode !== 'manual') {
    await heard.until(() => board.state === 'speaking', GREETING_US, signal);
    await heard.until(() => board.state === 'listening', request.timeoutMs * 1000, signal);
    // The board's message that it listens goes after the last of the greeting has been played.
    await heard.until(() => false, PAUSE_MS * 1000, signal);
  }
  heard.forget();
  await board.speak(pcm);
  const endUs = heard.clock.nowUs();
  if (request.mode === 'manual') board.release();
  return endUs;
}

async function samplesOf({ source, language }: Request, deps: TalkDeps, signal: AbortSignal): Promise<Int16Array> {
  if (source.kind === 'text') return deps.synthesize(source.text, language, signal);
  const { sampleRate, channels } = decodeWav(source.wav);
  const mono = channels[0] ?? new Int16Array(0);
  return sampleRate === SAMPLE_RATE ? mono : resample(mono, { from: sampleRate, to: SAMPLE_RATE });
}

async function serverFor(
  { url, token, protocolVersion, transport, language, ...request }: Request,
  { deviceName, clientId, ota }: { deviceName: string; clientId: string; ota: string | null },
): Promise<ServerAddress> {
  if (url !== undefined) return { kind: 'websocket', url, token: token ?? '', version: protocolVersion ?? 1 };
  const address = request.ota ?? ota;
  if (address === null) throw new TalkError('talk/refused', { stage: 'ota', reason: 'nothing listens' });
  const configuration = await askConfiguration(address, { deviceName, clientId, language });
  if (configuration.activation !== null && configuration.websocket === null && configuration.mqtt === null) {
    throw new TalkError('talk/refused', { stage: 'activation', reason: configuration.activation.code || 'challenge' });
  }
  const server = serverOf(transport === 'websocket' ? { ...configuration, mqtt: null } : configuration);
  if (transport === 'mqtt' && server.kind !== 'mqtt')
    throw new TalkError('talk/refused', { stage: 'ota', reason: 'no MQTT for this board' });
  return server.kind === 'websocket' && protocolVersion !== undefined ? { ...server, version: protocolVersion } : server;
}

export function randomDeviceName(): string {
  // Locally administered: no maker's.
  const [first = 0, ...rest] = randomBytes(6);
  return [(first & 0xfc) | 0x02, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** What the board was told, and a way to wait for it. */
class Heard {
  readonly clock: Clock;
  transcript = '';
  emotion: string | null = null;
  sentences: string[] = [];
  audibleUs: MonoUs | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  message(message: Record<string, unknown>): void {
    if (message.type === 'stt') this.transcript = [this.transcript, message.text].filter(Boolean).join(' ');
    if (message.type === 'llm' && typeof message.emotion === 'string') this.emotion = message.emotion;
    if (message.type === 'tts' && typeof message.text === 'string') this.sentences.push(message.text);
    this.changed();
  }

  audible(atUs: MonoUs): void {
    this.audibleUs ??= atUs;
  }

  forget(): void {
    this.transcript = '';
    this.sentences = [];
    this.audibleUs = null;
  }

  changed(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** False when it did not come to be in time. */
  until(isSo: () => boolean, us: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void) => {
        cancel();
        this.#waiting.delete(look);
        signal.removeEventListener('abort', onAbort);
        finish();
      };
      const look = () => isSo() && end(() => resolve(true));
      const onAbort = () => end(() => reject(signal.reason));
      const cancel = this.clock.at((this.clock.nowUs() + us) as MonoUs, () => end(() => resolve(isSo())));
      this.#waiting.add(look);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else look();
    });
  }
}
