import { randomUUID } from 'node:crypto';
import { resample } from '../../../../pipeline/audio/resample.ts';
import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import { recognise } from '../../../../pipeline/boards/speech/asr-client.ts';
import { askText } from '../../../../pipeline/boards/speech/text-client.ts';
import { startTranslation, type TranslateClient } from '../../../../pipeline/boards/speech/translate-client.ts';
import type { SpeechJob, SpeechMessage, SpeechReport } from '../../../../preload/contract/cloud/speech.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock } from '../../../../preload/contract/time.ts';

export interface SpeechRunDeps {
  clock: Clock;
  /** Of this bench's listener, `http://host:port`; null while there is none. */
  ownUrl: () => string | null;
  own: { token: string; appId: string };
  speak(text: string, language: 'zh' | 'en', signal: AbortSignal): Promise<Int16Array>;
  onMessage(message: SpeechMessage): void;
  /** A translation that can be told something while it runs. */
  onTranslation(runId: string, client: TranslateClient): void;
}

type JobOf<Service extends SpeechJob['service']> = Extract<SpeechJob, { service: Service }>;
/** How often audio is told of while nothing else goes. */
const AUDIO_TOLD_US = 1_000_000;
const LONGEST_SPEECH_MS = 300_000;

/** Drives one service to its end as a client would. What the service or the wire has against it is in the report. */
export async function runSpeechJob(runId: string, job: SpeechJob, deps: SpeechRunDeps, signal: AbortSignal): Promise<SpeechReport> {
  const { clock } = deps;
  const telling = teller(runId, job.token, deps);
  const report: SpeechReport = {
    runId,
    service: job.service,
    originals: [],
    results: [],
    audio: null,
    audioMs: 0,
    engine: null,
    firstOriginalMs: null,
    firstResultMs: null,
    firstAudioMs: null,
    messageCount: 0,
    violations: [],
    error: null,
  };
  const base = (scheme: 'ws' | 'http'): string => {
    const url = job.url ?? deps.ownUrl();
    if (url === null) throw new TalkError('not-found', { what: 'listener', id: 'gateway' });
    return `${scheme}${/^(?:wss|https):/u.test(url) ? 's' : ''}://${new URL(url).host}`;
  };
  const since = (startUs: number, atUs: number | null) => (atUs === null ? null : (atUs - startUs) / 1000);
  const token = job.token ?? (job.url === undefined ? deps.own.token : '');

  async function translate(each: JobOf<'translate'>): Promise<void> {
    const pcm = await speechOf(each.speech, deps, signal);
    const startUs = clock.nowUs();
    const client = startTranslation({
      ...{ clock, token, pcm, signal, version: each.version, source: each.source, target: each.target },
      baseUrl: base('ws'),
      isTtsOn: each.isTtsOn,
      isTtsStream: each.isTtsStream,
      onMessage: telling.message,
    });
    deps.onTranslation(runId, client);
    const done = await client.done;
    Object.assign(report, {
      originals: done.originals,
      results: done.translations,
      audio: done.audio.length === 0 ? null : encodeWav({ sampleRate: 16_000, channels: [done.audio] }),
      audioMs: done.audio.length / 16,
      engine: done.engine,
      firstOriginalMs: since(startUs, done.firstOriginalUs),
      firstResultMs: since(startUs, done.firstResultUs),
      firstAudioMs: since(startUs, done.firstAudioUs),
      violations: done.violations,
      error: refused(job.service, done.refusal),
    });
  }

  async function recogniseSpeech(each: JobOf<'asr'>): Promise<void> {
    const pcm = await speechOf(each.speech, deps, signal);
    const startUs = clock.nowUs();
    const done = await recognise({
      ...{ clock, signal, model: each.model, sampleRate: each.sampleRate, pace: each.pace },
      pcm: each.sampleRate === 16_000 ? pcm : resample(pcm, { from: 16_000, to: each.sampleRate }),
      baseUrl: base('ws'),
      appId: each.appId ?? deps.own.appId,
      onMessage: telling.message,
    });
    Object.assign(report, {
      originals: done.originals,
      firstOriginalMs: since(startUs, done.firstOriginalUs),
      violations: done.violations,
      error: refused(job.service, done.refusal),
    });
  }

  async function ask(action: 'IotTextSummary' | 'IotTranslate', body: Record<string, unknown>): Promise<void> {
    const startUs = clock.nowUs();
    const done = await askText({ clock, baseUrl: base('http'), token, action, body, signal, onMessage: telling.message });
    Object.assign(report, {
      results: done.text === '' ? [] : [done.text],
      engine: done.engine,
      firstResultMs: since(startUs, done.firstUs),
      violations: done.violations,
      error: refused(job.service, done.refusal),
    });
  }

  try {
    if (job.service === 'translate') await translate(job);
    else if (job.service === 'asr') await recogniseSpeech(job);
    else if (job.service === 'summary')
      await ask('IotTextSummary', { prompt: job.prompt, stream: job.isStream, request_id: randomUUID(), text: job.text });
    else
      await ask('IotTranslate', {
        source: job.source,
        target: job.target,
        text: job.text,
        request_id: randomUUID(),
        stream: job.isStream,
      });
  } catch (error) {
    if (signal.aborted) throw new TalkError('cancelled');
    if (!isTalkError(error)) throw error;
    report.error = error.value;
  } finally {
    report.messageCount = telling.end();
  }
  return report;
}

