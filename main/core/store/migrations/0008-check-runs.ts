import type { Migration } from './index.ts';

/** Runs of bring-up checks. The sounds they keep are apart: a history of thousands is read without them. */
export const checkRuns: Migration = {
  number: 8,
  purpose: 'runs of bring-up checks',
  sql: `
CREATE TABLE check_run (
  run_key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  serial_number TEXT NOT NULL,             -- '': nobody told it and the board did not
  list_id TEXT,                            -- null: of a file
  board_kind TEXT NOT NULL,
  state TEXT NOT NULL,
  mac TEXT,                                -- what the board said of itself, as far as it did
  imei TEXT,
  product_id TEXT,
  device_name TEXT,
  started_wall_ms INTEGER NOT NULL,
  summary TEXT NOT NULL,                   -- CheckRunSummary
  request TEXT NOT NULL,                   -- how it was asked for, to repeat a check
  body TEXT NOT NULL                       -- CheckRun
) STRICT;
CREATE INDEX check_run_by_start ON check_run (started_wall_ms);
CREATE INDEX check_run_by_serial_number ON check_run (serial_number, started_wall_ms);
CREATE INDEX check_run_by_list ON check_run (list_id, started_wall_ms);
CREATE INDEX check_run_by_mac ON check_run (mac) WHERE mac IS NOT NULL;
CREATE INDEX check_run_by_imei ON check_run (imei) WHERE imei IS NOT NULL;
CREATE INDEX check_run_by_device ON check_run (product_id, device_name) WHERE device_name IS NOT NULL;
CREATE INDEX check_run_running ON check_run (run_key) WHERE state = 'running';

CREATE TABLE check_sound (
  run_key INTEGER NOT NULL REFERENCES check_run ON DELETE CASCADE,
  sound_id TEXT NOT NULL,
  wav BLOB NOT NULL,
  PRIMARY KEY (run_key, sound_id)
) STRICT;
`,
};
