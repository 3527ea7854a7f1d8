import { readFileSync } from 'node:fs';
import type { BytePort } from '../../main/core/devices/port.ts';
import { encodeSlip, SlipReader } from '../../main/core/flash/esp/slip.ts';
import type { Clock } from '../../preload/contract/time.ts';

export interface TraceEvent {
  direction: 'written' | 'received';
  /** As it stood on the wire when written, a packet when received. */
  bytes: Buffer;
}

/** What `esptool --trace` wrote and which packets it read, in order. */
export function readTrace(path: string): TraceEvent[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  const events: TraceEvent[] = [];
  lines.forEach((line, index) => {
    const kind = /(Write \d+ bytes|Received full packet):\s*([0-9a-f]*)\s*$/.exec(line);
    if (kind === null) return;
    let bytes = kind[2] ?? '';
    // A dump of several lines: 16 bytes each, then what they look like.
    for (let next = index + 1; bytes === '' || next > index + 1; next++) {
      const row = /^ {4}([0-9a-f]{1,16})(?: ([0-9a-f]{1,16}))? *\|/.exec(lines[next] ?? '');
      if (row === null) break;
      bytes += `${row[1]}${row[2] ?? ''}`;
    }
    events.push({ direction: kind[1]?.startsWith('Write') === true ? 'written' : 'received', bytes: Buffer.from(bytes, 'hex') });
  });
  return events;
}

/** Requests of a trace or of ours, unwrapped. */
export function requestOf(wire: Uint8Array): Uint8Array | null {
  const [packet] = new SlipReader().push(wire);
  return packet !== undefined && packet.length >= 8 && packet[0] === 0 ? packet : null;
}

/**
 * A port whose far end says what the traced chip said to the same request: the answers to one request in their order, the last of
 * them for ever. Registers that the trace did not read are zero.
 */
export class ReplayedChip implements BytePort {
  readonly address = 'virtual://trace';
  readonly requests: Uint8Array[] = [];
  readonly #clock: Clock;
  readonly #answers = new Map<string, Buffer[][]>();
  #listener: Parameters<BytePort['onData']>[0] = () => {};

  constructor(events: readonly TraceEvent[], clock: Clock) {
    this.#clock = clock;
    let current: Buffer[] = [];
    for (const { direction, bytes } of events) {
      if (direction === 'received') {
        current.push(bytes);
        continue;
      }
      const request = requestOf(bytes);
      if (request === null) continue;
      current = [];
      const key = keyOf(request);
      this.#answers.set(key, [...(this.#answers.get(key) ?? []), current]);
    }
  }

  async write(data: Uint8Array): Promise<void> {
    const request = requestOf(data);
    if (request === null) return;
    this.requests.push(request);
    const recorded = this.#answers.get(keyOf(request)) ?? [];
    const [answer = [okOf(request)]] = recorded;
    if (recorded.length > 1) recorded.shift();
    for (const packet of answer) this.#listener(encodeSlip(packet), this.#clock.nowUs());
  }

  setSignals(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async setBaudRate(): Promise<void> {}

  onData(listener: Parameters<BytePort['onData']>[0]): void {
    this.#listener = listener;
  }

  onClose(): void {}

  async close(): Promise<void> {}
}

/** A register is asked for by its address; anything else by what it is. */
function keyOf(request: Uint8Array): string {
  return Buffer.from(request.subarray(1, request[1] === 0x0a ? 12 : 2)).toString('hex');
}

function okOf(request: Uint8Array): Buffer {
  return Buffer.from([0x01, request[1] ?? 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
}
