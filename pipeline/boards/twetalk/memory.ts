import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { SdkLog } from './sdk-log.ts';
import type { BoardTraits } from './traits.ts';

const TELL_EVERY_MS = 5000;
/** What this takes as long as it is there: measured on no board, of the sizes that SDKs' documents name. */
const COSTS = { network: 44_000, cloud: 14_000, voice: 26_000 } as const;
/** Buffers that come and go. */
const RIPPLE_BYTES = 700;
/** The SDK's tasks for a voice connection, and where they lie. */
const TASKS = [
  ['_twetalk_recv_thread', '0x3fcb8a54'],
  ['_twetalk_send_thread', '0x3fcbdc08'],
] as const;

/** The heap as the application's own loop prints it: what is free, and the least there ever was. */
export class Memory {
  readonly #deps: {
    clock: Clock;
    log: SdkLog;
    next: () => number;
    traits: Pick<BoardTraits, 'heapFreeBytes' | 'heapLeakBytes' | 'stackKbytes'>;
  };
  readonly #held = new Set<keyof typeof COSTS>();
  #leakedBytes = 0;
  #leastBytes = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(deps: {
    clock: Clock;
    log: SdkLog;
    next: () => number;
    traits: Pick<BoardTraits, 'heapFreeBytes' | 'heapLeakBytes' | 'stackKbytes'>;
  }) {
    this.#deps = deps;
  }

  start(): void {
    this.#tell();
    this.#cancel = this.#deps.clock.at((this.#deps.clock.nowUs() + TELL_EVERY_MS * 1000) as MonoUs, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }

  take(part: keyof typeof COSTS): void {
    this.#held.add(part);
    if (part !== 'voice') return;
    const { log, traits } = this.#deps;
    // The one kind of the SDK's lines without a time.
    for (const [name, thread] of TASKS)
      log.plain(`[INF] created task ${name} thread_id ${thread} stack_size : ${traits.stackKbytes} Kbytes`);
    this.#tell();
  }

  give(part: keyof typeof COSTS): void {
    this.#held.delete(part);
  }

  /** A turn is over. */
  turned(): void {
    this.#leakedBytes += this.#deps.traits.heapLeakBytes;
  }

  #tell(): void {
    const { log, next, traits } = this.#deps;
    const parts = Object.keys(COSTS) as (keyof typeof COSTS)[];
    const spared = parts.filter((part) => !this.#held.has(part)).reduce((sum, part) => sum + COSTS[part], 0);
    const free = Math.max(1024, traits.heapFreeBytes + spared - this.#leakedBytes - Math.round(RIPPLE_BYTES * next()));
    this.#leastBytes = Math.min(this.#leastBytes, free - 2000 - Math.round(RIPPLE_BYTES * next()));
    log.idf('I', 'TWETALK', `Free heap: ${free} bytes, minimum free heap size: ${Math.max(512, this.#leastBytes)} bytes`);
  }
}
