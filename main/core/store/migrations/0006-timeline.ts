import type { Migration } from './index.ts';

/**
 * What a timeline draws, computed from events and audio packets and kept beside them. Sessions recorded before are computed when they
 * are first looked at, so there is nothing to convert.
 */
export const timeline: Migration = {
  number: 6,
  purpose: 'facts of events and peaks of tracks for the timeline',
  sql: `
CREATE TABLE timeline_block (
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  block INTEGER NOT NULL,                  -- events block × 4096 … before (block + 1) × 4096
  version INTEGER NOT NULL,                -- of what the columns mean: another one is not read
  row_count INTEGER NOT NULL,
  columns BLOB NOT NULL,
  PRIMARY KEY (session_key, block)
) STRICT;

CREATE TABLE track_peak (
  conversation_key INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  track TEXT NOT NULL,
  chunk INTEGER NOT NULL,                  -- of the session's time
  version INTEGER NOT NULL,
  minimum BLOB NOT NULL,                   -- int8, one a bucket; empty where nothing sounds
  maximum BLOB NOT NULL,
  PRIMARY KEY (conversation_key, track, chunk)
) STRICT;
`,
};
