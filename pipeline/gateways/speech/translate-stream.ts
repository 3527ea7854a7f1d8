import type { MonoUs } from '../../../preload/contract/time.ts';
import type { Engines } from '../../conversation.ts';
import { codeOf, failureOf, messageOf, type SpeechFailure, scopeOf } from '../../speech/failure.ts';
import { type Listening, listenForSlices } from '../../speech/listener.ts';
import { type Translator, translatorOf } from '../../speech/translator.ts';
import { voiceOf } from '../../speech/voice.ts';
import type { GatewayDeps } from '../gateway.ts';
import type { Admission } from './admission.ts';
import { codes } from './codes.ts';
import type { SpeechTally } from './gateway.ts';
import { PaceRule } from './pace.ts';
import { PcmInput } from './pcm-input.ts';
import type { StreamSocket } from './socket.ts';
import { SpeechOut } from './speech-out.ts';
import {
  combinedMessage,
  failureMessage,
  originalMessage,
  readControls,
  readInit,
  type TranslateInit,
  type TranslateVersion,
  translationMessage,
} from './translate-messages.ts';

/** Sentences whose translation waits for the one before. */
const MOST_WAITING = 50;

export interface TranslateDeps extends Pick<GatewayDeps, 'clock' | 'settings' | 'engines'> {
  admission: Admission;
  tally: SpeechTally;
}

/** One simultaneous translation (seed 003, V1 and V2): settings first, then speech up, and texts and speech down. */
export function serveTranslation(socket: StreamSocket, version: TranslateVersion, deps: TranslateDeps): void {
  const { clock } = deps;
  let stream: ReturnType<typeof openStream> | null = null;
  const { initTimeoutS } = deps.settings().speech;
  const cancelInit = clock.at((clock.nowUs() + initTimeoutS * 1_000_000) as MonoUs, () => refuse(codes.badParameters, 'no settings came'));

  function refuse(code: number, message: string): void {
    deps.tally.refused += 1;
    cancelInit();
    socket.refuse('error', failureMessage(code, message), message);
  }

  socket.handle({
    onAudio(bytes) {
      if (stream === null) refuse(codes.badParameters, 'audio before the settings');
      else stream.audio(bytes);
    },
    onText(text) {
      if (stream !== null) return stream.text(text);
      begin(text);
    },
    onEnd() {
      cancelInit();
      stream?.close();
    },
  });

  function begin(text: string) {
    const init = readInit(text, version);
    const notes = init === null || init.notes.length === 0 ? {} : { note: init.notes.join('; ') };
    socket.record.message('up', 'settings', text, { ...notes, ...(init === null && { isUnknown: true }) });
    if (init === null) return refuse(codes.badParameters, 'the settings are no JSON object');
    if (!deps.admission.isToken(init.token)) return refuse(codes.refused, 'Invalid Token');
    const settings = deps.settings();
    const engines = deps.engines(init.source === 'en' ? 'en' : 'zh', settings);
    const translator = translatorOf(engines, settings);
    try {
      translator.requirePair(init.source, init.target);
    } catch (error) {
      return refuse(codes.badParameters, messageOf(failureOf(error, 'llm', translator.id)));
    }
    if (!engines.stt.languages.includes(init.source))
      return refuse(codes.badParameters, `unsupported lang_source ${init.source}: the recogniser ${engines.stt.id} does not have it`);
    const leave = deps.admission.enter(`token ${init.token}`);
    if (leave === null) return refuse(codes.tooMany, 'too many at once');
    cancelInit();
    stream = openStream(socket, version, init, { ...deps, enginesNow: engines, translator, leave });
  }
}

