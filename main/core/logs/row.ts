import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

/** A row as the parser makes it: not yet numbered, on the core's clock. */
export interface ParsedRow extends Omit<LogRow, 'seq' | 'continues'> {
  /** Host time of the first byte on the core's clock. */
  atUs: MonoUs;
  /** Where `raw` begins in the port's stream of its direction, as the recorder counts it; −1 for notices, which have no bytes. */
  offset: number;
  /** The row that this one continues. */
  opener?: ParsedRow;
  /** Says the same as the row before it of its port (device time aside). Set by the log book. */
  isRepeat?: boolean;
  /** Set by the log book when it numbers the row. */
  seq?: number;
}

/** A numbered row in session time, as the log book keeps it and the store stores it. */
export interface BookRow extends LogRow {
  offset: number;
  isRepeat: boolean;
}
