import type { Database } from 'better-sqlite3';
import { type PipelineEvent, pipelineEvent } from '../../../preload/contract/events.ts';
import { flashJob } from '../../../preload/contract/flash.ts';
import type { ExportRedaction, RedactionPlace } from '../../../preload/contract/redaction.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { createRedact, type Found, type Redact, redactBytes } from './redact.ts';
import { redactShaped } from './redact-shape.ts';

export interface RedactionOptions {
  includeIdentities: boolean;
  redactions?: ExportRedaction['redactions'] | undefined;
  leaveOut?: ExportRedaction['leaveOut'] | undefined;
  secrets: readonly string[];
}

/** Where the redaction is at, for whoever hears what it finds. */
export interface At {
  place: RedactionPlace;
  at: number | null;
  name: string;
}

type OnSessionFound = (found: readonly Found[], redacted: string, where: At) => void;

/** What an export of one session does to all that it tells. One for the preview, one for each format: the same everywhere. */
export interface SessionRedaction {
  /** Says what is redacted next. */
  where: At;
  readonly redact: Redact;
  readonly isSoundLeftOut: boolean;
  readonly isSaidLeftOut: boolean;
  /** Names that something is found by: what would be blacked out of one gets another that is as good. */
  conversationId(id: string): string;
  port(address: string): string;
  /** `ordinal`: its place among the session's. */
  event(event: PipelineEvent, ordinal: number): PipelineEvent;
}

const elsewhere: At = { place: 'events', at: null, name: '' };

export function openSessionRedaction(
  database: Database,
  sessionKey: number,
  options: RedactionOptions,
  onFound?: OnSessionFound,
): SessionRedaction {
  const leaveOut = new Set(options.leaveOut ?? []);
  const isSaidLeftOut = leaveOut.has('transcripts');
  const redact = createRedact(
    {
      includeIdentities: options.includeIdentities,
      secrets: options.secrets,
      redactions: options.redactions ?? [],
      said: isSaidLeftOut ? saidIn(database, sessionKey) : [],
    },
    onFound === undefined ? undefined : (found, redacted) => onFound(found, redacted, redaction.where),
  );
  const names = (sql: string, prefix: string) =>
    renamed(database.prepare<[number], string>(sql).pluck().all(sessionKey), redact, prefix, (name) => {
      redaction.where = { place: prefix === 'port' ? 'ports' : 'conversations', at: null, name: '' };
      return name;
    });
  const redaction: SessionRedaction = {
    where: elsewhere,
    redact,
    isSoundLeftOut: leaveOut.has('sound'),
    isSaidLeftOut,
    conversationId: (id) => conversations.get(id) ?? redact(id),
    port: (address) => ports.get(address) ?? redact(address),
    event(event, ordinal) {
      const told = isSaidLeftOut ? withoutSaid(event) : event;
      const text = isSaidLeftOut ? undefined : crossing.get(ordinal);
      if (text !== undefined) return { ...own(told), text } as PipelineEvent;
      if (told.kind !== 'wire.message' || told.bytes === undefined) return own(told);
      const { bytes, ...rest } = told;
      return { ...own(rest), bytes: new Uint8Array(redactBytes(redact, bytes)) } as PipelineEvent;
    },
  };
  /** An event without bytes. */
  const own = (event: PipelineEvent): PipelineEvent => {
    const shaped = redactShaped(redact, pipelineEvent, event) as PipelineEvent;
    if (!('conversationId' in event) || event.conversationId === undefined) return shaped;
    return { ...shaped, conversationId: redaction.conversationId(event.conversationId) } as PipelineEvent;
  };
  const conversations = names('SELECT conversation_id FROM conversation WHERE session_key = ? ORDER BY conversation_key', 'conversation');
  const ports = names('SELECT address FROM port WHERE session_key = ? ORDER BY port_key', 'port');
  redaction.where = elsewhere;
  const crossing = isSaidLeftOut ? new Map<number, string>() : crossingPieces(database, sessionKey, options);
  return redaction;
}