function openStream(
  socket: StreamSocket,
  version: TranslateVersion,
  init: TranslateInit,
  deps: TranslateDeps & { enginesNow: Engines; translator: Translator; leave: () => void },
) {
  const { clock, enginesNow: engines, translator, tally } = deps;
  const settings = deps.settings();
  const { isSuccessTold, maxAheadMs, maxGapS } = settings.speech;
  const { record } = socket;
  const aborting = new AbortController();
  const input = new PcmInput(16_000);
  let { isTtsOn } = init;
  let translating: Promise<void> = Promise.resolve();
  let waiting = 0;
  tally.streams += 1;
  tally.open += 1;

  const ttsEngine = deps.engines(init.target === 'zh' ? 'zh' : 'en', settings).tts;
  record.opened({
    service: `translate-v${version}`,
    language: init.source,
    sampleRate: 16_000,
    query: { request_id: init.requestId, lang_source: init.source, lang_target: init.target },
    engines: { vad: engines.vad.id, stt: engines.stt.id, llm: translator.id, tts: ttsEngine.id },
    settings: { isTtsOn, isTtsStream: init.isTtsStream, isEmbeddedTranslator: translator.isEmbedded },
  });

  const out = new SpeechOut({
    clock,
    leadMs: settings.downlink.leadMs,
    isWholeSentences: !init.isTtsStream,
    send: (pcm) => socket.sendAudio(pcm),
    isClogged: () => socket.bufferedBytes > 64 * 1024,
    voice: (text, signal) =>
      voiceOf(
        ttsEngine,
        { text, language: init.target },
        settings,
        scopeOf(clock, AbortSignal.any([signal, aborting.signal]), 'tts', ttsEngine.id),
      ),
    onError: (error) => fail(failureOf(error, 'tts', ttsEngine.id)),
    onDropped: () => record.event({ kind: 'dropped', what: 'speech-sentences', count: 1 }),
  });

  /** Told and gone on from: the next sentence may do better. */
  function fail(failure: SpeechFailure): void {
    tally.failed += 1;
    const code = codeOf(failure);
    record.failure(failure, code);
    socket.send('error', failureMessage(code, messageOf(failure)));
  }

  /** A fault of the stream's: told, and the end of it. */
  function end(code: number, message: string): void {
    tally.failed += 1;
    socket.refuse('error', failureMessage(code, message), message);
  }

  const pace = new PaceRule({
    clock,
    maxAheadMs,
    maxGapMs: maxGapS * 1000,
    onBroken: (how) =>
      how === 'too-fast' ? end(codes.tooFast, 'audio faster than real time') : end(codes.noAudio, `no audio for ${maxGapS} s`),
  });

  const slices: Listening = listenForSlices({
    clock,
    vad: engines.vad,
    stt: engines.stt,
    language: init.source,
    hotWords: settings.frontEnd.hotWords,
    detector: {
      threshold: settings.turns.vadThreshold,
      minimumSpeechMs: settings.turns.minimumSpeechMs,
      prerollMs: settings.turns.prerollMs,
      longestMs: settings.turns.longestUtteranceMs,
      silenceMs: settings.turns.vadSilenceMs,
    },
    listener: {
      begun({ index, startMs }) {
        record.event({ kind: 'user.speech-started', mediaUs: startMs * 1000 });
        tellOriginal(0, index, '');
      },
      changed({ index, text }) {
        record.event({ kind: 'stt.partial', text });
        tellOriginal(1, index, text);
      },
      ended({ index, text }) {
        record.event({ kind: 'stt.final', text, engine: engines.stt.id });
        if (version === 1) tellOriginal(2, index, text);
        translate(index, text);
      },
      failed: fail,
      dropped: (count) => record.event({ kind: 'dropped', what: 'speech-uplink', count }),
    },
  });

  function tellOriginal(type: 0 | 1 | 2, index: number, text: string): void {
    const message =
      version === 1
        ? originalMessage({ type, index, text }, isSuccessTold)
        : combinedMessage({ type, index, text, translation: '' }, isSuccessTold);
    socket.send(`original ${type}`, message);
  }

  /** One after the other, so that indexes and voices stay in order. */
  function translate(index: number, text: string): void {
    if (waiting >= MOST_WAITING) {
      record.event({ kind: 'dropped', what: 'speech-translations', count: 1 });
      return;
    }
    waiting += 1;
    translating = translating.then(async () => {
      let translation = '';
      try {
        if (text.trim() !== '') translation = await translated(text);
      } catch (error) {
        if (!aborting.signal.aborted) fail(failureOf(error, 'llm', translator.id));
      } finally {
        waiting -= 1;
      }
      if (aborting.signal.aborted) return;
      const note = `translated by ${translator.id}${translator.isEmbedded ? ' (embedded)' : ''}`;
      const extra = translator.isEmbedded && translation !== '' && settings.speech.isEmbeddedNamed ? { engine: translator.id } : {};
      if (version === 2) socket.send('translation', combinedMessage({ type: 2, index, text, translation }, isSuccessTold, extra), note);
      else if (translation !== '') socket.send('translation', translationMessage({ index, translation }, isSuccessTold, extra), note);
      if (isTtsOn && translation !== '') out.say(translation);
    });
  }

  async function translated(text: string): Promise<string> {
    const scope = scopeOf(clock, aborting.signal, 'llm', translator.id);
    let whole = '';
    for await (const piece of translator.translate({ text, source: init.source, target: init.target }, scope)) whole += piece;
    return whole.trim();
  }

  return {
    audio(bytes: Uint8Array): void {
      record.audio('uplink', bytes);
      if (!pace.heard(bytes.length / 32)) return;
      slices.write(input.push(bytes));
    },
    text(text: string): void {
      const controls = readControls(text);
      record.message('up', controls.map(({ kind }) => kind).join(' ') || 'text', text, { isUnknown: controls.length === 0 });
      for (const control of controls) {
        if (control.kind === 'ping') socket.send('pong', { pong: control.value });
        else {
          isTtsOn = control.isOn;
          if (!isTtsOn) out.silence();
        }
      }
    },
    close(): void {
      pace.close();
      slices.close();
      out.silence();
      aborting.abort();
      deps.leave();
      tally.open -= 1;
    },
  };
}
