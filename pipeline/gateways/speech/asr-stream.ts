import { randomUUID } from 'node:crypto';
import { codeOf, messageOf, type SpeechFailure } from '../../speech/failure.ts';
import { listenForSlices } from '../../speech/listener.ts';
import type { GatewayDeps } from '../gateway.ts';
import type { Admission } from './admission.ts';
import type { AsrQuery } from './asr-query.ts';
import { closeCodes, codes } from './codes.ts';
import type { SpeechTally } from './gateway.ts';
import { PaceRule } from './pace.ts';
import { PcmInput } from './pcm-input.ts';
import type { StreamSocket } from './socket.ts';

export interface AsrDeps extends Pick<GatewayDeps, 'clock' | 'settings' | 'engines'> {
  admission: Admission;
  tally: SpeechTally;
}

interface Result {
  type: 0 | 1 | 2;
  index: number;
  text: string;
  startMs: number;
  endMs: number;
}

/**
 * One recognition (seed 003, `/asr/v2/<appid>`): a confirmation, sentences as they are understood, and `final: 1` once the client has said
 * `{"type":"end"}`, which the document leaves out and Tencent's ASR v2 has. `refusal`: what the address or the app id has against it.
 */
export function serveRecognition(
  socket: StreamSocket,
  query: AsrQuery | null,
  refusal: { code: number; message: string } | null,
  deps: AsrDeps,
) {
  const { tally } = deps;
  const refuse = (code: number, message: string): void => {
    tally.refused += 1;
    socket.refuse('error', { code, message }, message);
  };
  if (refusal !== null || query === null) return refuse(refusal?.code ?? codes.badParameters, refusal?.message ?? 'bad address');
  const settings = deps.settings();
  const engines = deps.engines(query.language === 'en' ? 'en' : 'zh', settings);
  if (!engines.stt.languages.includes(query.language))
    return refuse(codes.badParameters, `engine_model_type ${query.model}: the recogniser ${engines.stt.id} has no ${query.language}`);
  const leave = deps.admission.enter(`app id ${query.appId}`);
  if (leave === null) return refuse(codes.tooMany, 'too many at once');
  openStream(socket, query, deps, leave);
}

function openStream(socket: StreamSocket, query: AsrQuery, deps: AsrDeps, leave: () => void): void {
  const { clock, tally } = deps;
  const settings = deps.settings();
  const engines = deps.engines(query.language === 'en' ? 'en' : 'zh', settings);
  const { maxAheadMs, maxGapS, isSuccessTold } = settings.speech;
  const { record } = socket;
  const input = new PcmInput(query.sampleRate);
  let isEnding = false;
  tally.streams += 1;
  tally.open += 1;
  record.opened({
    service: 'asr',
    language: query.language,
    sampleRate: query.sampleRate,
    query: query.raw,
    engines: { vad: query.isCutHere ? engines.vad.id : 'off', stt: engines.stt.id, llm: 'none', tts: 'none' },
    settings: { model: query.model, isCutHere: query.isCutHere },
  });

  const named = query.voiceId === null ? {} : { voice_id: query.voiceId };

  function tell({ type, index, text, startMs, endMs }: Result): void {
    socket.send(`result ${type}`, {
      ...(isSuccessTold && { code: 0, message: '' }),
      ...(query.voiceId !== null && { ...named, message_id: `${query.voiceId}_${randomUUID().slice(0, 8)}` }),
      final: 0,
      result: {
        slice_type: type,
        index,
        voice_text_str: text,
        start_time: startMs,
        end_time: endMs,
        // The engines here do not say where words lie.
        ...(query.isWordListWanted && { word_size: 0, word_list: [] }),
      },
    });
  }

  function fail(failure: SpeechFailure): void {
    const code = codeOf(failure);
    record.failure(failure, code);
    end(code, messageOf(failure), closeCodes.failed);
  }

  /** The document closes with every error. */
  function end(code: number, message: string, close: number = closeCodes.refused): void {
    tally.failed += 1;
    socket.refuse('error', { code, message, ...named }, message, close);
  }

  const pace = new PaceRule({
    clock,
    maxAheadMs,
    maxGapMs: maxGapS * 1000,
    onBroken: (how) =>
      how === 'too-fast' ? end(codes.tooFast, 'audio faster than real time') : end(codes.noAudio, `no audio for ${maxGapS} s`),
  });

  const slices = listenForSlices({
    clock,
    vad: engines.vad,
    stt: engines.stt,
    language: query.language,
    hotWords: [...query.hotWords, ...settings.frontEnd.hotWords],
    detector: {
      threshold: settings.turns.vadThreshold,
      minimumSpeechMs: settings.turns.minimumSpeechMs,
      prerollMs: settings.turns.prerollMs,
      longestMs: query.longestMs ?? settings.turns.longestUtteranceMs,
      silenceMs: query.silenceMs ?? settings.turns.vadSilenceMs,
    },
    isWhole: !query.isCutHere,
    isEmptySkipped: query.isEmptySkipped,
    listener: {
      begun({ index, startMs }) {
        record.event({ kind: 'user.speech-started', mediaUs: startMs * 1000 });
        tell({ type: 0, index, text: '', startMs, endMs: startMs });
      },
      changed({ index, startMs, text }) {
        record.event({ kind: 'stt.partial', text });
        tell({ type: 1, index, text, startMs, endMs: Math.max(startMs, Math.round(heardMs)) });
      },
      ended({ index, startMs, endMs, text }) {
        record.event({ kind: 'stt.final', text, engine: engines.stt.id });
        tell({ type: 2, index, text, startMs, endMs: Math.max(startMs, endMs) });
      },
      failed: fail,
      dropped: (count) => record.event({ kind: 'dropped', what: 'speech-uplink', count }),
    },
  });
  let heardMs = 0;

  socket.handle({
    onAudio(bytes) {
      record.audio('uplink', bytes);
      if (isEnding) return;
      const durationMs = bytes.length / 2 / (query.sampleRate / 1000);
      if (!pace.heard(durationMs)) return;
      heardMs += durationMs;
      slices.write(input.push(bytes));
    },
    onText(text) {
      const isEnd = isEndMessage(text);
      record.message('up', isEnd ? 'end' : 'text', text, { isUnknown: !isEnd });
      if (isEnd && !isEnding) void finish();
    },
    onEnd() {
      pace.close();
      slices.close();
      leave();
      tally.open -= 1;
    },
  });

  async function finish(): Promise<void> {
    isEnding = true;
    pace.close();
    slices.write(input.flush());
    await slices.finish();
    socket.send('final', { code: 0, message: '', ...named, final: 1 });
    socket.close('all recognised', closeCodes.normal);
  }

  const notes = query.notes.length === 0 ? undefined : query.notes.join('; ');
  socket.send('handshake', { code: 0, message: 'success', ...named }, notes);
}

function isEndMessage(text: string): boolean {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type === 'end';
  } catch {
    return false;
  }
}
