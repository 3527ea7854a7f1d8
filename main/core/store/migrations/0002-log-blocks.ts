import { convertLines } from './convert-lines.ts';
import type { Migration } from './index.ts';

/** A session's log over all its ports, many rows to one of the database, and where a port's chunks stand in its stream. */
export const logBlocks: Migration = {
  number: 2,
  purpose: 'log blocks, offsets of bytes, bookmarks',
  sql: `
CREATE TABLE log_block (
  block_key INTEGER PRIMARY KEY,
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  first_seq INTEGER NOT NULL,              -- rows first_seq … first_seq + row_count - 1 of the session's log
  row_count INTEGER NOT NULL CHECK (row_count > 0),
  first_us INTEGER NOT NULL,               -- least and greatest instant of its rows
  last_us INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  warn_count INTEGER NOT NULL,
  info_count INTEGER NOT NULL,
  names TEXT NOT NULL,                     -- JSON: ports and words by index, with their rows
  columns BLOB NOT NULL,                   -- packed numbers of the rows
  facts TEXT NOT NULL,                     -- JSON of what few rows have, or empty
  text TEXT NOT NULL                       -- the rows' texts, each ended by a line feed; last, so that the rest is read without it
) STRICT;
CREATE INDEX log_block_index ON log_block (session_key, first_seq, row_count, first_us, last_us, error_count, warn_count, info_count);

CREATE TABLE bookmark (
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  note TEXT NOT NULL,
  colour TEXT NOT NULL,
  PRIMARY KEY (session_key, seq)
) STRICT, WITHOUT ROWID;

ALTER TABLE raw_chunk ADD COLUMN offset INTEGER NOT NULL DEFAULT 0;  -- bytes of that port and direction before it
CREATE INDEX raw_chunk_by_offset ON raw_chunk (port_key, direction, offset);
`,
  convert: convertLines,
};
