import type { Clock } from '../../../preload/contract/time.ts';

/**
 * The supply of an ESP32-P4's flash in download mode. From revision 3.1 on it is off after a reset (a board may carry a 1.8 V part, and
 * the regulator's default became 3.3 V), until a loader has switched it on: the pads' group, then the regulator's overcurrent limit, its
 * force to high and the flash's own switch, then those two back and the voltage from the eFuses. In that order, with the pauses, and
 * without a change to the registers' other bits; else nothing comes on.
 *
 * With the eFuse DOWNLOAD_MODE_XPD_ON revision 3.2's ROM does it, and leaves its switch on, in which state the flash is not to be attached.
 */
const PADS = 0x5011010c;
const REGULATOR = 0x501151b8;
const REGULATOR_ANALOG = 0x501151bc;
const FLASH_SWITCH = 0x501153fc;

const CURRENT_LIMIT = 0x08000000;
const TARGET = 0x7f800000;
const FORCE_HIGH = 0x80;
const SWITCH_ON = 0x3;

interface Step {
  address: number;
  isDone: (before: number, after: number) => boolean;
  pauseUs: number;
}

const sets = (bits: number) => (before: number, after: number) => after === (before | bits) >>> 0;
const clears = (bits: number) => (before: number, after: number) => after === (before & ~bits) >>> 0;
const step = (address: number, isDone: Step['isDone'], pauseUs = 0): Step => ({ address, isDone, pauseUs });

const steps: readonly Step[] = [
  step(PADS, (_, after) => after === 1, 10_000),
  step(REGULATOR_ANALOG, sets(CURRENT_LIMIT)),
  step(REGULATOR, sets(FORCE_HIGH)),
  step(FLASH_SWITCH, sets(SWITCH_ON), 50),
  step(REGULATOR_ANALOG, clears(CURRENT_LIMIT)),
  step(REGULATOR, clears(TARGET)),
  step(REGULATOR, sets(FORCE_HIGH)),
  step(REGULATOR, clears(FORCE_HIGH), 1_800),
];

const atReset = [
  [REGULATOR, 0x2a000018],
  [REGULATOR_ANALOG, 0x00b00000],
  [FLASH_SWITCH, 0x02012080],
] as const;

/** always: as other chips have it · switched: by the loader · by-rom: on, and its switch to be released before the flash is attached. */
export type SupplyKind = 'always' | 'switched' | 'by-rom';

/** Of one stay in the loader: a reset is the end of it. */
export class FlashSupply {
  readonly #kind: SupplyKind;
  readonly #clock: Clock;
  #next = 0;
  #readyUs = 0;
  #isSwitchOn: boolean;

  constructor(kind: SupplyKind, clock: Clock) {
    this.#kind = kind;
    this.#clock = clock;
    this.#isSwitchOn = kind === 'by-rom';
  }

  /** Registers as they are at the loader's start. */
  get registers(): readonly (readonly [address: number, value: number])[] {
    if (this.#kind === 'always') return [];
    return atReset.map(([address, value]) => [address, address === FLASH_SWITCH && this.#isSwitchOn ? value | SWITCH_ON : value]);
  }

  get isOn(): boolean {
    if (this.#kind === 'always') return true;
    if (this.#kind === 'by-rom') return !this.#isSwitchOn;
    return this.#next === steps.length && this.#clock.nowUs() >= this.#readyUs;
  }

  wrote(address: number, before: number, after: number): void {
    if (address === FLASH_SWITCH) this.#isSwitchOn = (after & SWITCH_ON) !== 0;
    // What is on stays on, also when all of it is done again.
    if (this.#next === steps.length || !steps.some((each) => each.address === address)) return;
    const expected = steps[this.#next];
    const isInTime = this.#clock.nowUs() >= this.#readyUs;
    if (expected?.address !== address || !expected.isDone(before, after) || !isInTime) {
      this.#next = 0;
      return;
    }
    this.#next++;
    this.#readyUs = this.#clock.nowUs() + expected.pauseUs;
  }
}
