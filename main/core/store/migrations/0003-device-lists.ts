import type { Migration } from './index.ts';

/** Lists of devices that boards become, each once. Their secrets are in the secret store. */
export const deviceLists: Migration = {
  number: 3,
  purpose: 'lists of devices',
  sql: `
CREATE TABLE device_list (
  list_key INTEGER PRIMARY KEY,
  list_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  imported_wall_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE device_list_entry (
  entry_key INTEGER PRIMARY KEY,           -- in the order of the list
  list_key INTEGER NOT NULL REFERENCES device_list ON DELETE CASCADE,
  product_id TEXT NOT NULL,
  device_name TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'reserved', 'used')),
  job_id TEXT,                             -- of the flash job that is burning it
  mac TEXT,                                -- of the board it is for; null where the loader does not tell
  used_wall_ms INTEGER,                    -- since when it may be on a board; set in a reserved one that was used before
  UNIQUE (product_id, device_name),
  CHECK ((state = 'reserved') = (job_id IS NOT NULL)),
  CHECK (state <> 'free' OR (mac IS NULL AND used_wall_ms IS NULL)),
  CHECK (state <> 'used' OR used_wall_ms IS NOT NULL)
) STRICT;
CREATE INDEX device_list_entry_by_state ON device_list_entry (list_key, state, entry_key);
CREATE INDEX device_list_entry_by_mac ON device_list_entry (list_key, mac) WHERE mac IS NOT NULL;
CREATE INDEX device_list_entry_by_job ON device_list_entry (job_id) WHERE job_id IS NOT NULL;
`,
};
