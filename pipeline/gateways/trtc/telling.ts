import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { TaskCallbacks } from './callbacks.ts';
import { errorMessage, metricMessage, type RobotMessage, type robotStates, stateMessage, subtitleMessage } from './room-messages.ts';
import { type Round, Rounds } from './rounds.ts';

export interface TellingDeps {
  robot: string;
  user: string;
  /** 0: subtitles as soon as they are known, each with all before it · 1: sentence by sentence, with their sound. */
  subtitleMode: 0 | 1;
  startedUs: number;
  wallMs: () => number;
  say: (message: RobotMessage) => void;
  callbacks: Pick<TaskCallbacks, 'send'>;
  /** Of a whole sentence; null where nothing is translated. Never rejects. */
  translate: (text: string) => Promise<string> | null;
}

const errorMetrics: Partial<Record<string, string>> = { stt: 'asr_error', llm: 'llm_error', tts: 'tts_error' };

/** Says what happens in a conversation in the words of the room (10000 … 10030) and of the server's callbacks (903 … 908). */
export class TaskTelling {
  readonly #deps: TellingDeps;
  readonly #rounds = new Rounds();
  #state: keyof typeof robotStates | null = null;
  #isClosed = false;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
  }

  close(): void {
    this.#isClosed = true;
  }

  observe(event: PipelineEvent): void {
    if (this.#isClosed) return;
    switch (event.kind) {
      case 'turn.started':
        this.#rounds.of(event.turnId).initiator = event.initiator;
        return;
      case 'turn.state':
        if (event.state === 'listening' || event.state === 'user-speaking') this.#tellState('listening', event.turnId);
        else if (event.state === 'thinking' || event.state === 'speaking') this.#tellState(event.state, event.turnId);
        return;
      case 'turn.ended':
        this.#ended(event);
        return;
      case 'interruption.onset':
        this.#rounds.of(event.turnId).onsetUs = event.atUs;
        return;
      case 'interruption.decided': {
        const { onsetUs = event.atUs } = this.#rounds.of(event.turnId);
        this.#metric('interruption', event.turnId, event.atUs - onsetUs);
        this.#tellState('interrupted', event.turnId);
        return;
      }
      case 'engine.error':
        this.#error(event);
        return;
      default:
        this.#heard(event);
        this.#replied(event);
    }
  }

  /** The user's side. */
  #heard(event: PipelineEvent): void {
    const { user, callbacks } = this.#deps;
    switch (event.kind) {
      case 'user.speech-started': {
        if (event.turnId === undefined) return;
        const round = this.#rounds.of(event.turnId);
        round.speechStartUs = event.atUs;
        callbacks.send('speechStarted', { UserId: user, RoundId: round.id });
        return;
      }
      case 'user.speech-ended':
        if (event.turnId !== undefined) this.#rounds.of(event.turnId).speechEndUs = event.atUs;
        return;
      case 'stt.partial':
      case 'stt.final': {
        if (event.turnId === undefined || event.text === '') return;
        const isFinal = event.kind === 'stt.final';
        if (isFinal && event.isForeignVoice === true) return;
        const round = this.#rounds.of(event.turnId);
        const startUs = round.speechStartUs ?? event.atUs;
        const endUs = isFinal ? (round.speechEndUs ?? event.atUs) : event.atUs;
        if (isFinal && round.speechEndUs !== undefined) this.#metric('asr_latency', event.turnId, event.atUs - round.speechEndUs);
        this.#subtitle(user, event.text, round, { startUs, endUs, isEnd: isFinal });
        if (isFinal) this.#sentence(user, event.text, round, startUs, endUs);
        return;
      }
      default:
    }
  }

  /** The robot's side. */
  #replied(event: PipelineEvent): void {
    const { robot, subtitleMode } = this.#deps;
    if (!('turnId' in event) || event.turnId === undefined) return;
    const round = this.#rounds.of(event.turnId);
    const { turnId, atUs } = event;
    switch (event.kind) {
      case 'turn.preempted':
        // What was answered before the question was certain is not said.
        if (!event.isUsed) round.reply = '';
        return;
      case 'llm.request':
        round.requestUs = atUs;
        return;
      case 'llm.headers':
        this.#metric('llm_network_latency', turnId, since(round.requestUs, atUs));
        return;
      case 'llm.first-token':
        this.#metric('llm_first_token', turnId, since(round.requestUs, atUs));
        return;
      case 'llm.text':
        round.reply += event.text;
        round.replyStartUs ??= atUs;
        if (subtitleMode === 0) this.#subtitle(robot, round.reply, round, { startUs: round.replyStartUs, endUs: atUs, isEnd: false });
        return;
      case 'llm.done':
        if (event.finish === 'stop' || event.finish === 'length') this.#replyEnded(round, round.reply, atUs);
        return;
      case 'tts.request':
        if (event.isFiller !== true) round.ttsRequestUs ??= atUs;
        return;
      case 'tts.headers':
        this.#metric('tts_network_latency', turnId, since(round.ttsRequestUs, atUs));
        return;
      case 'tts.first-audio':
        this.#metric('tts_first_frame_latency', turnId, since(round.ttsRequestUs, atUs));
        return;
      case 'downlink.first-frame':
        round.hasAudio = true;
        return;
      case 'downlink.underrun':
        round.underruns += 1;
        return;
      case 'downlink.sentence-started':
        round.spoken += event.text;
        round.replyStartUs ??= atUs;
        if (subtitleMode === 1) this.#subtitle(robot, event.text, round, { startUs: atUs, endUs: atUs, isEnd: true });
        else if (round.reply === '') this.#subtitle(robot, round.spoken, round, { startUs: round.replyStartUs, endUs: atUs, isEnd: false });
        return;
      default:
    }
  }

  #ended({ turnId, atUs, heardText }: Extract<PipelineEvent, { kind: 'turn.ended' }>): void {
    const { robot, callbacks } = this.#deps;
    const round = this.#rounds.of(turnId);
    this.#replyEnded(round, round.reply === '' ? round.spoken : heardText, atUs);
    if (round.hasAudio) this.#metric('tts_discontinuity', turnId, round.underruns * 1000);
    if (heardText !== '') callbacks.send('speakingFinished', { UserId: robot, RoundId: round.id, Text: heardText });
  }

  /** All of the reply is known: once a round. */
  #replyEnded(round: Round, text: string, atUs: number): void {
    if (round.isReplyEnded || text === '') return;
    round.isReplyEnded = true;
    const { robot, subtitleMode } = this.#deps;
    const startUs = round.replyStartUs ?? atUs;
    if (subtitleMode === 0) this.#subtitle(robot, text, round, { startUs, endUs: atUs, isEnd: true });
    this.#sentence(robot, text, round, startUs, atUs);
  }

  #error(event: Extract<PipelineEvent, { kind: 'engine.error' }>): void {
    const metric = errorMetrics[event.stage];
    const code = event.productCode;
    if (metric === undefined || code === undefined) return;
    const roundId = this.#rounds.idOf(event.turnId);
    // The document: what a third party said is wrapped in the message. Where in the lab it stands is nobody's matter in the room.
    const { address: _, ...said } = event.error.data;
    const message = JSON.stringify({ code: event.error.code, ...said });
    this.#deps.say(errorMessage(this.#deps.robot, { metric, roundId, code, message }));
    this.#deps.callbacks.send('error', { Metric: metric, Tag: { RoundId: roundId, Code: code, Message: message } });
  }

  #tellState(state: keyof typeof robotStates, turnId: number | undefined): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#deps.say(stateMessage(this.#deps.robot, state, this.#rounds.idOf(turnId), this.#deps.wallMs()));
  }

  /** Once a round: the first sentence's request is the one that was waited for. */
  #metric(metric: string, turnId: number, us: number | undefined): void {
    const round = this.#rounds.of(turnId);
    if (us === undefined || round.told.has(metric)) return;
    round.told.add(metric);
    const value = Math.round(us / 1000);
    this.#deps.say(metricMessage(this.#deps.robot, metric, value, round.id));
    this.#deps.callbacks.send('metric', { Metric: metric, Value: value, Tag: { RoundId: round.id } });
  }

  #subtitle(
    sender: string,
    text: string,
    round: Round,
    { startUs, endUs, isEnd }: { startUs: number; endUs: number; isEnd: boolean },
  ): void {
    const { translate, say } = this.#deps;
    const [startS, endS] = [this.#sinceStart(startUs) / 1000, this.#sinceStart(endUs) / 1000];
    const told = (translation: string) => say(subtitleMessage(sender, { text, translation, startS, endS, roundId: round.id, isEnd }));
    // Only what is whole is worth translating; the others say nothing of it.
    const translation = isEnd ? translate(text) : null;
    if (translation === null) told('');
    else void translation.then((translated) => this.#isClosed || told(translated));
  }

  #sentence(userId: string, text: string, round: Round, startUs: number, endUs: number): void {
    const [StartTimeMs, EndTimeMs] = [this.#sinceStart(startUs), this.#sinceStart(endUs)];
    this.#deps.callbacks.send('sentence', { UserId: userId, Text: text, StartTimeMs, EndTimeMs, RoundId: round.id });
  }

  #sinceStart(atUs: number): number {
    return Math.max(0, Math.round((atUs - this.#deps.startedUs) / 1000));
  }
}

function since(fromUs: number | undefined, toUs: number): number | undefined {
  return fromUs === undefined ? undefined : toUs - fromUs;
}