/**
 * A language model's text comes in pieces of a few characters, and what goes may begin in one and end in another: the pieces of each turn
 * that read differently when all of them are read as one, by their ordinals.
 */
function crossingPieces(database: Database, sessionKey: number, options: RedactionOptions): Map<number, string> {
  const redact = createRedact({ ...options, redactions: options.redactions ?? [] });
  const found = new Map<number, string>();
  const open = new Map<string, { ordinal: number; text: string }[]>();
  const close = (name: string) => {
    const pieces = open.get(name) ?? [];
    open.delete(name);
    const whole = redact(pieces.map(({ text }) => text).join(''));
    let at = 0;
    for (const { ordinal, text } of pieces) {
      const redacted = whole.slice(at, at + text.length);
      at += text.length;
      if (redacted !== redact(text)) found.set(ordinal, redacted);
    }
  };
  const rows = database
    .prepare<[number], EventRow & { ordinal: number }>(
      "SELECT ordinal, body, bytes FROM event WHERE session_key = ? AND kind IN ('llm.text', 'llm.reasoning', 'turn.ended') ORDER BY ordinal",
    )
    .iterate(sessionKey);
  for (const row of rows) {
    const event = toEvent(row);
    if (event.kind === 'turn.ended')
      for (const kind of ['llm.text', 'llm.reasoning']) close(JSON.stringify([event.conversationId, event.turnId, kind]));
    if (event.kind !== 'llm.text' && event.kind !== 'llm.reasoning') continue;
    const name = JSON.stringify([event.conversationId, event.turnId, event.kind]);
    const pieces = open.get(name) ?? [];
    open.set(name, pieces);
    pieces.push({ ordinal: row.ordinal, text: event.text });
  }
  for (const name of [...open.keys()]) close(name);
  return found;
}

/** The names that would be blacked out, by number instead: two of them may differ in just that. */
function renamed(names: readonly string[], redact: Redact, prefix: string, at: (name: string) => string): Map<string, string> {
  return new Map(names.map((name, index) => [name, redact(at(name)) === name ? name : `${prefix}-${index + 1}`]));
}

export function redactFlash(redact: Redact, job: unknown): unknown {
  return redactShaped(redact, flashJob, job);
}

const saidKinds = [
  'stt.partial',
  'stt.final',
  'turn.committed',
  'turn.ended',
  'llm.reasoning',
  'llm.text',
  'llm.first-chunk',
  'tts.request',
  'downlink.sentence-started',
  'agent.memory',
  'conversation.idle',
] as const;

/** How often something of an event was said, and is left out with the transcripts. */
export function saidBy(event: PipelineEvent): string[] {
  if (event.kind === 'turn.ended') return [event.userText, event.replyText, event.heardText].filter((text) => text !== '');
  return (saidKinds as readonly string[]).includes(event.kind) && 'text' in event && event.text ? [event.text] : [];
}

function withoutSaid(event: PipelineEvent): PipelineEvent {
  switch (event.kind) {
    case 'turn.ended':
      return { ...event, userText: '', replyText: '', heardText: '' };
    case 'tool.call':
      return { ...event, arguments: null };
    case 'tool.result':
      return { ...event, result: null };
    case 'wire.message': {
      const { text: _text, bytes: _bytes, ...rest } = event;
      return { ...rest, note: 'left out with the transcripts' };
    }
    default:
      return saidBy(event).length > 0 ? ({ ...event, text: '' } as PipelineEvent) : event;
  }
}

/** All that was said, whole and as each stage told it. */
function saidIn(database: Database, sessionKey: number): string[] {
  const rows = database
    .prepare<[number, string], EventRow>(
      'SELECT body, bytes FROM event WHERE session_key = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY ordinal',
    )
    .iterate(sessionKey, JSON.stringify(saidKinds));
  const said = new Set<string>();
  for (const row of rows) for (const text of saidBy(toEvent(row))) said.add(text);
  return [...said];
}
