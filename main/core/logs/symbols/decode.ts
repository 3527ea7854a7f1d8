import type { DecodedAddress, SymbolMatch, SymbolRow } from '../../../../preload/contract/symbols.ts';
import type { Firmware } from './firmware.ts';
import { type AddressInRow, addressesInRow, fieldOf, programCounterOf, registersOf, stackOf } from './row-addresses.ts';
import { unwind } from './unwind.ts';

/** One build of one file, as addresses are looked up in it. */
export interface Build {
  readonly id: string;
  readonly sha256: string;
  readonly firmware: Firmware;
}

/** A file's hash as logs print it: at least this many digits, or it says nothing. */
const MINIMUM_SHA_DIGITS = 8;

/** Hex digits of the hash in what a log printed ('1b43c5e74...'), or null: none, or the zeros of an image without one. */
export function shaOf(printed: unknown): string | null {
  const digits = typeof printed === 'string' ? (/^[0-9a-f]+/i.exec(printed)?.[0].toLowerCase() ?? '') : '';
  return digits.length < MINIMUM_SHA_DIGITS || /^0+$/.test(digits) ? null : digits;
}

/** Looks addresses up in the builds that may have made them. */
export class Decoder {
  readonly #builds: readonly Build[];
  /** The build whose hash the log named. */
  readonly #named: Build | null;
  readonly #isNamed: boolean;

  constructor(builds: readonly Build[], sha256: string | null) {
    this.#isNamed = sha256 !== null;
    this.#named = sha256 === null ? null : (builds.find((build) => build.sha256.startsWith(sha256)) ?? null);
    // Other files may be of the same board all the same: its ROM, its bootloader.
    this.#builds = this.#named === null ? builds : [this.#named, ...builds.filter((build) => build !== this.#named)];
  }

  get match(): SymbolMatch {
    if (this.#named !== null) return 'sha';
    return this.#isNamed || this.#builds.length === 0 ? 'none' : 'only';
  }

  /** Null for a number that is no address after all. */
  decode({ address, label, kind, wanted }: AddressInRow): DecodedAddress | null {
    const isMaybe = wanted !== 'sure';
    const candidates = this.#builds.filter(({ firmware }) => {
      if (wanted === 'return') return firmware.isReturnAddress(firmware.instruction(address, 'exact'));
      return firmware.isCode(firmware.instruction(address, 'exact'));
    });
    const build = candidates[0];
    if (build === undefined) {
      return isMaybe ? null : { address, label, instruction: address, frames: [], symbolId: null, match: 'none', isMaybe };
    }
    const instruction = build.firmware.instruction(address, kind);
    return {
      address,
      label,
      instruction,
      frames: build.firmware.frames(instruction),
      symbolId: build.id,
      match: this.#matchOf(build),
      isMaybe,
    };
  }

  /** The build that has code at an address. */
  buildAt(address: number): Build | null {
    return this.#builds.find(({ firmware }) => firmware.isCode(address)) ?? null;
  }

  #matchOf(build: Build): SymbolMatch {
    if (build === this.#named) return 'sha';
    return this.#isNamed && this.#named === null ? 'none' : 'only';
  }
}

export interface DecodedRows {
  rows: { seq: number; addresses: DecodedAddress[] }[];
  unwound: DecodedAddress[];
  elfSha256: string | null;
  match: SymbolMatch;
}

/** The addresses in the rows of one crash. `builds` newest first; `told` is the hash the port's log gave earlier. */
export function decodeRows(rows: readonly SymbolRow[], builds: readonly Build[], told: string | null): DecodedRows {
  const elfSha256 = rows.map(shaInRow).find((sha) => sha !== null) ?? told;
  const decoder = new Decoder(builds, elfSha256);
  const registers = new Map<string, number>();
  for (const row of rows) for (const [name, value] of registersOf(row)) if (!registers.has(name)) registers.set(name, value);
  const stoppedAt = programCounterOf(registers);
  const stack = rows.map(stackOf).filter((part) => part !== null);
  return {
    rows: rows.map((row) => ({
      seq: row.seq,
      addresses: addressesInRow(row, stoppedAt)
        .map((found) => decoder.decode(found))
        .filter((decoded) => decoded !== null),
    })),
    unwound: unwoundCalls(decoder, registers, stoppedAt, stack),
    elfSha256,
    match: decoder.match,
  };
}

function unwoundCalls(
  decoder: Decoder,
  registers: ReadonlyMap<string, number>,
  stoppedAt: number | null,
  stack: readonly { address: number; words: number[] }[],
): DecodedAddress[] {
  const build = stoppedAt === null ? null : (decoder.buildAt(stoppedAt) ?? decoder.buildAt(registers.get('RA') ?? 0));
  if (build === null || stack.length === 0 || build.firmware.machine !== 'riscv') return [];
  return unwind(build.firmware, registers, stack)
    .map((address, index) => decoder.decode({ address, label: 'frame', kind: index === 0 ? 'exact' : 'return', wanted: 'sure' }))
    .filter((decoded) => decoded !== null);
}

/** The hash in a row, when it tells one: "ELF file SHA256: …" of a crash or of the start. */
export function shaInRow({ event, payload }: Pick<SymbolRow, 'event' | 'payload'>): string | null {
  if (event === 'elf-sha') return shaOf(fieldOf(payload, 'sha256'));
  if (event === 'boot.app-info' && fieldOf(payload, 'key') === 'ELF file SHA256') return shaOf(fieldOf(payload, 'value'));
  return null;
}
