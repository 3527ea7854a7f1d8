import type { Migration } from './index.ts';

/** Small JSON documents of the library by kind: engine profiles, agents, thing models, memories. Never a secret. */
export const documents: Migration = {
  number: 4,
  purpose: 'documents',
  sql: `
CREATE TABLE document (
  kind TEXT NOT NULL,              -- 'engine', 'agent', 'agent-layer', 'thing-model', 'memory'
  id TEXT NOT NULL,
  body TEXT NOT NULL,              -- JSON
  updated_wall_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
`,
};
