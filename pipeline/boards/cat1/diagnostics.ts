const MARK = 0x7e;
const FRAME_BYTES = 4;

/** What a module's command port takes between its lines: 7E 00 xx 7E. 01 starts anew, 02 goes into the loader. */
export class DiagnosticReader {
  readonly #onCommand: (command: number) => void;
  #bytes: number[] = [];

  constructor(onCommand: (command: number) => void) {
    this.#onCommand = onCommand;
  }

  /** False: not of a frame. One begins where `mayBegin`. */
  take(byte: number, mayBegin: boolean): boolean {
    if (this.#bytes.length === 0 && !(mayBegin && byte === MARK)) return false;
    this.#bytes.push(byte);
    if (this.#bytes.length < FRAME_BYTES) return true;
    const [, kind, command = 0, end] = this.#bytes;
    this.#bytes = [];
    if (kind === 0 && end === MARK) this.#onCommand(command);
    return true;
  }

  reset(): void {
    this.#bytes = [];
  }
}
