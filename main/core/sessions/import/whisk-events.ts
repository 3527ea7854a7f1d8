import type { PipelineEvent, TurnInitiator, TurnOutcome } from '../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import type { WhiskFile, WhiskFrame, WhiskRecord } from './whisk-records.ts';

/** An event's JSON has a limit (store/row-check.ts), and what is JSON already grows by half and more within JSON. */
const MOST_CHARACTERS = 2_000_000;

/**
 * Pipecat's frames as our events, as far as a frame says what an event says (docs/exports.md has the table); every record is there besides
 * as it came, as a message. What Whisker does not write stays unknown: sound, the instant a reply was heard, what an engine was asked.
 * Times are from the file's snapshot on.
 */
export function* whiskEvents({ snapshot, records }: WhiskFile): Generator<PipelineEvent> {
  const clock = createClock(snapshot.timestamp);
  const workers = new Map<string, WorkerStory>();
  const processors = new Map(snapshot.workers.map((one) => [one.worker_id, one.topology.processors]));
  for (const record of records) {
    const atUs = clock(record.timestamp);
    yield raw(record, atUs);
    if (record.type === 'worker_added') processors.set(record.worker_id, record.topology.processors);
    if (record.type !== 'frame') continue;
    let story = workers.get(record.worker_id);
    if (story === undefined) {
      story = new WorkerStory(record.worker_id);
      workers.set(record.worker_id, story);
      yield story.opened(atUs, snapshot.server, processors.get(record.worker_id) ?? []);
    }
    yield* story.frame(record, atUs);
  }
  const endUs = clock(records.at(-1)?.timestamp ?? snapshot.timestamp);
  for (const story of workers.values()) yield* story.closed(endUs, 'end of file');
}

/** Wall time may be set back; an order of things is what the file has. */
function createClock(startSeconds: number): (seconds: number) => MonoUs {
  let lastUs = 0;
  return (seconds) => {
    const us = Math.round((seconds - startSeconds) * 1e6);
    if (Number.isSafeInteger(us)) lastUs = Math.max(lastUs, us);
    return lastUs as MonoUs;
  };
}

function raw(record: WhiskRecord, atUs: MonoUs): PipelineEvent {
  const { type: _type, timestamp: _timestamp, ...rest } = record;
  const isFrame = 'from' in record;
  const text = JSON.stringify(isFrame ? record.payload : 'data' in record ? record.data : rest) ?? '';
  return {
    kind: 'wire.message',
    atUs,
    gateway: 'pipecat',
    channel: 'websocket',
    direction: isFrame && record.direction === 'upstream' ? 'up' : 'down',
    name: isFrame ? `${record.name} ${record.action} ${record.from}` : record.type === 'bus_message' ? record.message_type : record.type,
    text: text.slice(0, MOST_CHARACTERS),
    ...(text.length > MOST_CHARACTERS ? { note: `cut: ${text.length} characters` } : {}),
    ...('from' in record ? { conversationId: conversationOf(record.worker_id) } : {}),
    ...(record.type === 'unknown' ? { isUnknown: true } : {}),
  };
}

function conversationOf(workerId: string): string {
  return `pipecat-${workerId}`;
}

type Turn = {
  turnId: number;
  reply: string;
  spoken: string[];
  sentences: number;
  hasToken: boolean;
  isSpeaking: boolean;
  userText: string;
};

/** One worker's frames as one conversation: a pipeline between one user and one agent. */
class WorkerStory {
  readonly #base: { conversationId: string };
  readonly #deviceName: string;
  /** A frame goes through many hands and is told of by each: the first is where it was made. */
  readonly #seen = new Set<string>();
  #turns = 0;
  #turn: Turn | null = null;
  #heard = '';
  #decidedUs: MonoUs | null = null;
  #isClosed = false;

  constructor(workerId: string) {
    this.#base = { conversationId: conversationOf(workerId) };
    this.#deviceName = workerId;
  }

