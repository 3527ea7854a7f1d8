import { random } from '../random.ts';
import { type ChipFacts, chips, type ModuleChip } from './chips.ts';

const SECTOR_BYTES = 0x1000;

export type Store = 'common' | 'cp';

/** What is kept when the power goes. The calibration data are there from the factory; who writes over them is remembered. */
export class ModuleFlash {
  readonly facts: ChipFacts;
  readonly #stores: Record<Store, Uint8Array>;
  readonly #calibration: Uint8Array;

  constructor(chip: ModuleChip) {
    this.facts = chips[chip];
    this.#stores = {
      common: new Uint8Array(this.facts.flashBytes).fill(0xff),
      cp: new Uint8Array(this.facts.cpFlashBytes).fill(0xff),
    };
    const next = random(this.facts.flashBytes);
    const kept = this.#calibrated();
    for (let at = 0; at < kept.length; at++) kept[at] = Math.floor(next() * 256);
    this.#calibration = Uint8Array.from(kept);
  }

  /** Every byte of the calibration data is as it came from the factory. */
  get isCalibrated(): boolean {
    return Buffer.from(this.#calibrated()).equals(this.#calibration);
  }

  has(store: Store, offset: number, sizeBytes: number): boolean {
    return offset >= 0 && offset + sizeBytes <= this.#stores[store].length;
  }

  /** Whole sectors are erased for it. */
  write(store: Store, offset: number, data: Uint8Array): void {
    const end = Math.ceil((offset + data.length) / SECTOR_BYTES) * SECTOR_BYTES;
    this.#stores[store].fill(0xff, offset, end).set(data, offset);
  }

  erase(store: Store, offset: number, sizeBytes: number): void {
    this.#stores[store].fill(0xff, offset, offset + sizeBytes);
  }

  read(store: Store, offset: number, sizeBytes: number): Uint8Array {
    return this.#stores[store].slice(offset, offset + sizeBytes);
  }

  #calibrated(): Uint8Array {
    const { from, to, isInCpFlash } = this.facts.calibration;
    return this.#stores[isInCpFlash ? 'cp' : 'common'].subarray(from, to);
  }
}
