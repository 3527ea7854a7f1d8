import type { Migration } from './index.ts';

/**
 * Times are microseconds from the session's start unless a name says `wall`. Rows that arrive by the thousand a second
 * (log_line, raw_chunk, event, audio_packet) are clustered on their only key, so that each is written once.
 */
export const firstSchema: Migration = {
  number: 1,
  purpose: 'first schema',
  sql: `
CREATE TABLE setting (
  key TEXT PRIMARY KEY,             -- 'turns.vadSilenceMs'
  value TEXT NOT NULL               -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE board (                -- devices the pipeline knows; their secrets are in the secret store
  board_key INTEGER PRIMARY KEY,
  product_id TEXT NOT NULL,
  device_name TEXT NOT NULL,
  last_online_wall_ms INTEGER,
  firmware_version TEXT,
  properties TEXT NOT NULL DEFAULT '{}',   -- JSON: last reported thing-model properties
  UNIQUE (product_id, device_name)
) STRICT;

CREATE TABLE recipe (recipe_key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
CREATE TABLE agent (agent_key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;

CREATE TABLE session (
  session_key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('recording', 'closed', 'recovered')),
  started_wall_ms INTEGER NOT NULL,
  last_us INTEGER NOT NULL DEFAULT 0,      -- latest instant stored, and the end once stopped
  dropped_count INTEGER NOT NULL DEFAULT 0,
  app_version TEXT NOT NULL
) STRICT;
CREATE INDEX session_by_start ON session (started_wall_ms DESC);
CREATE INDEX session_recording ON session (state) WHERE state = 'recording';

CREATE TABLE note (
  note_key INTEGER PRIMARY KEY,
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  at_us INTEGER,                           -- null: about the whole session
  text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX note_of_session ON note (session_key) WHERE at_us IS NULL;
CREATE INDEX note_by_session ON note (session_key, at_us);

CREATE TABLE port (
  port_key INTEGER PRIMARY KEY,
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  address TEXT NOT NULL,
  row_count INTEGER NOT NULL DEFAULT 0,
  raw_bytes INTEGER NOT NULL DEFAULT 0,    -- received only
  UNIQUE (session_key, address)
) STRICT;

CREATE TABLE raw_chunk (
  port_key INTEGER NOT NULL REFERENCES port ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('received', 'sent')),
  bytes BLOB NOT NULL,
  PRIMARY KEY (port_key, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_line (
  port_key INTEGER NOT NULL REFERENCES port ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('received', 'sent', 'notice')),
  text TEXT NOT NULL,
  terminator TEXT,                         -- the exact bytes are text + terminator, unless raw holds them
  raw BLOB,
  grammar TEXT NOT NULL,
  level TEXT,
  device_ms REAL,
  device_time TEXT,
  tag TEXT,
  file TEXT,
  function TEXT,
  line INTEGER,
  message TEXT,                            -- null: the same as text
  event TEXT,
  payload TEXT,                            -- JSON
  continues_seq INTEGER,
  colours TEXT,                            -- JSON: [from, to, SGR code]
  PRIMARY KEY (port_key, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
  conversation_key INTEGER PRIMARY KEY,
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  conversation_id TEXT NOT NULL,
  gateway TEXT NOT NULL DEFAULT '',
  product_id TEXT NOT NULL DEFAULT '',
  device_name TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  opened_us INTEGER NOT NULL,
  closed_us INTEGER,
  close_reason TEXT,
  uplink_packets INTEGER NOT NULL DEFAULT 0,
  downlink_packets INTEGER NOT NULL DEFAULT 0,
  UNIQUE (session_key, conversation_id)
) STRICT;

CREATE TABLE event (
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,                -- order of happening within the session, from 0
  at_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  conversation_key INTEGER REFERENCES conversation ON DELETE CASCADE,
  turn_id INTEGER,
  body TEXT NOT NULL,                      -- JSON of the whole event but its bytes
  bytes BLOB,
  PRIMARY KEY (session_key, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_of_conversation ON event (conversation_key, ordinal) WHERE conversation_key IS NOT NULL;

CREATE TABLE audio_packet (
  conversation_key INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  track TEXT NOT NULL CHECK (track IN ('uplink', 'downlink')),
  packet_index INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  media_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  codec TEXT NOT NULL CHECK (codec IN ('opus', 'pcm')),
  sample_rate_hz INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (conversation_key, track, packet_index)
) STRICT, WITHOUT ROWID;

-- Derived from event, in the same transaction: turn, tool_call, metric.
CREATE TABLE turn (
  turn_key INTEGER PRIMARY KEY,
  conversation_key INTEGER NOT NULL REFERENCES conversation ON DELETE CASCADE,
  turn_id INTEGER NOT NULL,
  initiator TEXT NOT NULL,
  outcome TEXT,                            -- null while under way
  started_us INTEGER NOT NULL,
  ended_us INTEGER,
  user_text TEXT NOT NULL,
  reply_text TEXT NOT NULL,
  heard_text TEXT NOT NULL,
  breakdown TEXT NOT NULL,                 -- JSON
  UNIQUE (conversation_key, turn_id)
) STRICT;

CREATE TABLE tool_call (
  turn_key INTEGER NOT NULL REFERENCES turn ON DELETE CASCADE,
  call_id TEXT NOT NULL,
  name TEXT NOT NULL,
  arguments TEXT NOT NULL,                 -- JSON
  is_ok INTEGER CHECK (is_ok IN (0, 1)),
  result TEXT NOT NULL,                    -- JSON
  at_us INTEGER NOT NULL,
  elapsed_us INTEGER,
  PRIMARY KEY (turn_key, call_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
  turn_key INTEGER NOT NULL REFERENCES turn ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL NOT NULL,                     -- milliseconds; tts_discontinuity is a count
  PRIMARY KEY (turn_key, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE flash_job (
  session_key INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  job_id TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  address TEXT NOT NULL,
  body TEXT NOT NULL,                      -- JSON
  PRIMARY KEY (session_key, job_id)
) STRICT, WITHOUT ROWID;

-- Trigrams find Chinese without a word list. Log lines are scanned instead: an index would cost more than it finds.
CREATE VIRTUAL TABLE turn_text USING fts5(user_text, reply_text, content='turn', content_rowid='turn_key', tokenize='trigram');
CREATE TRIGGER turn_text_insert AFTER INSERT ON turn BEGIN
  INSERT INTO turn_text (rowid, user_text, reply_text) VALUES (new.turn_key, new.user_text, new.reply_text);
END;
CREATE TRIGGER turn_text_delete AFTER DELETE ON turn BEGIN
  INSERT INTO turn_text (turn_text, rowid, user_text, reply_text) VALUES ('delete', old.turn_key, old.user_text, old.reply_text);
END;
CREATE TRIGGER turn_text_update AFTER UPDATE ON turn WHEN old.user_text <> new.user_text OR old.reply_text <> new.reply_text BEGIN
  INSERT INTO turn_text (turn_text, rowid, user_text, reply_text) VALUES ('delete', old.turn_key, old.user_text, old.reply_text);
  INSERT INTO turn_text (rowid, user_text, reply_text) VALUES (new.turn_key, new.user_text, new.reply_text);
END;

CREATE VIRTUAL TABLE note_text USING fts5(text, content='note', content_rowid='note_key', tokenize='trigram');
CREATE TRIGGER note_text_insert AFTER INSERT ON note BEGIN
  INSERT INTO note_text (rowid, text) VALUES (new.note_key, new.text);
END;
CREATE TRIGGER note_text_delete AFTER DELETE ON note BEGIN
  INSERT INTO note_text (note_text, rowid, text) VALUES ('delete', old.note_key, old.text);
END;
CREATE TRIGGER note_text_update AFTER UPDATE ON note BEGIN
  INSERT INTO note_text (note_text, rowid, text) VALUES ('delete', old.note_key, old.text);
  INSERT INTO note_text (rowid, text) VALUES (new.note_key, new.text);
END;
`,
};
