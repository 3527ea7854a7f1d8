import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { approximateBytes } from '../../../preload/contract/size.ts';

/**
 * What a recording appends, in order. Every instant is already session time. Byte arrays must be whole buffers (see
 * `ownBytes`): posting a view to the worker would copy all of the buffer under it.
 */
export type AppendRecord =
  | { kind: 'session.start'; sessionId: string; title: string; startedWallMs: number; appVersion: string }
  | { kind: 'session.stop'; sessionId: string; endUs: number }
  | { kind: 'raw'; sessionId: string; port: string; direction: 'received' | 'sent'; atUs: number; bytes: Uint8Array }
  | { kind: 'rows'; sessionId: string; rows: readonly LogRow[] }
  | { kind: 'event'; sessionId: string; event: PipelineEvent }
  | { kind: 'packet'; sessionId: string; packet: AudioPacket }
  | { kind: 'flash'; sessionId: string; atUs: number; job: FlashJob }
  | { kind: 'dropped'; sessionId: string; count: number };

/** A log row is about this much beside its text and bytes. */
const ROW_OVERHEAD_BYTES = 200;

/** About how much memory a record holds while it waits. */
export function recordBytes(record: AppendRecord): number {
  switch (record.kind) {
    case 'raw':
      return record.bytes.byteLength + 64;
    case 'packet':
      return record.packet.bytes.byteLength + 128;
    case 'rows':
      return record.rows.reduce((sum, row) => sum + ROW_OVERHEAD_BYTES + row.text.length * 2 + row.raw.byteLength, 0);
    case 'event':
      return 64 + approximateBytes(record.event, 1 << 20);
    default:
      return 256;
  }
}

/** Things lost when a record is: rows, not lists of rows. */
export function recordWeight(record: AppendRecord): number {
  if (record.kind === 'rows') return record.rows.length;
  return record.kind === 'dropped' ? record.count : 1;
}

/** The bytes in a buffer of exactly their size. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && bytes.byteLength === buffer.byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
