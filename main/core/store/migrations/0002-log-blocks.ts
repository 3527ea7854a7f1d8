import { convertLines } from './convert-lines.ts';
import type { Migration } from './index.ts';

/** A session's log over all its ports, many rows to one of the database; where a port's chunks stand in its stream; bookmarks. */
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

-- Chunks are looked up by where they stand in their stream. With a key of its own a table's rows lie outside the tree that is searched.
ALTER TABLE raw_chunk RENAME TO raw_chunk_1;
CREATE TABLE raw_chunk (
  chunk_key INTEGER PRIMARY KEY,
  port_key INTEGER NOT NULL REFERENCES port ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,                -- order within the port, over both directions
  at_us INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('received', 'sent')),
  offset INTEGER NOT NULL,                 -- bytes of that port and direction before it
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX raw_chunk_by_offset ON raw_chunk (port_key, direction, offset);
`,
  convert: convertLines,
};
