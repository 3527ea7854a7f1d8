import type { Database } from 'better-sqlite3';
import { createPacketDecoder } from '../../../../pipeline/turn/codec.ts';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import { toEvent } from '../../store/event-row.ts';
import { type RecordedConversation, type RecordedPacket, recordedConversation } from './recorded.ts';

interface PacketRow {
  atUs: number;
  mediaUs: number;
  durationUs: number;
  codec: AudioPacket['codec'];
  bytes: Uint8Array;
}

/** Neither turn-taking nor engines hear of these, and there may be a million. */
const left: ReadonlySet<string> = new Set(['downlink.queue', 'wire.message']);

/** No decoder takes one byte for 16 bit samples. */
const UNDECODABLE = new Uint8Array(1);

/**
 * A session's conversations, or one of them, whole. Throws TalkError 'session/not-found' {id}, 'replay/no-conversation' {id}: none, or none
 * whose beginning was recorded.
 */
export function readConversations(database: Database, sessionId: string, conversationId?: string): RecordedConversation[] {
  const session = database.prepare<[string], { session_key: number }>('SELECT session_key FROM session WHERE id = ?').get(sessionId);
  if (session === undefined) throw new TalkError('session/not-found', { id: sessionId });
  const conversations = database
    .prepare<[number], { conversation_key: number; conversation_id: string; ended_us: number | null }>(
      'SELECT conversation_key, conversation_id, (SELECT MAX(at_us) FROM audio_packet p WHERE p.conversation_key = c.conversation_key) AS ended_us FROM conversation c WHERE session_key = ?',
    )
    .all(session.session_key)
    .filter((each) => conversationId === undefined || each.conversation_id === conversationId);
  const events = Map.groupBy(eventsOf(database, session.session_key), (event) =>
    'conversationId' in event ? event.conversationId : undefined,
  );
  const packetsOf = database.prepare<[number, string], PacketRow>(
    `SELECT at_us AS atUs, media_us AS mediaUs, duration_us AS durationUs, codec, bytes
     FROM audio_packet WHERE conversation_key = ? AND track = ? ORDER BY packet_index`,
  );
  const recorded = conversations.flatMap(({ conversation_key: key, conversation_id: id, ended_us }) => {
    const own = events.get(id) ?? [];
    const denoised = packetsOf.all(key, 'uplink-denoised');
    const packets = decodedPackets(packetsOf.all(key, 'uplink'), denoised);
    const endUs = Math.max(ended_us ?? 0, own.at(-1)?.atUs ?? 0);
    return recordedConversation({ sessionId, events: own, packets, isDenoised: denoised.length > 0, endUs }) ?? [];
  });
  if (recorded.length === 0) throw new TalkError('replay/no-conversation', { id: sessionId });
  return recorded;
}

function* eventsOf(database: Database, sessionKey: number): Generator<PipelineEvent> {
  const rows = database
    .prepare<[number], { kind: string; body: string }>('SELECT kind, body FROM event WHERE session_key = ? ORDER BY ordinal')
    .iterate(sessionKey);
  for (const { kind, body } of rows) if (!left.has(kind)) yield toEvent({ body, bytes: null });
}

/** 16 kHz mono, of the cleaned signal where there is one: what the turn-taking listened to then is listened to now. */
export function decodedPackets(rows: readonly PacketRow[], denoised: readonly PacketRow[]): RecordedPacket[] {
  const codec = rows[0]?.codec ?? 'pcm';
  const decoder = createPacketDecoder({ codec, sampleRate: 16_000, frameMs: 60 });
  const clean = signalOf(denoised);
  try {
    return rows.map(({ atUs, mediaUs, bytes }) => {
      const pcm = decoded(decoder, bytes);
      if (pcm === null) return { atUs, pcm: UNDECODABLE };
      clean?.paste(pcm, mediaUs);
      return { atUs, pcm: new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength) };
    });
  } finally {
    decoder.close();
  }
}

/** A packet's samples, the caller's own. */
function decoded(decoder: ReturnType<typeof createPacketDecoder>, bytes: Uint8Array): Int16Array | null {
  try {
    return decoder.decode(bytes).slice();
  } catch (error) {
    if (isTalkError(error, 'audio/decode')) return null;
    throw error;
  }
}

function signalOf(denoised: readonly PacketRow[]) {
  const last = denoised.at(-1);
  if (last === undefined) return null;
  const sampleAt = (us: number) => Math.round(us * 0.016);
  const signal = new Int16Array(sampleAt(last.mediaUs + last.durationUs));
  const isKnown = new Uint8Array(signal.length);
  for (const { mediaUs, bytes } of denoised) {
    const samples = new Int16Array(bytes.slice().buffer, 0, bytes.byteLength >> 1);
    const at = sampleAt(mediaUs);
    const fitting = samples.subarray(0, Math.max(0, signal.length - at));
    signal.set(fitting, at);
    isKnown.fill(1, at, at + fitting.length);
  }
  return {
    paste(pcm: Int16Array, mediaUs: number): void {
      const at = sampleAt(mediaUs);
      for (let index = 0; index < pcm.length; index += 1) if (isKnown[at + index] === 1) pcm[index] = signal[at + index] ?? 0;
    },
  };
}
