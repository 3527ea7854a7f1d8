import { type Fragment, fragments } from './frames.ts';
import { Gathered } from './gathered.ts';
import { malformed } from './malformed.ts';

/** Fragments to packets, in bounded memory. Throws TalkError 'gateway/malformed'. */
export class Assembly {
  readonly #maxBytes: number;
  readonly #gathered = new Gathered();
  #isOpen = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The whole packet with its last fragment, null before. */
  push(fragment: Fragment, part: Uint8Array): Uint8Array | null {
    const isFirst = fragment === fragments.whole || fragment === fragments.start;
    if (isFirst === this.#isOpen)
      throw malformed('fragment', isFirst ? 'a packet begins within another' : 'a packet goes on that never began');
    if (this.#gathered.length + part.length > this.#maxBytes) throw malformed('fragment', `a packet of more than ${this.#maxBytes} bytes`);
    if (fragment === fragments.whole) return part;
    this.#isOpen = fragment !== fragments.end;
    this.#gathered.push(part);
    return this.#isOpen ? null : this.#gathered.take();
  }
}

/** TuyaOpen reads 9 bytes of a frame before it looks at the length, and a frame's head has 5: the last part is never shorter than this. */
const LEAST_LAST_PART_BYTES = 16;

/** A packet in parts of at most `maxPartBytes`, which is 64 or more. */
export function* disassemble(packet: Uint8Array, maxPartBytes: number): Generator<{ fragment: Fragment; part: Uint8Array }> {
  if (packet.length <= maxPartBytes) {
    yield { fragment: fragments.whole, part: packet };
    return;
  }
  for (let at = 0; at < packet.length; ) {
    const left = packet.length - at;
    const bytes = left > maxPartBytes ? Math.min(maxPartBytes, left - LEAST_LAST_PART_BYTES) : left;
    const fragment = at === 0 ? fragments.start : bytes === left ? fragments.end : fragments.middle;
    yield { fragment, part: packet.subarray(at, at + bytes) };
    at += bytes;
  }
}
