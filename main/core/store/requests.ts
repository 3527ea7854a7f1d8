import type { z } from 'zod';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { CheckHistoryFilter, CheckRun, CheckRunSummary } from '../../../preload/contract/checks.ts';
import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { LogFilter, LogMark, LogTextStyle } from '../../../preload/contract/logs.ts';
import type { SessionNote, TextHit } from '../../../preload/contract/notes.ts';
import type { DeviceList, DeviceListEntry } from '../../../preload/contract/provisioning.ts';
import type { Recipe } from '../../../preload/contract/recipes.ts';
import type { RedactionPreview } from '../../../preload/contract/redaction.ts';
import type { ConversationRecord, SessionDetail, SessionSummary, TrackPeaks, TurnRecord } from '../../../preload/contract/sessions.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { timelineCalls } from '../../../preload/contract/timeline.ts';
import type { BookRow } from '../logs/row.ts';
import type { RenderRequest } from '../sessions/export/request.ts';
import type { RunSounds } from '../sessions/sound-retention.ts';
import type { AppendRecord } from './append.ts';
import type { RedactionOptions } from './session-redaction.ts';
import type { MadeBlock } from './timeline-blocks.ts';
import type { AppendResult } from './writer.ts';

/** Kinds of small JSON documents in the library. */
export type DocumentKind =
  | 'engine'
  | 'agent'
  | 'agent-layer'
  | 'thing-model'
  | 'memory'
  | 'device'
  | 'product'
  | 'account'
  | 'ota-file'
  | 'suite'
  | 'suite-run'
  | 'suite-file'
  | 'check-list'
  | 'boot-baseline'
  | 'activation'
  /** Sessions that retention leaves alone. */
  | 'kept-session'
  /** About how many bytes a session is, once it no longer grows. */
  | 'session-size'
  | 'imported-session';

/**
 * What may be asked of the store's threads. A reader's connection cannot write, and the types keep a read from being
 * sent to the writer. Times are session microseconds.
 */
export interface WriteRequests {
  append: { body: { records: readonly AppendRecord[] }; reply: AppendResult };
  'session.update': { body: { id: string; title?: string | undefined; note?: string | undefined }; reply: { found: boolean } };
  /** `unlessKept`: not when the user keeps it, which is then told as not found. */
  'session.remove': { body: { id: string; unlessKept?: boolean | undefined }; reply: { found: boolean } };
  /**
   * A file that 'session.check' has passed; `newId` is taken when its own id is here already. Others are served meanwhile. `cancelled` is
   * one Int32: not 0 from when nobody waits for it any more, and it throws TalkError 'cancelled'.
   */
  'session.import': { body: { path: string; newId: string; cancelled: SharedArrayBuffer }; reply: { id: string } };
  /** Sets, changes or (null) removes the bookmark of a row. */
  'log.mark': { body: { sessionId: string; seq: number; mark: Omit<LogMark, 'seq'> | null }; reply: { found: boolean } };
  /** Id null: there is no such session. */
  'note.add': { body: Omit<SessionNote, 'id'> & { sessionId: string }; reply: { id: number | null } };
  'note.change': {
    body: { sessionId: string; id: number; changes: Partial<Omit<SessionNote, 'id'>> };
    reply: { found: boolean };
  };
  'note.remove': { body: { sessionId: string; id: number }; reply: { found: boolean } };
  'setting.put': { body: { values: Record<string, unknown> }; reply: { count: number } };
  /** Adds or replaces. */
  'device.save': { body: DeviceRow; reply: Record<never, never> };
  'device.remove': { body: { productId: string; deviceName: string }; reply: { found: boolean } };
  /** Adds, or replaces that of the same id. Names are unique. */
  'recipe.save': { body: { recipe: Recipe }; reply: Record<never, never> };
  'recipe.remove': { body: { id: string }; reply: { found: boolean } };
  /** Adds a list, all of it or nothing: `taken` is the first device that a list has already. */
  'deviceList.add': {
    body: { listId: string; name: string; wallMs: number; devices: readonly DeviceName[] };
    reply: { taken: DeviceName | null };
  };
  /** A list none of whose devices is being burned, with what it held; null when it is not there, false when one is. */
  'deviceList.remove': { body: { listId: string }; reply: { removed: DeviceName[] | null | false } };
  /** The device of this board, else the next free one, for this job; null when there is none. */
  'deviceList.reserveNext': { body: { listId: string; mac: string | null; jobId: string; wallMs: number }; reply: DeviceName | null };
  /** This device for this board. 'elsewhere': it is another board's. 'unlisted': in no list. */
  'deviceList.reserve': {
    body: DeviceName & { mac: string | null; jobId: string; wallMs: number };
    reply: { outcome: 'reserved' | 'elsewhere' | 'unlisted' };
  };
  /** After the job. `isUsed` false: the device is as it was before. */
  'deviceList.settle': { body: { jobId: string; isUsed: boolean; wallMs: number }; reply: { changed: number } };
  /** At the start: what a dead process had reserved may be on its board. */
  'deviceList.recover': { body: { wallMs: number }; reply: { changed: number } };
  /** A used device is free again; `isBusy`: one that is being burned. */
  'deviceList.release': { body: DeviceName & { listId: string }; reply: { found: boolean; isBusy: boolean } };
  /** Adds or replaces a small JSON document. Never a secret. */
  'document.save': { body: { kind: DocumentKind; id: string; body: unknown; wallMs: number }; reply: Record<never, never> };
  'document.remove': { body: { kind: DocumentKind; id: string }; reply: { found: boolean } };
  /** Adds or replaces. `request`: how it was asked for, whoever asks for it again checks its shape. */
  'check.save': { body: { summary: CheckRunSummary; run: CheckRun; request: unknown }; reply: Record<never, never> };
  /** Of a run that has been saved. */
  'check.keepSound': { body: { runId: string; soundId: string; wav: Uint8Array }; reply: { found: boolean } };
  'check.dropSound': { body: { runId: string; soundId: string }; reply: { found: boolean } };
  /** Of a run that stays: what was kept is told as removed from then on. */
  'check.removeSounds': { body: { runId: string }; reply: { removed: number } };
  /** With its sounds. */
  'check.remove': { body: { id: string }; reply: { found: boolean } };
  /** What a reader computed of a session's events and tracks. */
  'timeline.keepBlocks': { body: { id: string; blocks: readonly MadeBlock[] }; reply: Record<never, never> };
  'timeline.keepPeaks': {
    body: TimelineBody<'timeline.peaks'> & { minimum: Uint8Array; maximum: Uint8Array };
    reply: Record<never, never>;
  };
  /** What the writer's thread has cost since it began, and how long its last commits (at most 1,024) took. */
  'writer.measure': { body: Record<never, never>; reply: { cpuUs: number; commitMs: number[] } };
  close: { body: Record<never, never>; reply: Record<never, never> };
}

