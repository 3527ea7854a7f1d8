import type { Facts } from './told.ts';

/** By what a board is known: its name in the log, or its hardware's own (MAC, IMEI). */
export type Proof = 'name' | 'hardware';

/** How a stay began: with the run, with a start, with the port's parting; or unseen, when what is told can no longer be of the one board. */
export type Beginning = 'run' | 'start' | 'port' | 'unseen';

/** What names a board; `times` in a row. */
export interface Told {
  value: string;
  atUs: number;
  times: number;
}

/**
 * One board's time on the port: from a start or a parting of the port to the next. What is told in it is of the board that is there, and of no other:
 * so it is the run's, another's, or nobody knows yet.
 */
export interface Stay {
  readonly beganUs: number;
  readonly by: Beginning;
  /** What its log told last, and how often in a row. */
  readonly facts: Map<string, Told>;
  /** As its hardware told; 'none': it was asked, and has nothing that could tell. */
  hardware: 'same' | 'other' | 'none' | null;
  /** When it told that it is the run's. */
  hardwareUs: number;
  /** Its log calls it what the run's board is called, or it was taken for that when nothing had a name. */
  isNamed: boolean;
  /** When its name or its hardware was last the run's. */
  provenUs: number;
  /** Its MAC or IMEI as first told in this run, by which the run's board is known since. */
  learned: { mac?: string; imei?: string };
  /** After a parting: its start has been heard. */
  hasStarted: boolean;
  /** Somebody has waited for its name. */
  isAwaited: boolean;
}

/** Nobody takes a board from the bench and puts another there in less. */
export const EXCHANGE_US = 5_000_000;

/** All stays of a run, the newest last. Times in µs of the clock. */
export class Stays {
  readonly #stays: Stay[];

  constructor(beganUs: number) {
    this.#stays = [stay('run', beganUs)];
  }

  get now(): Stay {
    return this.#stays.at(-1) as Stay;
  }

  begin(by: Beginning, beganUs: number): Stay {
    // Whoever starts first after the port has parted came with it.
    if (by === 'start' && this.now.by === 'port' && !this.now.hasStarted && isUnknown(this.now)) {
      this.now.hasStarted = true;
      return this.now;
    }
    const next = stay(by, beganUs);
    this.#stays.push(next);
    return next;
  }

  /** What of this names a board is told of the one that is there now. False where none of it does. */
  tell(facts: Facts, atUs: number): boolean {
    const told = Object.entries(facts).filter(([name]) => naming.includes(name));
    for (const [name, fact] of told) {
      const value = String(fact);
      const before = this.now.facts.get(name);
      this.now.facts.set(name, { value, atUs, times: before?.value === value ? before.times + 1 : 1 });
    }
    return told.length > 0;
  }

  /** Since when another may have been there that this proof tells of: from the newest stay before this one on that it speaks for, exclusive. */
  unsureSinceUs(by: Proof): number {
    const last = this.#stays.slice(0, -1).findLastIndex((one) => (by === 'hardware' ? one.hardware === 'same' : isProven(one)));
    const next = this.#stays[last + 1] ?? this.now;
    // An exchange that nobody saw may have been at any time since, but for the time that it takes.
    const toldUs = by === 'hardware' && next.by === 'unseen' ? this.#stays[last]?.hardwareUs : undefined;
    return toldUs === undefined ? next.beganUs : Math.min(next.beganUs, toldUs + EXCHANGE_US);
  }

  /** The board has been called by its name before. */
  get hasBeenNamed(): boolean {
    return this.#stays.some(({ isNamed }) => isNamed);
  }

  learned(name: 'mac' | 'imei'): string | undefined {
    return this.#stays.findLast(({ learned }) => learned[name] !== undefined)?.learned[name];
  }

  /** What was learned of those since is another board's. */
  unlearn(sinceUs: number): void {
    for (const one of this.#stays) {
      if (one.beganUs < sinceUs && one !== this.now) continue;
      if (Object.keys(one.learned).length > 0) one.hardware = null;
      one.learned = {};
    }
  }
}

const naming: readonly string[] = ['productId', 'deviceName', 'imei'];

export function isProven({ hardware, isNamed }: Stay): boolean {
  return hardware === 'same' || (isNamed && hardware !== 'other');
}

function isUnknown({ facts, hardware, isAwaited }: Stay): boolean {
  return facts.size === 0 && hardware === null && !isAwaited;
}

function stay(by: Beginning, beganUs: number): Stay {
  return {
    ...{ by, beganUs, facts: new Map(), hardware: null, hardwareUs: -1, isNamed: false, provenUs: beganUs },
    ...{ learned: {}, hasStarted: false, isAwaited: false },
  };
}
