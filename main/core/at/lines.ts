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
  #bytes: number[] = [];
  /** Digits after which a CR came; the next byte says what they were. */
  #heldDigits: string | null = null;
  #isData = false;
  #isEscaping = false;
  #dataTail = '';

  /** Something stands here that only time can decide: call `quiet` when nothing more has come. */
  get isUndecided(): boolean {
    return this.#heldDigits !== null || (this.mayPrompt && this.#bytes.length > 0 && this.#bytes[0] === PROMPT);
  }

  get isData(): boolean {
    return this.#isData;
  }

  enterData(): void {
    this.#isData = true;
    this.#isEscaping = false;
    this.#dataTail = '';
    this.#bytes = [];
  }

  /** +++ was sent: an OK ends data mode too. */
  escaping(): void {
    this.#isEscaping = true;
    this.#dataTail = '';
  }

  /** Forgets what was begun, for a port that was opened again or a module that started anew. */
  reset(): void {
    this.#bytes = [];
    this.#heldDigits = null;
    this.#isData = false;
    this.#isEscaping = false;
    this.isNumeric = false;
  }

  *push(bytes: Uint8Array): Generator<AtToken> {
    for (let at = 0; at < bytes.length; at++) {
      if (this.#isData) {
        at += yield* this.#pushData(bytes.subarray(at));
        continue;
      }
      const byte = bytes[at] ?? 0;
      if (this.#heldDigits !== null) yield this.#released(byte !== LF);
      if (byte === CR || byte === LF) {
        if (byte === CR && this.isNumeric && isResultCode(this.#bytes)) {
          this.#heldDigits = this.#take();
        } else yield* this.#ended();
      } else if (byte !== 0) {
        if (this.mayPrompt && this.#bytes.length === 1 && this.#bytes[0] === PROMPT && byte === SPACE) {
          this.#bytes = [];
          yield { kind: 'prompt' };
          continue;
        }
        this.#bytes.push(byte);
        if (this.#bytes.length >= MAX_LINE_BYTES) yield* this.#ended();
      }
    }
  }

  /** Nothing came for a while. */
  *quiet(): Generator<AtToken> {
    if (this.#heldDigits !== null) yield this.#released(true);
    if (this.mayPrompt && this.#bytes.length === 1 && this.#bytes[0] === PROMPT) yield* this.#ended();
  }

  *#ended(): Generator<AtToken> {
    if (this.#bytes.length === 0) return;
    const text = this.#take();
    if (this.mayPrompt && text === '>') yield { kind: 'prompt' };
    else if (text.trim() !== '') yield { kind: 'line', text, isResultCode: false };
  }

  #take(): string {
    const text = Buffer.from(this.#bytes).toString('utf8');
    this.#bytes = [];
    return text;
  }

  #released(isResultCode: boolean): AtToken {
    const text = this.#heldDigits ?? '';
    this.#heldDigits = null;
    return { kind: 'line', text, isResultCode };
  }

  /** Returns how many bytes past the first it took. */
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
      this.#bytes = [];
      yield { kind: 'hang-up', text: end.trim() };
      return used - 1;
    }
    this.#dataTail = text.slice(-MAX_HANG_UP);
    yield { kind: 'data', bytes: bytes.slice() };
    return bytes.length - 1;
  }
}

function isResultCode(bytes: readonly number[]): boolean {
  return (bytes.length === 1 || bytes.length === 2) && bytes.every((byte) => byte >= 0x30 && byte <= 0x39);
}
