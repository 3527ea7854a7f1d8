import type { LogRow } from '../../../preload/contract/logs.ts';
import type { SymbolRow } from '../../../preload/contract/symbols.ts';

const addressEvents: ReadonlySet<string> = new Set(['backtrace', 'panic', 'panic.assert', 'panic.registers', 'stack-memory']);
const hexNumber = /\b0x[0-9a-f]{8}\b/i;
/** A register dump with its stack is about forty rows. */
const REACH = 120;
/** Rows of others, between those of a crash, before the search for more of it ends. */
const PATIENCE = 12;

/** Worth asking the core about. */
export function mayHoldAddresses({ event, text, direction }: LogRow): boolean {
  return direction === 'received' && ((event !== undefined && addressEvents.has(event)) || hexNumber.test(text));
}

/** The row and, as far as they are at hand, those of the same crash, in order. */
export function crashAround(row: LogRow, neighbour?: (distance: number) => LogRow | undefined): SymbolRow[] {
  const opener = row.continues ?? row.seq;
  const belongs = (each: LogRow) => each.port === row.port && (each.seq === opener || each.continues === opener);
  const found = [row];
  for (const step of [-1, 1]) {
    for (let distance = step, strangers = 0; Math.abs(distance) <= REACH && strangers < PATIENCE; distance += step) {
      const each = neighbour?.(distance);
      if (each === undefined) break;
      if (!belongs(each)) strangers++;
      else if (step < 0) found.unshift(each);
      else found.push(each);
    }
  }
  return found.map(({ seq, text, event, payload }) => ({
    seq,
    text: text.slice(0, 65_536),
    ...(event === undefined ? {} : { event }),
    ...(payload === undefined ? {} : { payload }),
  }));
}
