import type { StageName, TurnInitiator, TurnOutcome, TurnStateName } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { History } from '../agent/history.ts';
import type { Pacer } from '../audio/pacer.ts';
import type { Chunk } from './aggregate.ts';
import { type InterruptionPolicy, mayInterrupt } from './interruption.ts';
import type { ListeningHost } from './listening.ts';
import { SpeakerInstant } from './playout.ts';
import type { ReplySource } from './reply.ts';
import { asTalkError } from './stage.ts';
import type { Telling } from './telling.ts';
import { Turn } from './turn.ts';

export interface ControllerDeps {
  clock: Clock;
  telling: Telling;
  pacer: Pacer;
  history: History;
  policy: InterruptionPolicy;
  endpointReason: string;
  /** From the socket to the speaker where the board does not say, µs. */
  deviceDelayUs: number;
  /** Makes the reply; resolves when all of it is queued and never rejects. */
  reply(turn: Turn, source: ReplySource): Promise<void>;
  /** The reply that was spoken into is over. */
  onReplyEnded(): void;
  /** Half duplex: whether to listen. */
  onDeaf(isDeaf: boolean): void;
}

const isQuiet = (text: string) => text.trim() === '';

/**
 * The one writer of the conversation's state: idle → listening → user-speaking → committing → thinking → speaking ⇄ paused
 * → listening. Interruption is an edge, not a state: `interrupt` is a direct call that has silenced the reply when it
 * returns (reference/voice.md §3.2).
 */
