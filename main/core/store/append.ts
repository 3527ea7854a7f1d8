import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import { approximateBytes } from '../../../preload/contract/size.ts';
import type { LogBlock } from '../logs/block.ts';

/**
 * What a recording appends, in order. Every instant is already session time. Byte arrays must be whole buffers (see
 * `ownBytes`): posting a view to the worker would copy all of the buffer under it.
 */
export type AppendRecord =
  | { kind: 'session.start'; sessionId: string; title: string; startedWallMs: number; appVersion: string }
  | { kind: 'session.stop'; sessionId: string; endUs: number }
  | RawRecord
  | { kind: 'rows'; sessionId: string; block: LogBlock }
  | { kind: 'event'; sessionId: string; event: PipelineEvent }
  | { kind: 'packet'; sessionId: string; packet: AudioPacket }
  | { kind: 'flash'; sessionId: string; atUs: number; job: FlashJob }
  | { kind: 'dropped'; sessionId: string; count: number };

/** Bytes of a port, as they came or went. */
export interface RawRecord {
  kind: 'raw';
  sessionId: string;
  port: string;
  direction: 'received' | 'sent';
  /** When the first of them came. */
  atUs: number;
  /** Bytes of that port and direction before these, in this session. */
  offset: number;
  bytes: Uint8Array;
}

/** Chunks that a driver hands over within this time are stored as one: a USB bridge may have held a byte for as long (FTDI: 16 ms). */
const JOINED_US = 16_000;
const JOINED_BYTES = 32 << 10;

/** About how much memory a record holds while it waits. */
export function recordBytes(record: AppendRecord): number {
  switch (record.kind) {
    case 'raw':
      return record.bytes.byteLength + 64;
    case 'packet':
      return record.packet.bytes.byteLength + 128;
    case 'rows':
      return 512 + record.block.columns.byteLength + 2 * (record.block.text.length + record.block.facts.length);
    case 'event':
      return 64 + approximateBytes(record.event, 1 << 20);
    default:
      return 256;
  }
}

/** Things lost when a record is: rows, not blocks of rows. */
export function recordWeight(record: AppendRecord): number {
  if (record.kind === 'rows') return record.block.rowCount;
  return record.kind === 'dropped' ? record.count : 1;
}

/**
 * The same records with fewer chunks: those of a port and direction that follow each other closely become one, at the time of the
 * first. Between the two directions of a port nothing changes places.
 */
export function joinChunks(records: readonly AppendRecord[]): AppendRecord[] {
  const joined: (AppendRecord | RawRecord[])[] = [];
  const open = new Map<string, { chunks: RawRecord[]; first: RawRecord; bytes: number }>();
  for (const record of records) {
    if (record.kind !== 'raw') {
      joined.push(record);
      continue;
    }
    const port = `${record.sessionId} ${record.port}`;
    const run = open.get(port);
    const follows =
      run !== undefined &&
      run.first.direction === record.direction &&
      run.first.offset + run.bytes === record.offset &&
      record.atUs - run.first.atUs <= JOINED_US &&
      run.bytes + record.bytes.byteLength <= JOINED_BYTES;
    if (follows) {
      run.chunks.push(record);
      run.bytes += record.bytes.byteLength;
      continue;
    }
    const chunks = [record];
    open.set(port, { chunks, first: record, bytes: record.bytes.byteLength });
    joined.push(chunks);
  }
  return joined.map((entry) => (Array.isArray(entry) ? joinedChunk(entry) : entry));
}

function joinedChunk(chunks: readonly RawRecord[]): RawRecord {
  const first = chunks[0] as RawRecord;
  if (chunks.length === 1) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.bytes.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.bytes, at);
    at += chunk.bytes.byteLength;
  }
  return { ...first, bytes };
}

/** The bytes in a buffer of exactly their size. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
