/**
 * Runs a WASI command (wasi_snapshot_preview1) that writes one file, with nothing of the host within its reach: no
 * directory, no environment, no standard input. The file it writes is kept in memory. Only the calls that flite imports
 * exist.
 */
export interface WasiOutcome {
  exitCode: number;
  /** Contents of the file written last. */
  file: Uint8Array;
  standardError: string;
}

// errno values of wasi_snapshot_preview1
const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const INVALID = 28;

const STANDARD_ERROR = 2;
const ROOT = 3;
const FILE = 4;

const TYPE_CHARACTER_DEVICE = 2;
const TYPE_DIRECTORY = 3;
const TYPE_REGULAR_FILE = 4;

class Exit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** A growing array of bytes with a position, as a file descriptor has. */
class MemoryFile {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  position = 0;

  get length(): number {
    return this.#length;
  }

  write(part: Uint8Array): void {
    const end = this.position + part.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.position);
    this.position = end;
    this.#length = Math.max(this.#length, end);
  }

  contents(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** `args` includes the program's own name. Throws what the program traps with. */
export async function runWasiCommand(module: WebAssembly.Module, args: readonly string[]): Promise<WasiOutcome> {
  let memory: WebAssembly.Memory | undefined;
  const view = () => new DataView(memory?.buffer ?? new ArrayBuffer(0));
  const bytesAt = (at: number, length: number) => new Uint8Array(memory?.buffer ?? new ArrayBuffer(0), at, length);
  const words = args.map((word) => new TextEncoder().encode(`${word}\0`));
  let file = new MemoryFile();
  let standardError = '';

  const calls = {
    args_sizes_get(countAt: number, bytesTotalAt: number) {
      view().setUint32(countAt, words.length, true);
      view().setUint32(
        bytesTotalAt,
        words.reduce((sum, word) => sum + word.length, 0),
        true,
      );
      return SUCCESS;
    },
    args_get(pointersAt: number, textAt: number) {
      let at = textAt;
      for (const [index, word] of words.entries()) {
        view().setUint32(pointersAt + 4 * index, at, true);
        bytesAt(at, word.length).set(word);
        at += word.length;
      }
      return SUCCESS;
    },
    clock_time_get(_clock: number, _precision: bigint, at: number) {
      view().setBigUint64(at, process.hrtime.bigint(), true);
      return SUCCESS;
    },
    fd_close: () => SUCCESS,
    fd_fdstat_get(descriptor: number, at: number) {
      if (descriptor > FILE) return BAD_DESCRIPTOR;
      const type = descriptor === FILE ? TYPE_REGULAR_FILE : descriptor === ROOT ? TYPE_DIRECTORY : TYPE_CHARACTER_DEVICE;
      bytesAt(at, 24).fill(0);
      view().setUint8(at, type);
      view().setBigUint64(at + 8, 0xffff_ffff_ffff_ffffn, true); // rights
      view().setBigUint64(at + 16, 0xffff_ffff_ffff_ffffn, true);
      return SUCCESS;
    },
    fd_fdstat_set_flags: () => SUCCESS,
    fd_prestat_get(descriptor: number, at: number) {
      if (descriptor !== ROOT) return BAD_DESCRIPTOR;
      view().setUint32(at, 0, true); // a directory
      view().setUint32(at + 4, 1, true); // length of its name
      return SUCCESS;
    },
    fd_prestat_dir_name(descriptor: number, at: number) {
      if (descriptor !== ROOT) return BAD_DESCRIPTOR;
      bytesAt(at, 1)[0] = 0x2f; // "/"
      return SUCCESS;
    },
    fd_read(_descriptor: number, _vectorsAt: number, _count: number, readAt: number) {
      view().setUint32(readAt, 0, true); // end of file
      return SUCCESS;
    },
    fd_seek(descriptor: number, offset: bigint, whence: number, positionAt: number) {
      if (descriptor !== FILE) return BAD_DESCRIPTOR;
      const base = [0, file.position, file.length][whence];
      if (base === undefined || base + Number(offset) < 0) return INVALID;
      file.position = base + Number(offset);
      view().setBigUint64(positionAt, BigInt(file.position), true);
      return SUCCESS;
    },
    fd_write(descriptor: number, vectorsAt: number, count: number, writtenAt: number) {
      let written = 0;
      for (let index = 0; index < count; index++) {
        const at = view().getUint32(vectorsAt + 8 * index, true);
        const part = bytesAt(at, view().getUint32(vectorsAt + 8 * index + 4, true));
        if (descriptor === FILE) file.write(part);
        else if (descriptor === STANDARD_ERROR) standardError += new TextDecoder().decode(part);
        written += part.length;
      }
      view().setUint32(writtenAt, written, true);
      return SUCCESS;
    },
    path_open(...[, , , , , , , , descriptorAt]: [number, number, number, number, number, bigint, bigint, number, number]) {
      file = new MemoryFile();
      view().setUint32(descriptorAt, FILE, true);
      return SUCCESS;
    },
    proc_exit(code: number) {
      throw new Exit(code);
    },
  };

  const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: calls });
  const { memory: exportedMemory, _start: start } = instance.exports;
  if (!(exportedMemory instanceof WebAssembly.Memory) || typeof start !== 'function') throw new Error('not a WASI command');
  memory = exportedMemory;
  let exitCode = 0;
  try {
    start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    exitCode = error.code;
  }
  return { exitCode, file: file.contents(), standardError };
}