export class TurnController implements ListeningHost {
  readonly #deps: ControllerDeps;
  readonly #tasks = new Set<Promise<void>>();
  #state: TurnStateName = 'idle';
  #epoch = 0;
  #lastTurnId = 0;
  /** The user's turn that is being spoken or recognised. */
  #userTurn: Turn | undefined;
  #userParts: string[] = [];
  #hasFailedPart = false;
  /** The turn whose reply is being made or played. */
  #replying: Turn | undefined;
  #isHeld = false;
  #audible: SpeakerInstant | undefined;
  #silent: SpeakerInstant | undefined;
  #firstFrame: { playUs: number } | undefined;
  #leadUs: number | undefined;
  #firstAudibleUs: number | undefined;
  #cancelPlayEnd: (() => void) | undefined;
  #isClosed = false;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  get state(): TurnStateName {
    return this.#state;
  }

  /** Resolves when every reply that was started has ended. */
  async drained(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  open(greeting: string): void {
    // Whoever had something to say in the same moment has said it.
    if (this.#isClosed || this.#lastTurnId > 0) return;
    if (greeting === '') this.#setState('listening');
    else this.#startOwn('greeting', greeting);
  }

  /** Text past speech recognition: a new turn, in place of whatever is going on. */
  text(text: string, initiator: 'user-text' | 'injected', isSpoken: boolean): void {
    if (this.#isClosed || isQuiet(text)) return;
    this.#supersede('text');
    const turn = this.#begin(initiator);
    turn.isSpoken = isSpoken;
    this.#commit(turn, text.trim(), initiator);
  }

  say(text: string): void {
    if (this.#isClosed || isQuiet(text)) return;
    this.#supersede('say');
    this.#startOwn('injected', text.trim());
  }

  /** Silences the reply: when this returns no frame and no message of it will be sent. */
  interrupt(reason: string, onsetUs: number = this.#deps.clock.nowUs()): void {
    const turn = this.#replying;
    if (!turn) return;
    this.#silence(turn, reason, onsetUs);
    this.#end(turn, turn.isAudible || turn.initiator === 'greeting' ? 'interrupted' : 'unanswered');
    this.#setState('listening');
    this.#deps.onReplyEnded();
  }

  playout(report: { kind: 'audible' | 'silent'; atUs: number; source: 'device' | 'echo' }): void {
    // What was heard before this reply's first frame was an earlier reply.
    if (report.kind === 'audible' && report.atUs >= (this.#firstFrame?.playUs ?? Number.POSITIVE_INFINITY)) {
      this.#audible?.report(report.atUs, report.source);
    } else if (report.kind === 'silent') this.#silent?.report(report.atUs, report.source);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#supersede('closed');
    this.#silent?.conclude(Number.POSITIVE_INFINITY);
    this.#deps.pacer.flush(++this.#epoch);
    this.#setState('idle');
  }

  // What listening asks and tells.

  isReplying(): boolean {
    return this.#replying !== undefined;
  }

  mayInterrupt(): boolean {
    return mayInterrupt(this.#deps.policy, this.#deps.clock.nowUs(), this.#firstAudibleUs);
  }

  userTurnId(): number {
    return this.#userTurn?.id ?? this.#lastTurnId + 1;
  }

  beginUserTurn(turnId: number): void {
    const { telling } = this.#deps;
    if (!this.#userTurn) {
      this.#lastTurnId = Math.max(this.#lastTurnId, turnId - 1);
      this.#userTurn = this.#begin('user-speech');
      this.#userParts = [];
      this.#hasFailedPart = false;
    }
    telling.message({ kind: 'user-started-speaking' });
    this.#setState('user-speaking');
  }

  speechEnded(endUs: number): void {
    if (!this.#userTurn) return;
    this.#userTurn.instants.speechEndUs = endUs;
    this.#deps.telling.message({ kind: 'user-stopped-speaking' });
    this.#setState('committing');
  }

  recognised({ text, isFailed, isComplete }: { text: string; isFailed: boolean; isComplete: boolean }): void {
    const turn = this.#userTurn;
    if (!turn) return;
    turn.instants.finalUs = this.#deps.clock.nowUs();
    if (isFailed) this.#hasFailedPart = true;
    if (!isQuiet(text)) this.#userParts.push(text);
    if (!isComplete) return;
    this.#userTurn = undefined;
    const said = this.#userParts.join(/\p{Script=Han}/u.test(this.#userParts.join('')) ? '' : ' ');
    if (said === '') {
      this.#end(turn, this.#hasFailedPart ? 'failed' : 'no-reply');
      this.#setState('listening');
    } else this.#commit(turn, said, this.#deps.endpointReason);
  }

  hold(onsetUs: number): void {
    const turn = this.#replying;
    if (!turn) return;
    this.#deps.pacer.pause();
    this.#isHeld = true;
    turn.instants.interruptionOnsetUs = onsetUs;
    this.#deps.telling.event({ kind: 'interruption.onset', turnId: turn.id }, onsetUs);
    if (this.#state === 'speaking') this.#setState('paused');
  }

  release(reason: string): void {
    const turn = this.#replying;
    if (!turn || !this.#isHeld) return;
    this.#isHeld = false;
    this.#deps.telling.event({ kind: 'interruption.false', turnId: turn.id, resumed: true, reason });
    if (this.#state === 'paused') this.#setState('speaking');
    this.#deps.pacer.resume();
  }

  // What the reply tells.

  /** A sentence's first frame is handed over next. */
  sentenceStarted(turn: Turn, chunk: Chunk, playUs: MonoUs): void {
    if (turn !== this.#replying) return;
    const { telling, clock } = this.#deps;
    if (!turn.isAudible) {
      turn.isAudible = true;
      turn.told.speaking = true;
      this.#firstAudibleUs ??= clock.nowUs();
      this.#firstFrame = { playUs };
      telling.event({ kind: 'downlink.first-frame', turnId: turn.id });
      this.#setState('speaking');
      telling.message({ kind: 'bot-started-speaking' });
      this.#expectAudible();
    } else telling.message({ kind: 'bot-sentence', text: chunk.spoken });
    telling.event({ kind: 'downlink.sentence-started', turnId: turn.id, sentence: chunk.sentence, text: chunk.spoken });
  }

  leadKnown(turn: Turn, leadUs: number): void {
    if (turn !== this.#replying) return;
    this.#leadUs = leadUs;
    this.#expectAudible();
  }

  underrun(gapUs: number): void {
    const turn = this.#replying;
    if (!turn) return;
    turn.underruns += 1;
    this.#deps.telling.event({ kind: 'downlink.underrun', turnId: turn.id, gapUs: Math.round(gapUs) });
  }

  /** An engine failed: told at once, and the turn ends as failed when what was queued has played. */
  failed(turn: Turn, stage: StageName, error: unknown): void {
    const { value } = asTalkError(error, stage, stage);
    turn.failed = true;
    this.#deps.telling.event({ kind: 'engine.error', stage, turnId: turn.id, error: value });
    this.#deps.telling.message({ kind: 'error', error: value });
  }

  #setState(state: TurnStateName): void {
    if (state === this.#state) return;
    this.#state = state;
    const turnId = (this.#replying ?? this.#userTurn)?.id;
    this.#deps.telling.event({ kind: 'turn.state', state, ...(turnId !== undefined && { turnId }) });
    if (this.#deps.policy.isHalfDuplex) this.#deps.onDeaf(this.#replying !== undefined);
  }

  #begin(initiator: TurnInitiator): Turn {
    this.#lastTurnId += 1;
    const turn = new Turn(this.#lastTurnId, initiator);
    this.#deps.telling.event({ kind: 'turn.started', turnId: turn.id, initiator });
    return turn;
  }

  /** Ends what is going on, in favour of something that does not come from the microphone. */
  #supersede(reason: string): void {
    this.interrupt(reason);
    const turn = this.#userTurn;
    this.#userTurn = undefined;
    if (turn) this.#end(turn, 'unanswered');
  }

  #startOwn(initiator: 'greeting' | 'injected', text: string): void {
    const turn = this.#begin(initiator);
    turn.round = this.#deps.history.begin('');
    this.#adopt(turn);
    this.#startReply(turn, { kind: 'text', text });
  }

  #commit(turn: Turn, text: string, reason: string): void {
    const { telling, history } = this.#deps;
    turn.userText = text;
    turn.round = history.begin(text);
    // From here an interruption has something to interrupt, also one from within these calls.
    this.#adopt(turn);
    telling.event({ kind: 'turn.committed', turnId: turn.id, reason, text });
    telling.message({ kind: 'user-turn', text });
    if (turn === this.#replying) this.#startReply(turn, { kind: 'model' });
  }

  /** Makes the turn the one whose reply may be heard. */
  #adopt(turn: Turn): void {
    const { pacer, clock, telling } = this.#deps;
    turn.epoch = ++this.#epoch;
    pacer.flush(turn.epoch);
    this.#replying = turn;
    this.#isHeld = false;
    this.#firstFrame = undefined;
    this.#leadUs = undefined;
    this.#audible = new SpeakerInstant(clock, (atUs, source) => telling.event({ kind: 'downlink.audible', turnId: turn.id, source }, atUs));
  }

  #startReply(turn: Turn, source: ReplySource): void {
    const { pacer, reply } = this.#deps;
    this.#setState('thinking');
    const task = reply(turn, source).then(() => pacer.mark(turn.epoch, (playEndUs) => this.#handedOver(turn, playEndUs)));
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
  }

  /** The whole reply was handed over and plays until `playEndUs`, plus the board's own delay. */
  #handedOver(turn: Turn, playEndUs: number): void {
    if (turn !== this.#replying) return;
    const { clock, telling, pacer, deviceDelayUs } = this.#deps;
    if (!turn.isAudible) {
      this.#finish(turn);
      return;
    }
    telling.event({ kind: 'downlink.last-frame', turnId: turn.id }, pacer.lastSentUs);
    const endUs = Math.ceil(playEndUs + deviceDelayUs) as MonoUs;
    this.#cancelPlayEnd = clock.at(endUs, () => {
      if (turn !== this.#replying) return;
      telling.event({ kind: 'downlink.play-ended', turnId: turn.id });
      this.#finish(turn);
    });
  }

  #finish(turn: Turn): void {
    this.#replying = undefined;
    this.#audible?.conclude(this.#deps.clock.nowUs());
    this.#tellStopped(turn, false);
    if (turn.failed && turn.isSpoken) {
      // What the failed engine left out was not heard.
      turn.heardText = turn.ledger.heardText(Number.POSITIVE_INFINITY);
      turn.round?.cutTo(turn.heardText);
    }
    const hasReply = turn.isAudible || (!turn.isSpoken && turn.ledger.replyText !== '');
    this.#end(turn, turn.failed ? 'failed' : hasReply ? 'completed' : 'no-reply');
    this.#setState('listening');
    this.#deps.onReplyEnded();
  }

  /** Epoch first, then abort: nothing of the turn can be sent after the first line. */
  #silence(turn: Turn, reason: string, onsetUs: number): void {
    const { clock, telling, pacer, deviceDelayUs } = this.#deps;
    const nowUs = clock.nowUs();
    const heardText = turn.ledger.heardText(pacer.playedUs(nowUs, deviceDelayUs));
    pacer.flush(++this.#epoch);
    this.#replying = undefined;
    this.#isHeld = false;
    this.#cancelPlayEnd?.();
    turn.heardText = turn.isSpoken ? heardText : turn.ledger.replyText;
    if (turn.isSpoken) turn.round?.cutTo(heardText);
    turn.abort.abort(new DOMException(reason, 'AbortError'));
    this.#tellStopped(turn, true);
    if (turn.instants.interruptionOnsetUs === undefined) telling.event({ kind: 'interruption.onset', turnId: turn.id }, onsetUs);
    turn.instants.interruptionOnsetUs = onsetUs;
    turn.instants.interruptionDecidedUs = nowUs;
    telling.event({ kind: 'interruption.decided', turnId: turn.id, reason });
    this.#audible?.conclude(nowUs);
    if (!turn.isAudible) return;
    telling.event({ kind: 'interruption.server-stopped', turnId: turn.id }, Math.max(onsetUs, pacer.lastSentUs));
    this.#silent?.conclude(Number.POSITIVE_INFINITY);
    const silent = new SpeakerInstant(clock, (atUs, source) =>
      telling.event({ kind: 'interruption.silent', turnId: turn.id, source }, atUs),
    );
    this.#silent = silent;
    // What was handed over still plays.
    silent.expect(Math.max(onsetUs, pacer.playEndUs + deviceDelayUs));
  }

  #tellStopped(turn: Turn, wasInterrupted: boolean): void {
    const { telling } = this.#deps;
    const { told } = turn;
    if (told.thinking) telling.message({ kind: 'bot-thinking-stopped' });
    if (told.speaking) telling.message({ kind: 'bot-stopped-speaking', wasInterrupted });
    if (told.voice) telling.message({ kind: 'bot-voice-stopped' });
    Object.assign(told, { thinking: false, speaking: false, voice: false });
  }

  #end(turn: Turn, outcome: TurnOutcome): void {
    const { telling } = this.#deps;
    const { replyText } = turn.ledger;
    turn.abort.abort();
    const heardText = turn.heardText ?? (turn.isAudible || !turn.isSpoken ? replyText : '');
    telling.event({ kind: 'turn.ended', turnId: turn.id, outcome, userText: turn.userText, replyText, heardText });
    const metrics = turn.productMetrics();
    if (Object.keys(metrics).length > 0) telling.message({ kind: 'metrics', metrics });
  }

  #expectAudible(): void {
    if (!this.#firstFrame || this.#leadUs === undefined) return;
    this.#audible?.expect(this.#firstFrame.playUs + this.#deps.deviceDelayUs + this.#leadUs);
  }
}