/** Answered by a reader within milliseconds. */
export interface ReadRequests {
  'session.list': { body: { limit: number; beforeWallMs?: number | undefined }; reply: SessionSummary[] };
  'session.summary': { body: { id: string }; reply: SessionSummary | null };
  'session.detail': { body: { id: string }; reply: SessionDetail | null };
  'session.events': {
    body: { id: string; afterOrdinal: number; limit: number; kinds?: readonly string[] | undefined };
    reply: { events: { ordinal: number; event: PipelineEvent }[]; hasMore: boolean };
  };
  'session.turns': { body: { ids: readonly string[] }; reply: { turns: TurnRecord[]; missingIds: string[] } };
  /** In the order they were written, from the one after `afterKey` (0: the first); `nextKey` null: no more. */
  'session.turnPage': {
    body: { id: string; afterKey: number; limit: number };
    reply: { turns: TurnRecord[]; nextKey: number | null };
  };
  /** Those of these turns that are there, in the order asked for. */
  'session.turnsAt': {
    body: { id: string; places: readonly { conversationId: string; turnId: number }[] };
    reply: TurnRecord[];
  };
  'session.conversation': { body: { id: string; conversationId: string }; reply: ConversationRecord | null };
  /** Throws TalkError 'session/not-found', as all of a log do. */
  'log.blocks': { body: { sessionId: string }; reply: LogBlockIndex };
  /** The rows with these seqs (ascending), with their bytes. Those that could not be kept are not among them. */
  'log.window': { body: { sessionId: string; seqs: ArrayLike<number> }; reply: BookRow[] };
  /** Rows as text. */
  'log.lines': { body: LogLinesRequest; reply: LogLinesReply };
  /** Tags (or files) with their rows, most first, and ports. */
  'log.tags': { body: { sessionId: string }; reply: { tags: { tag: string; rows: number }[]; ports: string[] } };
  /** Bookmarks by seq. */
  'log.marks': { body: { sessionId: string }; reply: LogMark[] };
  /** Notes on instants and stretches, by time. */
  'note.list': { body: { sessionId: string }; reply: SessionNote[] };
  /** Transcripts and notes; three characters and more by index, fewer by scan. */
  'text.find': { body: { text: string; limit: number }; reply: TextHit[] };
  /** Of the database file: its pages, those that are free, and its size with what is not yet folded in. */
  'library.size': { body: Record<never, never>; reply: { bytes: number; freeBytes: number } };
  'timeline.labels': { body: { id: string; events: readonly number[] }; reply: { events: string[] } };
  'timeline.causes': { body: TimelineBody<'timeline.causes'>; reply: TimelineReply<'timeline.causes'> };
  'timeline.tracks': { body: TimelineBody<'timeline.tracks'>; reply: TimelineReply<'timeline.tracks'> };
  'setting.all': { body: Record<never, never>; reply: { key: string; value: unknown }[] };
  'device.list': { body: Record<never, never>; reply: DeviceRow[] };
  'deviceList.all': { body: Record<never, never>; reply: DeviceList[] };
  'deviceList.entries': { body: { listId: string }; reply: DeviceListEntry[] };
  /** Those of `devices` that a list has, with its name. */
  'deviceList.find': { body: { devices: readonly DeviceName[] }; reply: (DeviceName & { listName: string })[] };
  /** Bodies as they were stored. */
  'recipe.list': { body: Record<never, never>; reply: unknown[] };
  'check.run': { body: { id: string }; reply: { run: CheckRun; request: unknown } | null };
  /** As a killed process has left them. */
  'check.running': { body: Record<never, never>; reply: { run: CheckRun; request: unknown }[] };
  /** Other boards' newest runs that said this of themselves: a serial number that an operator told is another board's than every other one. */
  'check.namesakes': {
    body: { serialNumber: string; mac: string | null; imei: string | null; device: DeviceName | null };
    reply: { runId: string; serialNumber: string; startedWallMs: number; shares: 'mac' | 'imei' | 'device' }[];
  };
  /** `isRemoved`: it was kept, and 'check.removeSounds' has removed it. */
  'check.sound': { body: { runId: string; soundId: string }; reply: { wav: Uint8Array<ArrayBuffer> | null; isRemoved: boolean } };
  /** How much the runs that have ended keep to be listened to, oldest first. */
  'check.soundSizes': { body: Record<never, never>; reply: RunSounds[] };
  /** Newest first; all without a limit. */
  'check.history': { body: { filter: CheckHistoryFilter; limit?: number | undefined }; reply: CheckRunSummary[] };
  /** Those of one kind by id; whoever asks checks their shape. `without`: members of them that are not wanted. */
  'document.list': {
    body: { kind: DocumentKind; without?: readonly string[] };
    reply: { id: string; wallMs: number; body: unknown }[];
  };
  /** Null when there is none. */
  'document.body': { body: { kind: DocumentKind; id: string }; reply: unknown };
}

