import type { FlashOptions } from '../../../../preload/contract/flash.ts';

/** What sources of the protocol disagree about, or nobody has proven, decided (docs/bk7258-flashing.md). */
export interface Dialect {
  /** Whether a CRC's end address is the last byte, or the one behind it. */
  crcEnd: 'inclusive' | 'exclusive';
  /** What the board waits after a change of rate before it answers, 0..255. */
  baudDelayMs: number;
  /** After a change of rate. */
  settleMs: number;
  /** How it is started again; the other way where that does not help. */
  restart: 'command' | 'lines';
  /** Whether the script gets Beken's CRC-16 after every 32 bytes. auto: when the package says so and it has none. */
  scriptCrc: 'auto' | 'always' | 'never';
}

const usual: Dialect = { crcEnd: 'inclusive', baudDelayMs: 200, settleMs: 20, restart: 'lines', scriptCrc: 'auto' };

export function dialectFor({ dialect }: Pick<FlashOptions, 'dialect'>): Dialect {
  const given = Object.entries(dialect ?? {}).filter(([name, value]) => name in usual && value !== undefined);
  return { ...usual, ...Object.fromEntries(given) };
}
