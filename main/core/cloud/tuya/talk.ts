import { randomUUID } from 'node:crypto';
import { resample } from '../../../../pipeline/audio/resample.ts';
import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import { TuyaDevice } from '../../../../pipeline/boards/tuya/device.ts';
import type { HeardTurn } from '../../../../pipeline/boards/tuya/heard-turns.ts';
import type { TuyaStep } from '../../../../preload/contract/cloud/tuya.ts';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { CallBody, CallReply } from '../../../../preload/contract/index.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';

const SAMPLE_RATE = 16_000;
const MOST_STEPS = 2000;

export interface TalkDeps {
  clock: Clock;
  synthesize: (text: string, language: 'zh' | 'en', signal: AbortSignal) => Promise<Int16Array>;
  /** Where the gateway listens, for this machine. */
  address: { host: string; port: number; ca?: string };
  device: { deviceId: string; localKey: Uint8Array };
}

type Request = CallBody<'tuya.talk'>;

/** One question of a virtual device, and all of its answer. Rejects with TalkError 'talk/refused', 'talk/no-reply', or the signal's reason. */
export async function talk(request: Request, deps: TalkDeps, signal: AbortSignal): Promise<CallReply<'tuya.talk'>> {
  const { clock, address } = deps;
  const { say, language, version, audio, needTts, onlyAsr, isServerVad } = request;
  const pcm = await samplesOf(say, deps, signal);
  const startUs = clock.nowUs();
  const steps: TuyaStep[] = [];
  const device = await TuyaDevice.connect({
    clock,
    ...deps.device,
    ...{ host: address.host, port: address.port, version, isApp: request.clientType === 'app' },
    ...(request.isTls && { tls: address.ca === undefined ? {} : { ca: address.ca } }),
    onStep: (step) => steps.length < MOST_STEPS && steps.push({ atMs: Math.round((clock.nowUs() - startUs) / 1000), ...step }),
  });
  const stop = () => device.close();
  signal.addEventListener('abort', stop, { once: true });
  const waitUs = (pcm === null ? 0 : (pcm.length / SAMPLE_RATE) * 1_000_000) + request.timeoutMs * 1000;
  let isLate = false;
  const cancel = clock.at((clock.nowUs() + waitUs) as MonoUs, () => {
    isLate = true;
    device.close();
  });
  try {
    const session = device.openSession({ audio, attributes: { needTts: String(needTts), language } });
    const chat = onlyAsr ? { onlyAsr: 'true' } : {};
    const turn =
      say.kind === 'text'
        ? await session.ask(say.text, chat)
        : await session.speak(pcm ?? new Int16Array(0), { codec: audio, isServerVad, chat });
    return { ...told(turn), steps, violations: [...device.violations] };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isLate) throw new TalkError('talk/no-reply', { waitedMs: request.timeoutMs });
    throw error;
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
    device.close();
  }
}

function told(
  turn: HeardTurn,
): Pick<CallReply<'tuya.talk'>, 'transcript' | 'reply' | 'reasoning' | 'emotions' | 'wav' | 'replyDurationMs'> {
  const samples = turn.pcm.reduce((sum, part) => sum + part.length, 0);
  const pcm = new Int16Array(samples);
  let at = 0;
  for (const part of turn.pcm) {
    pcm.set(part, at);
    at += part.length;
  }
  return {
    transcript: turn.transcript,
    reply: turn.reply,
    reasoning: turn.reasoning,
    emotions: turn.skills.flatMap(({ code, data }) =>
      code === 'emo' || code === 'llm_emo' ? [JSON.stringify(data.skillContent ?? data)] : [],
    ),
    wav: encodeWav({ sampleRate: SAMPLE_RATE, channels: [pcm] }),
    replyDurationMs: (samples * 1000) / SAMPLE_RATE,
  };
}

async function samplesOf(say: Request['say'], deps: TalkDeps, signal: AbortSignal): Promise<Int16Array | null> {
  if (say.kind === 'text') return null;
  if (say.kind === 'speech') return deps.synthesize(say.text, say.language, signal);
  const wav = decodeWav(say.wav);
  const first = wav.channels[0] ?? new Int16Array(0);
  return wav.sampleRate === SAMPLE_RATE ? first : resample(first, { from: wav.sampleRate, to: SAMPLE_RATE });
}

/** A device id of its own, for a talk that names none. */
export function randomDeviceId(): string {
  return `bench${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}