type TimelineBody<Name extends keyof typeof timelineCalls> = z.output<(typeof timelineCalls)[Name]['request']>;
type TimelineReply<Name extends keyof typeof timelineCalls> = z.output<(typeof timelineCalls)[Name]['reply']>;

/** May take seconds: each runs alone on a thread that is ended when the caller gives up. */
export interface BulkRequests {
  /** `made`: what should be kept, so that it need not be read from events again. */
  'timeline.events': { body: TimelineBody<'timeline.events'>; reply: TimelineReply<'timeline.events'> & { made: MadeBlock[] } };
  'timeline.rows': { body: TimelineBody<'timeline.rows'>; reply: TimelineReply<'timeline.rows'> };
  'timeline.find': { body: TimelineBody<'timeline.find'>; reply: TimelineReply<'timeline.find'> };
  'timeline.peaks': { body: TimelineBody<'timeline.peaks'>; reply: TimelineReply<'timeline.peaks'> & { isKept: boolean } };
  /** One slice of a search. */
  'log.scan': { body: LogScanRequest; reply: LogScanReply };
  /** One piece of a log as a file. */
  'log.export': { body: LogExportRequest; reply: { data: Uint8Array<ArrayBuffer>; cursor: string | null; doneRows: number } };
  'audio.wav': {
    body: { id: string; conversationId: string; fromUs?: number | undefined; toUs?: number | undefined; isDenoised?: boolean | undefined };
    reply: { fromUs: number; wav: Uint8Array<ArrayBuffer> };
  };
  'audio.peaks': {
    body: { id: string; conversationId: string; bucketUs: number };
    reply: { uplink: TrackPeaks; downlink: TrackPeaks };
  };
  /** What an export would black out and leave out. */
  'session.preview': { body: { id: string } & RedactionOptions; reply: RedactionPreview };
  /** Makes a file that somebody sent one that 'session.import' can read; changes it. Throws TalkError 'session/bad-file'. */
  'session.check': { body: { path: string; fileName?: string | undefined }; reply: Record<never, never> };
  /** About how many bytes of the library each session is. */
  'session.sizes': { body: { ids: readonly string[] }; reply: { sizes: Record<string, number> } };
  /** A track's packets as they were, in order. */
  'replay.packets': {
    body: { id: string; conversationId: string; track: AudioPacket['track'] };
    reply: (Omit<AudioPacket, 'conversationId' | 'track' | 'index' | 'bytes'> & { bytes: Uint8Array<ArrayBuffer> })[];
  };
  /** Bytes that a port received, in order and in pieces: `nextOffset` begins the next one. */
  'replay.chunks': {
    body: { id: string; port: string; fromOffset: number };
    reply: { chunks: { atUs: number; offset: number; bytes: Uint8Array<ArrayBuffer> }[]; nextOffset: number | null };
  };
  /** A session in another format, written to `path`. */
  'session.render': { body: RenderRequest; reply: { facts: Record<string, number> } };
}