function refused(service: string, refusal: { code: number; reason: string } | null) {
  return refusal === null ? null : new TalkError('speech/refused', { service, ...refusal }).value;
}

async function speechOf(speech: JobOf<'asr'>['speech'], deps: SpeechRunDeps, signal: AbortSignal): Promise<Int16Array> {
  if (speech.kind === 'text') return deps.speak(speech.text, speech.language, signal);
  const { channels, sampleRate } = decodeWav(speech.wav);
  const [mono] = channels;
  if (mono === undefined || mono.length === 0) throw new TalkError('audio/bad-wav', { reason: 'no samples' });
  const pcm = sampleRate === 16_000 ? mono : resample(mono, { from: sampleRate, to: 16_000 });
  const limitBytes = LONGEST_SPEECH_MS * 32;
  if (pcm.byteLength > limitBytes) throw new TalkError('too-large', { limitBytes, sizeBytes: pcm.byteLength });
  return pcm;
}

/** Messages as they are shown: without the token, audio told now and then by how much it was. */
function teller(runId: string, given: string | undefined, { clock, own, onMessage }: SpeechRunDeps) {
  const startUs = clock.nowUs();
  const audio = { up: { ms: 0, toldUs: 0 }, down: { ms: 0, toldUs: 0 } };
  const secrets = [own.token, given ?? ''].filter((secret) => secret.length >= 4);
  const hide = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(JSON.stringify(secret).slice(1, -1), '•••'), text);
  let count = 0;
  const tell = (message: Omit<SpeechMessage, 'runId' | 'atMs'>): void => {
    count += 1;
    onMessage({ runId, atMs: (clock.nowUs() - startUs) / 1000, ...message, text: hide(message.text) });
  };

  function tellAudio(direction: 'up' | 'down'): void {
    const { ms } = audio[direction];
    if (ms === 0) return;
    audio[direction] = { ms: 0, toldUs: clock.nowUs() };
    tell({ direction, kind: 'audio', text: '', audioMs: ms });
  }

  return {
    message(
      direction: 'up' | 'down',
      message: { kind: 'text' | 'http' | 'close'; text: string } | { kind: 'audio'; audioMs: number },
    ): void {
      if (message.kind === 'audio') {
        audio[direction].ms += message.audioMs;
        if (clock.nowUs() - audio[direction].toldUs >= AUDIO_TOLD_US) tellAudio(direction);
        return;
      }
      tellAudio(direction);
      tell({ direction, ...message });
    },
    /** How many there were. */
    end(): number {
      tellAudio('up');
      tellAudio('down');
      return count;
    },
  };
}
