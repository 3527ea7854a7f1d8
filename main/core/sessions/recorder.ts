import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';

/**
 * Keeps what happened. Every method is synchronous, never throws and never waits: it hands to the store worker, and what
 * could not be kept is counted and shown. Instants are the core's clock; the recorder turns them into session time.
 */
export interface Recorder {
  /** Null while nothing is being recorded. */
  readonly session: { id: string; startedUs: MonoUs } | null;
  /** Starts a session if none runs: the first port opened or board connected starts one by itself. */
  ensureSession(title?: string): { id: string; startedUs: MonoUs };
  /** Called with a port's bytes before anything parses them. */
  raw(chunk: { port: string; direction: 'received' | 'sent'; atUs: MonoUs; bytes: Uint8Array }): void;
  rows(rows: readonly LogRow[]): void;
  event(event: PipelineEvent): void;
  packet(packet: AudioPacket): void;
  flash(job: FlashJob, startedUs: MonoUs): void;
}
