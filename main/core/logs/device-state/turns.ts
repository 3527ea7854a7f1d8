import type { LoggedTurn } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';

const KEPT_TURNS = 200;
/** Of one turn's reply; half an hour of speech. */
const KEPT_CHARACTERS = 10_000;
/** A pause between words, as long as the longest endpoint silence of the documents. */
const PAUSE_US = 2_000_000;
/** A bot that stops within this of the user's beginning was interrupted; later, it had finished. */
const INTERRUPTION_US = 3_000_000;

/** When a row was printed: two loggers of one board have clocks of their own, up to a second apart (reference/twetalk.md §10). */
interface Instant {
  atUs: number;
  deviceMs: number | undefined;
  clock: string;
}

interface Turn extends Omit<LoggedTurn, 'latencyUs' | 'latencyClock'> {
  userEnd: Instant | null;
  botStart: Instant | null;
}

/**
 * Turns as a board's own log tells them. Every event may come twice (a name, then what the application makes of it), captions
 * come in growing pieces (the user's) or sentence by sentence (the bot's), and the board hears its own speaker.
 */
export class TurnTimeline {
  #turns: Turn[] = [];
  #count = 0;
  /** The user has begun to speak; whether that is a turn is known when words come, or the bot had already finished. */
  #pending: { start: Instant; seq: number; end: Instant | null } | null = null;

  userStarted(row: LogRow): void {
    const pending = this.#pending;
    if (pending !== null && (pending.end === null || row.atUs - pending.end.atUs < PAUSE_US)) {
      pending.end = null;
      return;
    }
    const current = this.#turns.at(-1);
    const isSameUtterance = current !== undefined && current.botStart === null && current.userStartedUs !== undefined;
    if (isSameUtterance) {
      // A pause between words; the end told before it was none.
      current.userEnd = null;
      delete current.userEndedUs;
      return;
    }
    this.#pending = { start: instantOf(row), seq: row.seq, end: null };
  }

  userEnded(row: LogRow): void {
    if (this.#pending !== null) {
      this.#pending.end = instantOf(row);
      return;
    }
    const current = this.#turns.at(-1);
    if (current === undefined || current.botStart !== null) return;
    this.#endUser(current, instantOf(row));
  }

  userText(row: LogRow, text: string): void {
    const current = this.#turns.at(-1);
    // Words that arrive after the bot has begun belong to what was said since, if anything was.
    if (current === undefined || (current.botStart !== null && this.#pending !== null) || isAnswered(current)) this.#begin(row);
    const turn = this.#turns.at(-1);
    if (turn !== undefined) turn.userText = text;
  }

  botText(row: LogRow, text: string): void {
    const turn = this.#forBot(row);
    // A bot whose end is never told must not grow a text without end.
    if (turn.botText.length < KEPT_CHARACTERS) turn.botText = (turn.botText + text).slice(0, KEPT_CHARACTERS);
  }

  botStarted(row: LogRow): void {
    const turn = this.#forBot(row);
    if (turn.botStart !== null) return;
    turn.botStart = instantOf(row);
    turn.botStartedUs = row.atUs;
  }

  botEnded(row: LogRow): void {
    const turn = this.#turns.findLast(({ botStart, botEndedUs }) => botStart !== null && botEndedUs === undefined);
    if (turn === undefined) return;
    turn.botEndedUs = row.atUs;
    const begun = this.#pending?.start.atUs ?? this.#turns.at(-1)?.userStartedUs;
    if (begun !== undefined && begun > (turn.botStartedUs ?? 0) && row.atUs - begun < INTERRUPTION_US) turn.isInterrupted = true;
  }

  /** The board itself says that the answer was broken off. */
  interrupted(): void {
    const turn = this.#turns.findLast(({ botStart }) => botStart !== null);
    if (turn !== undefined) turn.isInterrupted = true;
  }

  /** The connection or the board is gone: nothing that was under way goes on. */
  cut(): void {
    this.#pending = null;
  }

  list(): LoggedTurn[] {
    return this.#turns.map(({ userEnd, botStart, ...turn }) => ({ ...turn, ...latencyOf(userEnd, botStart) }));
  }

  /** The bot speaks: to the user who has just spoken, or of itself (a greeting). */
  #forBot(row: LogRow): Turn {
    const current = this.#turns.at(-1);
    if (current !== undefined && this.#pending === null && current.botEndedUs === undefined) return current;
    // While the bot still speaks, what the microphone hears may be its own voice: only words make that a turn.
    if (current !== undefined && current.botStart !== null && current.botEndedUs === undefined) return current;
    return this.#begin(row);
  }

  #begin(row: LogRow): Turn {
    const pending = this.#pending;
    this.#pending = null;
    const turn: Turn = {
      number: ++this.#count,
      startedUs: pending?.start.atUs ?? row.atUs,
      ...(pending === null ? {} : { userStartedUs: pending.start.atUs }),
      userText: '',
      botText: '',
      isInterrupted: false,
      seq: pending?.seq ?? row.seq,
      userEnd: null,
      botStart: null,
    };
    if (pending?.end != null) this.#endUser(turn, pending.end);
    this.#turns.push(turn);
    if (this.#turns.length > KEPT_TURNS) this.#turns = this.#turns.slice(-KEPT_TURNS);
    return turn;
  }

  #endUser(turn: Turn, end: Instant): void {
    turn.userEnd = end;
    turn.userEndedUs = end.atUs;
  }
}

function isAnswered(turn: Turn): boolean {
  return turn.botStart !== null || turn.botText !== '';
}

function instantOf({ atUs, deviceMs, grammar }: LogRow): Instant {
  return { atUs, deviceMs, clock: grammar };
}

/** On the device's clock where both rows come from the same logger: the host's adds the serial line's delay. */
function latencyOf(userEnd: Instant | null, botStart: Instant | null): Pick<LoggedTurn, 'latencyUs' | 'latencyClock'> {
  if (userEnd === null || botStart === null) return { latencyUs: null };
  if (userEnd.deviceMs !== undefined && botStart.deviceMs !== undefined && userEnd.clock === botStart.clock) {
    const latencyUs = Math.round((botStart.deviceMs - userEnd.deviceMs) * 1000);
    if (latencyUs >= 0) return { latencyUs, latencyClock: 'device' };
  }
  const latencyUs = botStart.atUs - userEnd.atUs;
  return latencyUs >= 0 ? { latencyUs, latencyClock: 'host' } : { latencyUs: null };
}