  opened(atUs: MonoUs, server: Record<string, string>, processors: readonly { name: string; type: string }[]): PipelineEvent {
    const engine = (kind: string) => processors.find(({ type }) => type.includes(kind))?.type ?? '';
    // Whisker does not say what sound there was; none is recorded.
    const unknown = { codec: 'pcm' as const, sampleRate: 16_000, frameMs: 20 };
    return {
      kind: 'conversation.opened',
      atUs,
      ...this.#base,
      gateway: 'pipecat',
      productId: '',
      deviceName: this.#deviceName,
      language: '',
      uplink: unknown,
      downlink: unknown,
      query: {},
      engines: { vad: engine('VAD'), stt: engine('STT'), llm: engine('LLM'), tts: engine('TTS') },
      settings: { imported: 'pipecat-whisker', server, processors: processors.map(({ name }) => name) },
    };
  }

  *closed(atUs: MonoUs, reason: string): Generator<PipelineEvent> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    yield* this.#endTurn(atUs, this.#turn?.isSpeaking === true ? 'interrupted' : 'unanswered');
    yield { kind: 'conversation.closed', atUs, ...this.#base, reason };
  }

  *frame({ name, from, payload }: WhiskFrame, atUs: MonoUs): Generator<PipelineEvent> {
    if (this.#seen.has(name) || this.#isClosed) return;
    this.#seen.add(name);
    const kind = name.replace(/#.*$/s, '');
    const facts = fieldsOf(payload);
    const text = textOf(facts.text);
    const at = { atUs, ...this.#base };
    switch (kind) {
      case 'VADUserStartedSpeakingFrame': {
        // The VAD says how much speech it needed to be sure.
        const startUs = back(atUs, facts.start_secs);
        yield { kind: 'user.speech-started', ...at, atUs: startUs, mediaUs: startUs };
        return;
      }
      case 'VADUserStoppedSpeakingFrame': {
        // Without the silence that it waited for, nobody knows when the user fell silent.
        if (typeof facts.stop_secs !== 'number') return;
        const endUs = back(atUs, facts.stop_secs);
        yield { kind: 'user.speech-ended', ...at, atUs: endUs, declaredUs: atUs, mediaUs: endUs };
        return;
      }
      case 'UserStoppedSpeakingFrame':
        this.#decidedUs = atUs;
        return;
      case 'InterimTranscriptionFrame':
        yield { kind: 'stt.partial', ...at, text };
        return;
      case 'TranscriptionFrame':
        this.#heard = joined(this.#heard, text);
        yield { kind: 'stt.final', ...at, text, engine: from, ...(typeof facts.language === 'string' ? { language: facts.language } : {}) };
        return;
      case 'LLMFullResponseStartFrame':
        if (this.#turn === null || this.#turn.isSpeaking || this.#heard !== '') yield* this.#startTurn(atUs);
        yield { kind: 'llm.request', ...at, ...this.#turnId(), engine: from, model: '', step: 1 };
        return;
      case 'LLMTextFrame':
        if (this.#turn === null) return;
        if (!this.#turn.hasToken) {
          this.#turn.hasToken = true;
          yield { kind: 'llm.first-token', ...at, ...this.#turnId() };
          yield { kind: 'llm.first-answer', ...at, ...this.#turnId() };
        }
        this.#turn.reply += text;
        yield { kind: 'llm.text', ...at, ...this.#turnId(), text };
        return;
      case 'LLMFullResponseEndFrame':
        if (this.#turn !== null) yield { kind: 'llm.done', ...at, ...this.#turnId(), finish: 'stop' };
        return;
      case 'FunctionCallInProgressFrame':
        if (this.#turn !== null)
          yield {
            kind: 'tool.call',
            ...at,
            ...this.#turnId(),
            callId: textOf(facts.tool_call_id),
            name: textOf(facts.function_name),
            arguments: facts.arguments ?? null,
          };
        return;
      case 'TTSStartedFrame':
        if (this.#turn === null) yield* this.#startTurn(atUs);
        yield { kind: 'tts.request', ...at, ...this.#turnId(), engine: from, voice: '', sentence: this.#nextSentence(), text: '' };
        return;
      case 'TTSTextFrame':
        this.#turn?.spoken.push(text);
        return;
      case 'BotStartedSpeakingFrame':
        if (this.#turn === null) yield* this.#startTurn(atUs);
        if (this.#turn !== null) this.#turn.isSpeaking = true;
        yield { kind: 'downlink.first-frame', ...at, ...this.#turnId() };
        return;
      case 'BotStoppedSpeakingFrame':
        if (this.#turn?.isSpeaking !== true) return;
        yield { kind: 'downlink.last-frame', ...at, ...this.#turnId() };
        yield* this.#endTurn(atUs, 'completed');
        return;
      case 'InterruptionFrame':
      case 'StartInterruptionFrame':
        if (this.#turn?.isSpeaking !== true) return;
        yield { kind: 'interruption.decided', ...at, ...this.#turnId(), reason: kind };
        yield* this.#endTurn(atUs, 'interrupted');
        return;
      case 'ErrorFrame':
        yield {
          kind: 'engine.error',
          ...at,
          stage: 'transport',
          error: { code: 'engine/failed', data: { stage: 'transport', engine: from, reason: textOf(facts.error) }, retryable: false },
        };
        return;
      case 'EndFrame':
      case 'CancelFrame':
        yield* this.closed(atUs, kind);
        return;
      default: // has no event of ours
    }
  }

  #turnId(): { turnId: number } {
    return { turnId: this.#turn?.turnId ?? this.#turns };
  }

  #nextSentence(): number {
    if (this.#turn === null) return 0;
    return this.#turn.sentences++;
  }

  *#startTurn(atUs: MonoUs): Generator<PipelineEvent> {
    yield* this.#endTurn(atUs, this.#turn?.isSpeaking === true ? 'completed' : 'unanswered');
    const userText = this.#heard;
    const initiator: TurnInitiator = userText !== '' ? 'user-speech' : this.#turns === 0 ? 'greeting' : 'injected';
    this.#turn = { turnId: ++this.#turns, reply: '', spoken: [], sentences: 0, hasToken: false, isSpeaking: false, userText };
    this.#heard = '';
    const at = { atUs, ...this.#base, ...this.#turnId() };
    yield { kind: 'turn.started', ...at, initiator };
    // Pipecat's own word for the end of the user's turn.
    if (userText !== '') yield { kind: 'turn.committed', ...at, atUs: this.#decidedUs ?? atUs, reason: 'pipecat', text: userText };
    this.#decidedUs = null;
  }

  *#endTurn(atUs: MonoUs, outcome: TurnOutcome): Generator<PipelineEvent> {
    if (this.#turn === null) return;
    const { reply, spoken, userText } = this.#turn;
    const replyText = reply === '' ? spoken.join(' ') : reply;
    const turn = this.#turnId();
    this.#turn = null;
    yield {
      kind: 'turn.ended',
      atUs,
      ...this.#base,
      ...turn,
      outcome,
      userText,
      replyText,
      // Of a reply that was cut, the words whose sound had been sent.
      heardText: outcome === 'completed' ? replyText : spoken.join(' '),
    };
  }
}

function fieldsOf(payload: unknown): Record<string, unknown> {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? (payload as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function back(atUs: MonoUs, seconds: unknown): MonoUs {
  const us = typeof seconds === 'number' && seconds > 0 && seconds < 60 ? Math.round(seconds * 1e6) : 0;
  return Math.max(0, atUs - us) as MonoUs;
}

/** Chinese has no spaces between its sentences. */
function joined(before: string, text: string): string {
  if (before === '' || text === '') return before + text;
  return /\p{Script=Han}$/u.test(before.replace(/\p{P}+$/u, '')) ? before + text : `${before} ${text}`;
}
