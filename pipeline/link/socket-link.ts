import type { Duplex } from 'node:stream';
import type { LinkImpairment } from '../../preload/contract/checks.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { StreamLine } from './stream-line.ts';

type Written = (error?: Error | null) => void;
type Piece = { chunk: Uint8Array | string; encoding: BufferEncoding };

/** What a stream is given by the one who makes it, here by Node's sockets, and what Node's sockets call: where a link can be put between. */
interface Ends {
  push(chunk: Uint8Array | null): boolean;
  _write(chunk: Uint8Array | string, encoding: BufferEncoding, written: Written): void;
  _writev(pieces: readonly Piece[], written: Written): void;
  _final(written: Written): void;
}

const clear: LinkImpairment = { delayMs: 0, jitterMs: 0, lossPercent: 0, rateKbitS: null, isStalled: false };

/**
 * A bad link in a socket that is open already, plain or TLS: whoever uses the socket sees the same socket, and the peer the same
 * connection. What comes is held back before the socket's reader sees it, what goes before the system has it. Costs nothing until the first
 * `set`, and nothing after `set(null)` once what was under way has arrived.
 *
 * It stands in for four methods of this one socket, of which three are what Node documents for those who make streams.
 */
export class SocketLink {
  readonly #socket: Duplex;
  readonly #own: Ends;
  readonly #up: StreamLine;
  readonly #down: StreamLine;
  #isSet = false;
  #isBetween = false;
  #hasRoomAbove = true;

  constructor(socket: Duplex, deps: { clock: Clock; random: (direction: 'up' | 'down') => () => number }) {
    const ends = socket as unknown as Ends;
    this.#socket = socket;
    this.#own = {
      push: ends.push.bind(socket),
      _write: ends._write.bind(socket),
      _writev: ends._writev.bind(socket),
      _final: ends._final.bind(socket),
    };
    const onEmpty = () => this.#leave();
    this.#up = new StreamLine(clear, {
      ...{ clock: deps.clock, random: deps.random('up'), onEmpty },
      deliver: (bytes, taken) => {
        if (!socket.destroyed) this.#hasRoomAbove = this.#own.push(bytes);
        // Whoever waits for the end of a stream that is not read does not hear of it.
        if (bytes === null && !socket.destroyed) socket.read(0);
        taken();
      },
    });
    this.#down = new StreamLine(clear, {
      ...{ clock: deps.clock, random: deps.random('down'), onEmpty },
      deliver: (bytes, taken) => {
        if (bytes === null) this.#ended(taken);
        else this.#own._write(bytes, 'buffer' as BufferEncoding, (error) => (error ? socket.destroy(error) : taken()));
      },
    });
    socket.once('close', () => {
      this.#up.close();
      this.#down.close();
    });
  }

  get heldBytes(): number {
    return this.#up.heldBytes + this.#down.heldBytes;
  }

  /** Null: as it was; what is under way arrives now. */
  set(impairment: LinkImpairment | null): void {
    this.#isSet = impairment !== null;
    if (this.#isSet) this.#come();
    this.#up.set(impairment ?? clear);
    this.#down.set(impairment ?? clear);
    this.#leave();
  }

  #onFinal: Written = () => {};
  #ended(taken: () => void): void {
    this.#own._final((error) => {
      taken();
      this.#onFinal(error);
    });
  }

  #come(): void {
    if (this.#isBetween) return;
    this.#isBetween = true;
    const ends = this.#socket as unknown as Ends;
    ends.push = (chunk) => {
      if (chunk === null) this.#up.end();
      else this.#up.send(chunk);
      // False stops the reading from the system until the reader asks for more, which it does once it has been given what is held here.
      return !this.#up.isFull && this.#hasRoomAbove;
    };
    ends._write = (chunk, encoding, written) => ends._writev([{ chunk, encoding }], written);
    ends._writev = (pieces, written) => {
      // A copy: whoever is told that it was written may use its bytes for something else.
      for (const { chunk, encoding } of pieces)
        this.#down.send(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
      this.#down.whenRoom(() => written());
    };
    ends._final = (written) => {
      this.#onFinal = written;
      this.#down.end();
    };
  }

  #leave(): void {
    if (this.#isSet || !this.#isBetween || !this.#up.isEmpty || !this.#down.isEmpty) return;
    this.#isBetween = false;
    const ends = this.#socket as Partial<Ends>;
    delete ends.push;
    delete ends._write;
    delete ends._writev;
    delete ends._final;
  }
}
