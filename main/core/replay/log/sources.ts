import type { LogReplaySource } from '../../../../preload/contract/replay.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Store } from '../../store/store.ts';
import { timesOf } from './file-times.ts';
import { fromBeginning, type LogChunk, type LogTrack, type LogTracks, portNameOf } from './track.ts';

const LINE_FEED = 10;
/** Of a file without line feeds. */
const LONGEST_LINE_BYTES = 4096;

/** What is to be played. Rejects with TalkError 'session/not-found', 'not-found' (port), 'replay/no-log'. */
export async function tracksOf(
  source: LogReplaySource,
  { store, linesPerSecond, signal }: { store: Pick<Store, 'read' | 'bulk'>; linesPerSecond: number; signal: AbortSignal },
): Promise<LogTracks> {
  if (source.kind === 'files') {
    const named = source.files.map(({ name, data }) => trackOfFile(name, data, linesPerSecond));
    const isTimed = named.some(({ isTimed }) => isTimed);
    return something(fromBeginning(named, isTimed ? 'timestamps' : 'lines'), '');
  }
  const { sessionId } = source;
  const detail = await store.read('session.detail', { id: sessionId });
  if (detail === null) throw new TalkError('session/not-found', { id: sessionId });
  const ports = source.ports ?? detail.ports.map(({ address }) => address);
  const tracks: LogTrack[] = [];
  for (const port of ports) tracks.push({ name: portNameOf(port), from: port, chunks: await chunksOf(store, sessionId, port, signal) });
  return something(fromBeginning(tracks, 'timestamps'), sessionId);
}

function something(tracks: LogTracks, sessionId: string): LogTracks {
  if (tracks.tracks.length === 0) throw new TalkError('replay/no-log', { sessionId });
  return tracks;
}

async function chunksOf(store: Pick<Store, 'bulk'>, id: string, port: string, signal: AbortSignal): Promise<LogChunk[]> {
  const all: LogChunk[] = [];
  for (let fromOffset: number | null = 0; fromOffset !== null; ) {
    const piece: { chunks: LogChunk[]; nextOffset: number | null } = await store.bulk(
      'replay.chunks',
      { id, port, fromOffset },
      { signal },
    );
    // Ordered by where they stand: of two that came at once the second may have been stamped first.
    for (const { atUs, bytes } of piece.chunks) all.push({ atUs: Math.max(atUs, all.at(-1)?.atUs ?? atUs), bytes });
    fromOffset = piece.nextOffset;
  }
  return all;
}

/** A file line by line, each at its own instant or, where there are none, so many a second. Not a byte is left out. */
export function trackOfFile(name: string, data: Uint8Array, linesPerSecond: number): LogTrack & { isTimed: boolean } {
  const lines = [...linesOf(data)];
  const decoder = new TextDecoder('utf-8');
  const times = timesOf(lines.map((line) => decoder.decode(line.subarray(0, 80))));
  const chunks = lines.map((bytes, index) => ({
    atUs: Math.round(times === null ? (index * 1e6) / linesPerSecond : (times[index] ?? 0) * 1000),
    bytes,
  }));
  return { name: portNameOf(name), from: name, chunks, isTimed: times !== null };
}

/** With their ends, whatever these are. */
function* linesOf(data: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < data.length; ) {
    const feed = data.indexOf(LINE_FEED, from);
    const end = Math.min(feed === -1 ? data.length : feed + 1, from + LONGEST_LINE_BYTES);
    yield data.subarray(from, end);
    from = end;
  }
}
