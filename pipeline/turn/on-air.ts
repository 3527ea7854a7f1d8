import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { Pacer } from '../audio/pacer.ts';
import type { Chunk } from './aggregate.ts';
import { tellInterrupted, tellStopped } from './endings.ts';
import { Hold } from './hold.ts';
import { ReplyPlayout } from './playout.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

export interface OnAirDeps {
  clock: Clock;
  telling: Telling;
  pacer: Pacer;
  /** From the socket to the speaker where the board does not say, µs. */
  deviceDelayUs: number;
  /** The turn's first frame is handed over next. */
  onSpeaking(): void;
  /** All of the turn's reply has played, or there was nothing to play. */
  onPlayed(turn: Turn): void;
}

/**
 * The one reply that is made or played, from its epoch to its last sample: what of it was handed over, is heard, is held, and how it is
 * silenced. What that means for the conversation is the controller's.
 */
export class OnAir {
  readonly #deps: OnAirDeps;
  readonly #playout: ReplyPlayout;
  readonly #hold: Hold;
  #turn: Turn | undefined;
  #epoch = 0;
  #firstAudibleUs: number | undefined;
  #cancelPlayEnd: (() => void) | undefined;

  constructor(deps: OnAirDeps) {
    this.#deps = deps;
    this.#playout = new ReplyPlayout(deps.clock, deps.deviceDelayUs);
    this.#hold = new Hold(deps);
  }

  get turn(): Turn | undefined {
    return this.#turn;
  }

  /** When the conversation's first reply began: the echo canceller settles from there. */
  get firstAudibleUs(): number | undefined {
    return this.#firstAudibleUs;
  }

  /** Makes the turn the one whose reply may be heard. */
  adopt(turn: Turn): void {
    const { pacer, telling } = this.#deps;
    turn.epoch = ++this.#epoch;
    pacer.flush(turn.epoch);
    this.#turn = turn;
    this.#hold.drop();
    this.#playout.expectReply((atUs, source) => telling.event({ kind: 'downlink.audible', turnId: turn.id, source }, atUs));
  }

  /** False when there is nothing to hold. */
  hold(onsetUs: number): boolean {
    if (!this.#turn) return false;
    this.#hold.begin(this.#turn, onsetUs);
    return true;
  }

  /** False when nothing was held. */
  release(reason: string): boolean {
    if (!this.#turn || !this.#hold.isHeld) return false;
    this.#hold.release(this.#turn, reason);
    return true;
  }

  /** A sentence's first frame is handed over next. */
  sentenceStarted(turn: Turn, chunk: Chunk, playUs: MonoUs): void {
    if (turn !== this.#turn) return;
    const { telling, clock, onSpeaking } = this.#deps;
    const isFirst = !turn.isAudible;
    if (isFirst) {
      turn.isAudible = true;
      turn.told.speaking = true;
      this.#firstAudibleUs ??= clock.nowUs();
    }
    // What bridges the wait for a tool is heard, and is no answer yet.
    if (!chunk.isFiller && !turn.isAnswered) {
      turn.instants.firstFrameUs = clock.nowUs();
      // Where play-out ran dry before it, it plays now.
      this.#playout.firstFrame(Math.max(playUs, clock.nowUs()));
      telling.event({ kind: 'downlink.first-frame', turnId: turn.id });
    }
    if (isFirst) {
      onSpeaking();
      telling.message({ kind: 'bot-started-speaking' });
    } else telling.message({ kind: 'bot-sentence', text: chunk.spoken });
    telling.event({ kind: 'downlink.sentence-started', turnId: turn.id, sentence: chunk.sentence, text: chunk.spoken });
  }

  leadKnown(turn: Turn, leadUs: number): void {
    if (turn === this.#turn) this.#playout.leadKnown(leadUs);
  }

  underrun(gapUs: number): void {
    const turn = this.#turn;
    if (!turn || turn.isWaitedFor(this.#deps.clock.nowUs() - gapUs)) return;
    turn.underruns += 1;
    this.#deps.telling.event({ kind: 'downlink.underrun', turnId: turn.id, gapUs: Math.round(gapUs) });
  }

  /** The board reported when it was heard, or fell silent. */
  report(report: { kind: 'audible' | 'silent'; atUs: number; source: 'device' | 'echo' }): void {
    this.#playout.report(report);
  }

  /** Everything of the turn's reply is queued. */
  queued(turn: Turn): void {
    this.#deps.pacer.mark(turn.epoch, (playEndUs) => this.#handedOver(turn, playEndUs));
  }

  /** The whole reply was handed over and plays until `playEndUs`, plus the board's own delay. */
  #handedOver(turn: Turn, playEndUs: number): void {
    if (turn !== this.#turn) return;
    const { clock, telling, pacer, deviceDelayUs } = this.#deps;
    if (!turn.isAudible) {
      this.#over(turn);
      return;
    }
    telling.event({ kind: 'downlink.last-frame', turnId: turn.id }, pacer.lastSentUs);
    const endUs = Math.ceil(playEndUs + deviceDelayUs) as MonoUs;
    this.#cancelPlayEnd = clock.at(endUs, () => {
      if (turn !== this.#turn) return;
      telling.event({ kind: 'downlink.play-ended', turnId: turn.id });
      this.#over(turn);
    });
  }

  #over(turn: Turn): void {
    this.#turn = undefined;
    this.#playout.replyEnded();
    tellStopped(turn, this.#deps.telling, false);
    this.#deps.onPlayed(turn);
  }

  /** Epoch first, then abort: nothing of the turn can be sent after the flush. */
  silence(turn: Turn, reason: string, onsetUs: number): void {
    const { clock, telling, pacer, deviceDelayUs } = this.#deps;
    const nowUs = clock.nowUs();
    const heardText = turn.ledger.heardText(pacer.playedUs(nowUs, deviceDelayUs));
    pacer.flush(++this.#epoch);
    this.#turn = undefined;
    this.#hold.drop();
    this.#cancelPlayEnd?.();
    turn.heardText = turn.isSpoken ? heardText : turn.ledger.replyText;
    if (turn.isSpoken) turn.round?.cutTo(heardText);
    turn.abort.abort(new DOMException(reason, 'AbortError'));
    tellStopped(turn, telling, true);
    tellInterrupted(turn, telling, { reason, onsetUs, nowUs });
    this.#playout.replyEnded();
    if (!turn.isAudible) return;
    telling.event({ kind: 'interruption.server-stopped', turnId: turn.id }, Math.max(onsetUs, pacer.lastSentUs));
    // What was handed over still plays.
    this.#playout.expectSilence(Math.max(onsetUs, pacer.playEndUs + deviceDelayUs), (atUs, source) =>
      telling.event({ kind: 'interruption.silent', turnId: turn.id, source }, atUs),
    );
  }

  close(): void {
    this.#playout.close();
    this.#deps.pacer.flush(++this.#epoch);
  }
}