/** The blocks of a log in order, one at each place of the lists: what is known of it without reading its rows. */
export interface LogBlockIndex {
  /** Seqs so far: the last row's, and one. */
  length: number;
  firstSeqs: Float64Array<ArrayBuffer>;
  rowCounts: Uint32Array<ArrayBuffer>;
  /** Least and greatest instant of the block's rows. */
  firstUs: Float64Array<ArrayBuffer>;
  lastUs: Float64Array<ArrayBuffer>;
  errors: Uint32Array<ArrayBuffer>;
  warns: Uint32Array<ArrayBuffer>;
  infos: Uint32Array<ArrayBuffer>;
}

export interface LogLinesRequest {
  sessionId: string;
  /** Ascending. */
  seqs: ArrayLike<number>;
  style: LogTextStyle;
  /** Wall time of `atUs` 0. */
  startedWallMs: number;
  /** No more blocks are read once the text is longer. */
  limitCharacters: number;
}

export interface LogLinesReply {
  /** Each row a line, ended by a line feed. */
  text: string;
  /** So many of the seqs, from the first: up to one that could not be kept, or to the limit. */
  rows: number;
}

export interface LogScanRequest {
  sessionId: string;
  filter: LogFilter;
  /** Rows `fromSeq` … before `toSeq`. */
  fromSeq: number;
  toSeq: number;
  /** Of the slice before. */
  wantedPorts?: readonly string[] | undefined;
}

/** Rows that a filter found, one at each place of the lists, in order. */
export interface LogScanReply {
  seqs: Uint32Array<ArrayBuffer>;
  atUs: Float64Array<ArrayBuffer>;
  /** The level's place in `logLevels` plus one; 0: none. */
  levels: Uint8Array<ArrayBuffer>;
  /** With `collapseRepeats` only. Places in `ports`, and 1 for a row that only repeats the wanted row before it of its port. */
  portOf?: Uint16Array<ArrayBuffer>;
  isCounted?: Uint8Array<ArrayBuffer>;
  ports: string[];
  /** With `collapseRepeats`: the ports whose newest row so far was wanted. */
  wantedPorts: string[];
}

export interface LogExportRequest {
  sessionId: string;
  filter: LogFilter;
  format: 'raw' | 'text' | 'jsonl' | 'csv';
  style: LogTextStyle;
  /** IMEI, IMSI and ICCID stay. */
  includeIdentities: boolean;
  /** Blacked out, wherever a board printed them. */
  secrets: readonly string[];
  /** Null for the first piece, then what the piece before gave. */
  cursor: string | null;
  /** About how large a piece may be. */
  pieceBytes: number;
}

export interface DeviceRow {
  productId: string;
  deviceName: string;
  lastOnlineWallMs: number | null;
  firmwareVersion: string | null;
  properties: Record<string, unknown>;
}

export type BodyOf<Map, Name extends keyof Map> = Map[Name] extends { body: infer Body } ? Body : never;
export type ReplyOf<Map, Name extends keyof Map> = Map[Name] extends { reply: infer Reply } ? Reply : never;

/** What a thread runs for each request of its map. */
export type Handlers<Map> = { [Name in keyof Map]: (body: BodyOf<Map, Name>) => ReplyOf<Map, Name> | Promise<ReplyOf<Map, Name>> };

/** A thread's start-up data and first message. */
export type ThreadRole =
  /** `isFirst` at the start of the core: sessions that stand open then were left so by a killed process. */
  | { role: 'writer'; path: string; movedToSuffix: string; isFirst: boolean; maximumBytes?: number }
  | { role: 'reader' | 'bulk'; path: string };

/** `isUnderWay`, any number of times: a library of an older schema is being converted, which may take minutes. */
export type ThreadStart = { isUnderWay: true } | ThreadReady;

export type ThreadReady =
  | { ready: true; problem: TalkErrorValue | null; recoveredSessionIds: string[] }
  | { ready: false; error: ThreadError };

/** An expected failure as its value, a bug as its text. */
export type ThreadError = { expected: TalkErrorValue } | { bug: string };

export type ThreadReply = { id: number; reply: unknown } | { id: number; error: ThreadError };
