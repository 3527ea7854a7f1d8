import type { Migration } from './index.ts';

/**
 * Notes on stretches as well as instants, told apart by colour. And a way to the few events of a long session that its transcript
 * shows (`transcriptEventKinds` of the contract), which are one in a hundred: the index holds no others.
 */
export const notes: Migration = {
  number: 7,
  purpose: 'notes on stretches, events of the transcript',
  sql: `
ALTER TABLE note ADD COLUMN to_us INTEGER CHECK (to_us > at_us);   -- exclusive; null: an instant
ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'yellow' CHECK (colour IN ('yellow', 'red', 'green', 'blue', 'violet'));
CREATE INDEX event_of_transcript ON event (session_key, ordinal) WHERE kind IN (
  'conversation.opened', 'conversation.closed', 'conversation.idle', 'conversation.changed',
  'turn.started', 'turn.committed', 'user.speech-started', 'user.speech-ended', 'stt.final',
  'downlink.audible', 'downlink.sentence-started', 'downlink.underrun', 'downlink.play-ended',
  'interruption.decided', 'interruption.silent', 'tool.call', 'tool.result',
  'agent.note', 'engine.error', 'device.offline', 'dropped');
`,
};
