/** line: whole, without its ending · prompt: the modem waits for data · data: of the peer, in data mode · hang-up: data mode is over. */
export type AtToken =
  | { kind: 'line'; text: string; isResultCode: boolean }
  | { kind: 'prompt' }
  | { kind: 'data'; bytes: Uint8Array }
  | { kind: 'hang-up'; text: string };

const CR = 0x0d;
const LF = 0x0a;
const PROMPT = 0x3e;
const SPACE = 0x20;
/** Longer than any line of an AT manual; what is no modem at all must not fill the memory. */
const MAX_LINE_BYTES = 8192;
const hangUps = ['\r\nNO CARRIER\r\n', '\r\nDISCONNECTED\r\n'];
const MAX_HANG_UP = 16;

/**
 * The bytes of an AT port as lines (V.250 §5.7). Any of CR, LF and CR LF ends a line, empty ones do not count: so an echo that
 * ends in CR CR LF is one line. A prompt ends in nothing. With ATV0 a result code ends in CR alone, which is how it is told from
 * an answer of digits.
 *
 * `push` is lazy: what the taker does on one token (data mode, say) holds for the bytes after it, also of the same chunk.
 */
export class AtLines {
  /** The modem was told ATV0. */
  isNumeric = false;
  /** A command runs: what looks like a prompt is one. */
  mayPrompt = false;
  /** The line so far; the copies of what earlier chunks brought of it. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Digits after which a CR came; the next byte says what they were. */
  #heldDigits: string | null = null;
  #isData = false;
  #isEscaping = false;
  #dataTail = '';

  /** Something stands here that only time can decide: call `quiet` when nothing more has come. */
  get isUndecided(): boolean {
    return this.#heldDigits !== null || (this.mayPrompt && this.#isPrompt());
  }

  get isData(): boolean {
    return this.#isData;
  }

  enterData(): void {
    this.#isData = true;
    this.#isEscaping = false;
    this.#dataTail = '';
    this.#drop();
  }

  /** +++ was sent: an OK ends data mode too. */
  escaping(): void {
    this.#isEscaping = true;
    this.#dataTail = '';
  }

  /** Forgets what was begun, for a port that was opened again or a module that started anew. */
  reset(): void {
    this.#drop();
    this.#heldDigits = null;
    this.#isData = false;
    this.#isEscaping = false;
    this.isNumeric = false;
  }

  *push(bytes: Uint8Array): Generator<AtToken> {
    for (let at = 0; at < bytes.length; )
      at += yield* this.#isData ? this.#pushData(bytes.subarray(at)) : this.#pushText(bytes.subarray(at));
  }

  /** Nothing came for a while. */
  *quiet(): Generator<AtToken> {
    if (this.#heldDigits !== null) yield this.#released(true);
    if (this.mayPrompt && this.#isPrompt()) yield* this.#ended();
  }

  /** Up to the end of a line. Returns how many bytes it took. */
  *#pushText(bytes: Uint8Array): Generator<AtToken, number> {
    if (this.#heldDigits !== null) yield this.#released(bytes[0] !== LF);
    const most = Math.min(bytes.length, MAX_LINE_BYTES - this.#heldBytes);
    let end = 0;
    while (end < most && bytes[end] !== CR && bytes[end] !== LF) end++;
    const blank = this.mayPrompt ? this.#blankOfPrompt(bytes.subarray(0, end)) : -1;
    if (blank >= 0) {
      this.#drop();
      yield { kind: 'prompt' };
      return blank + 1;
    }
    if (end > 0) this.#hold(bytes.subarray(0, end));
    if (end === bytes.length && this.#heldBytes < MAX_LINE_BYTES) return end;
    const isWhole = bytes[end] === CR || bytes[end] === LF;
    if (bytes[end] === CR && this.isNumeric && this.#isResultCode()) this.#heldDigits = this.#take();
    else yield* this.#ended();
    return isWhole ? end + 1 : end;
  }

  /** Where the blank is that makes what stands here a prompt; -1 where it is none, or none yet. */
  #blankOfPrompt(segment: Uint8Array): number {
    const isBlank = (at: number) => segment[at] === SPACE;
    const first = nextOf(segment, 0);
    if (this.#heldBytes > 0) return this.#isPrompt() && isBlank(first) ? first : -1;
    // A NUL may stand between the two as well.
    const second = nextOf(segment, first + 1);
    return segment[first] === PROMPT && isBlank(second) ? second : -1;
  }

  #isPrompt(): boolean {
    return this.#heldBytes === 1 && this.#held[0]?.[0] === PROMPT;
  }

  #isResultCode(): boolean {
    return this.#heldBytes <= 2 && /^\d{1,2}$/.test(Buffer.concat(this.#held).toString('latin1'));
  }

  #hold(segment: Uint8Array): void {
    const kept = segment.includes(0) ? segment.filter((byte) => byte !== 0) : segment.slice();
    if (kept.length === 0) return;
    this.#held.push(kept);
    this.#heldBytes += kept.length;
  }

  *#ended(): Generator<AtToken> {
    if (this.#heldBytes === 0) return;
    const text = this.#take();
    if (this.mayPrompt && text === '>') yield { kind: 'prompt' };
    else if (text.trim() !== '') yield { kind: 'line', text, isResultCode: false };
  }

  #take(): string {
    const text = Buffer.concat(this.#held).toString('utf8');
    this.#drop();
    return text;
  }

  #drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  #released(isResultCode: boolean): AtToken {
    const text = this.#heldDigits ?? '';
    this.#heldDigits = null;
    return { kind: 'line', text, isResultCode };
  }

  /** Returns how many bytes it took. */
  *#pushData(bytes: Uint8Array): Generator<AtToken, number> {
    const before = this.#dataTail.length;
    const text = this.#dataTail + Buffer.from(bytes).toString('latin1');
    for (const end of this.#isEscaping ? [...hangUps, '\r\nOK\r\n'] : hangUps) {
      const at = text.indexOf(end);
      if (at < 0) continue;
      const used = at + end.length - before;
      if (at > before) yield { kind: 'data', bytes: bytes.slice(0, at - before) };
      this.#isData = false;
      this.#isEscaping = false;
      this.#drop();
      yield { kind: 'hang-up', text: end.trim() };
      return used;
    }
    this.#dataTail = text.slice(-MAX_HANG_UP);
    yield { kind: 'data', bytes: bytes.slice() };
    return bytes.length;
  }
}

/** The first byte from `from` on that is no NUL; its length where there is none. */
function nextOf(segment: Uint8Array, from: number): number {
  let at = from;
  while (segment[at] === 0) at++;
  return at;
}
