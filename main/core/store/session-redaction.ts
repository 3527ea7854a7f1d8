import type { Database } from 'better-sqlite3';
import { type PipelineEvent, pipelineEvent } from '../../../preload/contract/events.ts';
import { flashJob } from '../../../preload/contract/flash.ts';
import type { ExportRedaction, RedactionPlace } from '../../../preload/contract/redaction.ts';
import { type EventRow, toEvent } from './event-row.ts';
import { createRedact, type Found, type Redact, type RedactOptions, redactBytes } from './redact.ts';
import { CrossingPieces, type Piece } from './redact-crossing.ts';
import { redactShaped } from './redact-shape.ts';
import { readSplitRows } from './redact-split-rows.ts';

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
  /** Texts of log rows in which something goes that another row of the same line has the rest of, by their seqs: told instead of the row's own. */
  readonly splitRows: ReadonlyMap<number, string>;
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
  const wanted: RedactOptions = {
    includeIdentities: options.includeIdentities,
    secrets: options.secrets,
    redactions: options.redactions ?? [],
    said: isSaidLeftOut ? saidIn(database, sessionKey) : [],
  };
  const redact = createRedact(wanted, onFound === undefined ? undefined : (found, redacted) => onFound(found, redacted, redaction.where));
  let splitRows: ReadonlyMap<number, string> | null = null;
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
      const text = crossing.found.get(ordinal);
      if (text !== undefined) return { ...own(told), text } as PipelineEvent;
      if (told.kind !== 'wire.message' || told.bytes === undefined) return own(told);
      const { bytes, ...rest } = told;
      return { ...own(rest), bytes: new Uint8Array(redactBytes(redact, bytes)) } as PipelineEvent;
    },
    get splitRows() {
      if (splitRows !== null) return splitRows;
      const texts = new CrossingPieces(
        wanted,
        onFound === undefined ? undefined : (found, redacted, seq) => onFound(found, redacted, { place: 'log', at: seq, name: '' }),
      );
      readSplitRows(database, sessionKey, { texts });
      splitRows = texts.found;
      return splitRows;
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
  const crossing = new CrossingPieces(
    wanted,
    onFound === undefined ? undefined : (found, redacted, ordinal) => onFound(found, redacted, { ...elsewhere, at: ordinal }),
  );
  if (!isSaidLeftOut) readSpeech(database, sessionKey, crossing);
  return redaction;
}

const pieceKinds = ['llm.text', 'llm.reasoning'] as const;
const sentenceKinds = ['tts.request', 'downlink.sentence-started'] as const;

/** What a turn says comes in pieces of a few characters, then in sentences, of which it is not known what stood between them. */
function readSpeech(database: Database, sessionKey: number, crossing: CrossingPieces): void {
  const kinds: readonly string[] = [...pieceKinds, ...sentenceKinds];
  const isSentence = (kind: string) => (sentenceKinds as readonly string[]).includes(kind);
  /** The pieces of what is still being said, and the first of each sentence's texts. */
  const open = new Map<string, { pieces: Piece[]; firsts: Map<string, number> }>();
  /** Sentences asked for once more stand in one place with the first: their keys, and its. */
  const again: [key: number, first: number][] = [];
  const nameOf = (event: { conversationId: string; turnId: number }, kind: string) =>
    JSON.stringify([event.conversationId, event.turnId, kind]);
  const close = (name: string, kind: string) => {
    const { pieces } = open.get(name) ?? { pieces: [] };
    open.delete(name);
    crossing.read(pieces);
    if (isSentence(kind)) crossing.read(pieces, ' ');
  };
  const rows = database
    .prepare<[number, string], EventRow & { ordinal: number }>(
      'SELECT ordinal, body, bytes FROM event WHERE session_key = ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY ordinal',
    )
    .iterate(sessionKey, JSON.stringify([...kinds, 'turn.ended']));
  for (const row of rows) {
    const event = toEvent(row);
    if (event.kind === 'turn.ended') for (const kind of kinds) close(nameOf(event, kind), kind);
    if (!isPiece(event)) continue;
    const name = nameOf(event, event.kind);
    const { pieces, firsts } = open.get(name) ?? { pieces: [], firsts: new Map<string, number>() };
    open.set(name, { pieces, firsts });
    const { text } = event;
    const sentence = 'sentence' in event ? `${event.sentence} ${text}` : undefined;
    const first = sentence === undefined ? undefined : firsts.get(sentence);
    if (first !== undefined) {
      again.push([row.ordinal, first]);
      continue;
    }
    pieces.push({ key: row.ordinal, text });
    if (sentence !== undefined) firsts.set(sentence, row.ordinal);
  }
  for (const name of [...open.keys()]) close(name, (JSON.parse(name) as string[])[2] ?? '');
  for (const [key, first] of again) {
    const redacted = crossing.found.get(first);
    if (redacted !== undefined) crossing.found.set(key, redacted);
  }
}

type SpeechPiece = Extract<PipelineEvent, { kind: (typeof pieceKinds)[number] | (typeof sentenceKinds)[number] }>;

function isPiece(event: PipelineEvent): event is SpeechPiece {
  return ([...pieceKinds, ...sentenceKinds] as readonly string[]).includes(event.kind);
}

/** The names that would be blacked out, by number instead: two of them may differ in just that. The number may be another's own name. */
function renamed(names: readonly string[], redact: Redact, prefix: string, at: (name: string) => string): Map<string, string> {
  const told = new Map(names.map((name) => [name, redact(at(name)) === name ? name : '']));
  const taken = new Set(told.values());
  let number = 0;
  for (const [name, own] of told) {
    number++;
    if (own !== '') continue;
    let free = number;
    while (taken.has(`${prefix}-${free}`)) free++;
    told.set(name, `${prefix}-${free}`);
    taken.add(`${prefix}-${free}`);
  }
  return told;
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
