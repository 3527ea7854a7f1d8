import { createSessions, type Sessions } from '../../../../../../main/core/sessions/sessions.ts';
import { createOpusEncoder } from '../../../../../../pipeline/audio/opus.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../../preload/contract/events.ts';
import type { CallBody } from '../../../../../../preload/contract/index.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { sampleConversation, sampleConversationId } from '../../../../../fakes/sample-conversation.ts';
import { logRow, openTestBench, recordRows, silentLog, type TestBench } from '../../../../../fakes/store.ts';

/** The recorder's clock when the session starts. */
const START_US = 5_000_000;
const FRAME_US = 60_000;
const context = { signal: new AbortController().signal, role: 'operator' as const };

export const deviceSecret = 'dTest+Secret/0123456789abc==';
export const imei = '867530912345678';
export const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&`;

export interface ExportBench {
  bench: TestBench;
  sessions: Sessions;
  id: string;
  uplink: Uint8Array[];
  downlink: Uint8Array[];
  close(): Promise<void>;
}

/**
 * The sample conversation, as recorded: the uplink without a break but one lost packet from 4.2 s on, the replies as they were sent, a log,
 * and a board that prints its secret, its IMEI and markup.
 */
export async function recordedSample(): Promise<ExportBench> {
  const bench = await openTestBench();
  const sessions = await createSessions({
    store: bench.store,
    recorder: bench.recorder,
    clock: bench.clock,
    log: silentLog,
    secrets: async () => [deviceSecret],
  });
  const { id } = bench.recorder.ensureSession(`sample ${hostile}`);
  const sample = sampleConversation();
  for (const event of sample.events) bench.recorder.event(shifted(event));
  bench.recorder.event({
    kind: 'wire.message',
    atUs: (START_US + 39_000_000) as MonoUs,
    gateway: 'twetalk',
    channel: 'mqtt',
    direction: 'up',
    name: '$thing/up/property',
    text: JSON.stringify({ imei, secret: deviceSecret, name: hostile }),
  });
  const uplink = packets(200, 300);
  const downlink = packets(60, 700);
  for (const [index, bytes] of uplink.entries())
    if (index !== 50) record(bench, { track: 'uplink', index, atMs: 4_260 + index * 60, mediaMs: index * 60, bytes });
  for (const [index, bytes] of downlink.entries())
    record(bench, { track: 'downlink', index, atMs: 11_834 + index * 60, mediaMs: 7_634 + index * 60, bytes });
  recordRows(bench.recorder, [
    logRow('/dev/ttyUSB0', 0, 'I (1) app: plain'),
    logRow('/dev/ttyUSB0', 1, `E (2) app: ${hostile} ${deviceSecret}`, { level: 'error', event: 'boot' }),
  ]);
  await bench.recorder.stop();
  await bench.store.write('note.add', { sessionId: id, atUs: 12_000_000, toUs: null, text: `heard late ${hostile}`, colour: 'red' });
  await bench.store.write('note.add', {
    ...{ sessionId: id, atUs: 13_000_000, toUs: 15_000_000, text: `said ${deviceSecret}`, colour: 'blue' },
  });
  await bench.store.write('log.mark', { sessionId: id, seq: 1, mark: { note: `=why ${deviceSecret}`, colour: 'green' } });
  return {
    bench,
    sessions,
    id,
    uplink,
    downlink,
    async close() {
      sessions.close();
      await bench.close();
    },
  };
}

export async function exported(
  { sessions, id }: ExportBench,
  request: Partial<CallBody<'sessions.export'>>,
): Promise<{ data: Buffer; fileName: string; facts: Record<string, number>; pieces: number }> {
  const parts: Uint8Array[] = [];
  let cursor: string | undefined;
  let pieces = 0;
  for (;;) {
    const piece = await sessions.calls['sessions.export'](
      { id, includeIdentities: false, ...request, ...(cursor === undefined ? {} : { cursor }) },
      context,
    );
    parts.push(piece.data);
    pieces++;
    cursor = piece.cursor ?? undefined;
    if (cursor === undefined) return { data: Buffer.concat(parts), fileName: piece.fileName, facts: piece.facts ?? {}, pieces };
  }
}

function shifted(event: PipelineEvent): PipelineEvent {
  const atUs = (event.atUs + START_US) as MonoUs;
  return event.kind === 'user.speech-ended' ? { ...event, atUs, declaredUs: (event.declaredUs + START_US) as MonoUs } : { ...event, atUs };
}

function packets(count: number, hertz: number): Uint8Array[] {
  const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 16000, frameMs: 60, isCbr: false });
  const made = Array.from({ length: count }, (_, index) =>
    encoder.encode(
      Int16Array.from({ length: 960 }, (__, i) => Math.round(8000 * Math.sin((2 * Math.PI * hertz * (index * 960 + i)) / 16000))),
    ),
  );
  encoder.close();
  return made;
}

function record(
  bench: TestBench,
  { atMs, mediaMs, ...packet }: Pick<AudioPacket, 'track' | 'index' | 'bytes'> & { atMs: number; mediaMs: number },
): void {
  const times = { atUs: START_US + atMs * 1000, mediaUs: mediaMs * 1000, durationUs: FRAME_US };
  bench.recorder.packet({ ...packet, ...times, conversationId: sampleConversationId, codec: 'opus', sampleRate: 16000 });
}
