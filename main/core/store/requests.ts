import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { LogFilter, LogMark, LogTextStyle } from '../../../preload/contract/logs.ts';
import type { DeviceList, DeviceListEntry } from '../../../preload/contract/provisioning.ts';
import type { Recipe } from '../../../preload/contract/recipes.ts';
import type { ConversationRecord, SessionDetail, SessionSummary, TrackPeaks, TurnRecord } from '../../../preload/contract/sessions.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { BookRow } from '../logs/row.ts';
import type { AppendRecord } from './append.ts';
import type { AppendResult } from './writer.ts';

/**
 * What may be asked of the store's threads. A reader's connection cannot write, and the types keep a read from being
 * sent to the writer. Times are session microseconds.
 */
export interface WriteRequests {
  append: { body: { records: readonly AppendRecord[] }; reply: AppendResult };
  'session.update': { body: { id: string; title?: string | undefined; note?: string | undefined }; reply: { found: boolean } };
  'session.remove': { body: { id: string }; reply: { found: boolean } };
  /** `newId` is taken when the file's own id is here already. */
  'session.import': { body: { data: Uint8Array; newId: string }; reply: { id: string } };
  /** Sets, changes or (null) removes the bookmark of a row. */
  'log.mark': { body: { sessionId: string; seq: number; mark: Omit<LogMark, 'seq'> | null }; reply: { found: boolean } };
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
  /** Transcripts and notes; three characters and more by index, fewer by scan. */
  'text.find': { body: { text: string; limit: number }; reply: TextHit[] };
  'setting.all': { body: Record<never, never>; reply: { key: string; value: unknown }[] };
  'device.list': { body: Record<never, never>; reply: DeviceRow[] };
  'deviceList.all': { body: Record<never, never>; reply: DeviceList[] };
  'deviceList.entries': { body: { listId: string }; reply: DeviceListEntry[] };
  /** Those of `devices` that a list has, with its name. */
  'deviceList.find': { body: { devices: readonly DeviceName[] }; reply: (DeviceName & { listName: string })[] };
  /** Bodies as they were stored. */
  'recipe.list': { body: Record<never, never>; reply: unknown[] };
}

/** May take seconds: each runs alone on a thread that is ended when the caller gives up. */
export interface BulkRequests {
  /** One slice of a search. */
  'log.scan': { body: LogScanRequest; reply: LogScanReply };
  /** One piece of a log as a file. */
  'log.export': { body: LogExportRequest; reply: { data: Uint8Array<ArrayBuffer>; cursor: string | null; doneRows: number } };
  'audio.wav': {
    body: { id: string; conversationId: string; fromUs?: number | undefined; toUs?: number | undefined };
    reply: { fromUs: number; wav: Uint8Array<ArrayBuffer> };
  };
  'audio.peaks': {
    body: { id: string; conversationId: string; bucketUs: number };
    reply: { uplink: TrackPeaks; downlink: TrackPeaks };
  };
  'session.export': {
    body: { id: string; includeIdentities: boolean; secrets: readonly string[] };
    reply: { data: Uint8Array<ArrayBuffer> };
  };
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

export type TextHit =
  | { kind: 'turn'; sessionId: string; conversationId: string; turnId: number; userText: string; replyText: string }
  | { kind: 'note'; sessionId: string; text: string };

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
