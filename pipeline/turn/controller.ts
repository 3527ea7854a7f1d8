import type { StageName, TurnInitiator, TurnOutcome, TurnStateName } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { Agent } from '../agent/agent.ts';
import type { Round } from '../agent/history.ts';
import type { Pacer } from '../audio/pacer.ts';
import type { LlmImage } from '../engines/llm/engine.ts';
import type { Chunk } from './aggregate.ts';
import { tellEnd } from './endings.ts';
import { tellFailure } from './failures.ts';
import type { HalfDuplex } from './half-duplex.ts';
import type { IdleDetection } from './idle.ts';
import { WaitingImages } from './images.ts';
import { interruptionPolicy, mayInterrupt } from './interruption.ts';
import type { ListeningHost, RecognisedPart, ReplyPhase } from './listening.ts';
import type { LiveConfiguration } from './live.ts';
import { OnAir } from './on-air.ts';
import type { Preemption } from './preempt.ts';
import type { ReplySource } from './reply.ts';
import { asTalkError } from './stage.ts';
import type { Telling } from './telling.ts';
import { Turn } from './turn.ts';
import { UserTurn } from './user-turn.ts';

const LEAST_COMPLETENESS = 0.5;

export interface ControllerDeps {
  clock: Clock;
  telling: Telling;
  pacer: Pacer;
  agent: Pick<Agent, 'begin' | 'roundEnded'>;
  configuration: LiveConfiguration;
  /** From the socket to the speaker where the board does not say, µs. */
  deviceDelayUs: number;
  /** Makes the reply; resolves when all of it is queued and never rejects. */
  reply(turn: Turn, round: Round, source: ReplySource): Promise<void>;
  /** For answers begun before the user's words are certain. */
  preempt(turn: Turn): Preemption;
  /** The reply that was spoken into is over. */
  onReplyEnded(): void;
  idle: IdleDetection;
  halfDuplex: HalfDuplex;
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
  readonly #idle: IdleDetection;
  readonly #onAir: OnAir;
  #state: TurnStateName = 'idle';
  #lastTurnId = 0;
  /** The user's turn that is being spoken or recognised. */
  #userTurn: UserTurn | undefined;
  readonly #images = new WaitingImages();
  /** To be said when nobody speaks. */
  readonly #due: string[] = [];
  #isClosed = false;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#onAir = new OnAir({ ...deps, onSpeaking: () => this.#setState('speaking'), onPlayed: (turn) => this.#played(turn) });
    this.#idle = deps.idle;
  }

  get state(): TurnStateName {
    return this.#state;
  }

  /** The turn whose reply is being made or played. */
  get #replying(): Turn | undefined {
    return this.#onAir.turn;
  }

  /** Resolves when every reply that was started has ended. */
  async drained(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  open(greeting: string): void {
    if (this.#isClosed) return;
    this.#idle.resume('closed');
    // Whoever had something to say in the same moment has said it.
    if (this.#lastTurnId > 0) return;
    if (greeting === '') this.#setState('listening');
    else this.#startOwn('greeting', greeting);
  }

  /** Text past speech recognition: a new turn, in place of whatever is going on. */
  text(text: string, initiator: 'user-text' | 'injected', isSpoken: boolean): void {
    if (this.#isClosed || isQuiet(text)) return;
    this.#supersede('text');
    if (this.#isClosed) return;
    this.#idle.heard();
    const turn = this.#begin(initiator);
    turn.isSpoken = isSpoken;
    this.#commit(turn, text.trim(), initiator);
  }

  say(text: string): void {
    if (this.#isClosed || isQuiet(text)) return;
    this.#supersede('say');
    this.#startOwn('injected', text.trim());
  }

  /** Says something because nobody else does. */
  remind(text: string): void {
    this.#startOwn('idle', text);
  }

  /** Says it when nobody speaks and nobody is to be answered, after whatever goes on now. */
  sayWhenQuiet(text: string): void {
    if (this.#isClosed || isQuiet(text)) return;
    this.#due.push(text.trim());
    this.#sayDue();
  }

  /** Silences the reply: when this returns no frame and no message of it will be sent. */
  interrupt(reason: string, onsetUs: number = this.#deps.clock.nowUs()): void {
    const turn = this.#replying;
    if (!turn) return;
    this.#onAir.silence(turn, reason, onsetUs);
    this.#end(turn, turn.isAnswered || turn.initiator === 'greeting' ? 'interrupted' : 'unanswered');
    this.#rest();
  }

  /** An image for the user's next turn. Throws TalkError 'too-large'. */
  image(image: LlmImage): void {
    if (!this.#isClosed) this.#images.add(image);
  }

  playout(report: { kind: 'audible' | 'silent'; atUs: number; source: 'device' | 'echo' }): void {
    this.#onAir.report(report);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#idle.suspend('closed');
    this.#supersede('closed');
    this.#onAir.close();
    this.#setState('idle');
  }

  // What listening asks and tells.

  isReplying(): boolean {
    return this.#replying !== undefined;
  }

  /** Nobody speaks, and nobody is going to be answered. */
  isBetweenTurns(): boolean {
    return this.#replying === undefined && this.#userTurn === undefined;
  }

  phase(): ReplyPhase | undefined {
    if (!this.#replying) return undefined;
    return this.#replying.isAudible ? 'speaking' : 'thinking';
  }

  mayInterrupt(): boolean {
    return mayInterrupt(this.#policy(), {
      nowUs: this.#deps.clock.nowUs(),
      firstAudibleUs: this.#onAir.firstAudibleUs,
      isGreeting: this.#replying?.initiator === 'greeting',
    });
  }

  mayBeComplete(text: string, completeness: number): void {
    const turn = this.#userTurn?.turn;
    // What sounds unfinished will be: an answer to it would only cost one of the turn's tries.
    if (completeness < LEAST_COMPLETENESS) return;
    if (!turn?.configuration.settings.turns.isPreemptive || this.#replying) return;
    turn.preemption ??= this.#deps.preempt(turn);
    turn.preemption.consider(text, this.#images.all);
  }

  userTurnId(): number {
    return this.#userTurn?.turn.id ?? this.#lastTurnId + 1;
  }

  beginUserTurn(turnId: number): void {
    const { telling } = this.#deps;
    if (!this.#userTurn) {
      this.#lastTurnId = Math.max(this.#lastTurnId, turnId - 1);
      this.#idle.heard();
      this.#userTurn = new UserTurn(this.#begin('user-speech'));
    }
    telling.message({ kind: 'user-started-speaking' });
    this.#setState('user-speaking');
  }

  speechEnded(endUs: number): void {
    if (!this.#userTurn) return;
    this.#userTurn.turn.instants.speechEndUs = endUs;
    this.#deps.telling.message({ kind: 'user-stopped-speaking' });
    this.#setState('committing');
  }

  recognised({ text, isFailed, isComplete, reason }: RecognisedPart): void {
    const userTurn = this.#userTurn;
    if (!userTurn) return;
    const { turn } = userTurn;
    // A timeout is no latency of a transcript (pipecat #3822).
    if (!isFailed) turn.instants.finalUs = this.#deps.clock.nowUs();
    userTurn.add(text, isFailed);
    if (isComplete) this.endpoint(reason);
  }

  endpoint(reason: string): void {
    const userTurn = this.#userTurn;
    if (!userTurn) return;
    const { turn } = userTurn;
    this.#userTurn = undefined;
    if (userTurn.text === '') {
      this.#end(turn, userTurn.emptyOutcome);
      if (this.isBetweenTurns()) this.#setState('listening');
      this.#sayDue();
      return;
    }
    // Something else may have begun within the call that interrupted for this turn.
    while (this.#replying) this.interrupt('user-turn');
    if (this.#isClosed) this.#end(turn, 'unanswered');
    else this.#commit(turn, userTurn.text, reason);
  }

  hold(onsetUs: number): void {
    if (this.#onAir.hold(onsetUs) && this.#state === 'speaking') this.#setState('paused');
  }

  release(reason: string): void {
    if (this.#onAir.release(reason) && this.#state === 'paused') this.#setState('speaking');
  }

  // What the reply tells.

  sentenceStarted(turn: Turn, chunk: Chunk, playUs: MonoUs): void {
    this.#onAir.sentenceStarted(turn, chunk, playUs);
  }

  leadKnown(turn: Turn, leadUs: number): void {
    this.#onAir.leadKnown(turn, leadUs);
  }

  underrun(gapUs: number): void {
    this.#onAir.underrun(gapUs);
  }

  /** An engine failed for good: told at once, and the turn ends as failed when what was queued has played. */
  failed(turn: Turn, stage: StageName, error: unknown): void {
    turn.failed = true;
    const requestId = turn.failedRequests[stage];
    const { value } = asTalkError(error, stage, stage);
    tellFailure(this.#deps.telling, { stage, error: value, turnId: turn.id, requestId, isBlocking: true });
  }

  /** Of the turn under way; nothing runs with settings that changed meanwhile. */
  #policy() {
    return interruptionPolicy(this.#deps.configuration.current.settings.turns, this.phase());
  }

  #setState(state: TurnStateName): void {
    if (state === this.#state) return;
    this.#state = state;
    const turnId = (this.#replying ?? this.#userTurn?.turn)?.id;
    this.#deps.telling.event({ kind: 'turn.state', state, ...(turnId !== undefined && { turnId }) });
    this.#deps.halfDuplex.update(this.#replying !== undefined && this.#policy().isHalfDuplex);
    if (state === 'listening') this.#idle.resume('turn');
    else this.#idle.suspend('turn');
  }

  #begin(initiator: TurnInitiator): Turn {
    this.#lastTurnId += 1;
    const turn = new Turn(this.#lastTurnId, initiator, this.#deps.configuration.read());
    this.#deps.telling.event({ kind: 'turn.started', turnId: turn.id, initiator });
    return turn;
  }

  /** Ends what is going on, in favour of something that does not come from the microphone. */
  #supersede(reason: string): void {
    while (!this.isBetweenTurns()) {
      this.interrupt(reason);
      const userTurn = this.#userTurn;
      this.#userTurn = undefined;
      if (userTurn) this.#end(userTurn.turn, 'unanswered');
    }
  }

  #startOwn(initiator: 'greeting' | 'injected' | 'idle', text: string): void {
    // The board may have gone while it was told what led to this.
    if (this.#isClosed) return;
    const turn = this.#begin(initiator);
    const round = this.#deps.agent.begin('');
    turn.round = round;
    this.#onAir.adopt(turn);
    this.#startReply(turn, round, { kind: 'text', text });
  }

  #commit(turn: Turn, text: string, reason: string): void {
    const { telling, agent } = this.#deps;
    turn.userText = text;
    const round = agent.begin(text, this.#images.take());
    turn.round = round;
    // From here an interruption has something to interrupt, also one from within these calls.
    this.#onAir.adopt(turn);
    telling.event({ kind: 'turn.committed', turnId: turn.id, reason, text });
    telling.message({ kind: 'user-turn', text });
    if (turn === this.#replying) this.#startReply(turn, round, { kind: 'model' });
  }

  #startReply(turn: Turn, round: Round, source: ReplySource): void {
    this.#setState('thinking');
    const task = this.#deps.reply(turn, round, source).then(() => this.#onAir.queued(turn));
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
  }

  #played(turn: Turn): void {
    if ((turn.failed || turn.hasSilentSentence) && turn.isSpoken) {
      // What an engine left out was not heard.
      turn.heardText = turn.ledger.heardText(Number.POSITIVE_INFINITY);
      turn.round?.cutTo(turn.heardText);
    }
    const hasReply = turn.isAnswered || (!turn.isSpoken && turn.ledger.replyText !== '');
    this.#end(turn, turn.failed ? 'failed' : hasReply ? 'completed' : 'no-reply');
    this.#rest();
  }

  /** A reply is over. Whoever was told so may have begun something else in the same call. */
  #rest(): void {
    if (!this.isBetweenTurns()) return;
    this.#setState('listening');
    this.#deps.onReplyEnded();
    this.#sayDue();
  }

  /** Not within the call that made it quiet: whoever made it so may be about to say something. */
  #sayDue(): void {
    if (this.#due.length === 0) return;
    queueMicrotask(() => {
      // The greeting goes first.
      if (this.#state !== 'listening' || !this.isBetweenTurns()) return;
      const text = this.#due.shift();
      if (text !== undefined) this.#startOwn('injected', text);
    });
  }

  #end(turn: Turn, outcome: TurnOutcome): void {
    turn.preemption?.end();
    turn.abort.abort();
    if (turn.round) this.#deps.agent.roundEnded(turn.round);
    tellEnd(turn, this.#deps.telling, outcome);
  }
}
