import type { Database } from 'better-sqlite3';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { writeSessionFile } from '../../store/session-file.ts';
import { createFileWriter, type FileWriter } from './file-writer.ts';
import { writeOtlp } from './otlp.ts';
import { writeTrace } from './perfetto.ts';
import { writeReport } from './report.ts';
import type { RenderRequest } from './request.ts';
import { STEREO_RATE, writeOgg, writeWav } from './sound.ts';
import { type Extent, openSource, type SessionSource, type Track } from './source.ts';
import { writeSubtitles } from './subtitles.ts';
import { writeTable } from './tables.ts';

/**
 * Writes a session to `path` in the format that is asked for and says what it wrote, counted. All of it is as of one moment. Throws
 * TalkError 'session/not-found', 'not-found' (conversation), 'bad-request' (which of several conversations), 'too-large'.
 */
export function renderSession(database: Database, request: RenderRequest): Record<string, number> {
  return database.transaction(() => {
    refuseEmpty(request);
    if (request.format === 'talkbench') return writeSessionFile(database, request.id, request.path, request);
    const source = openSource(database, request);
    using out = createFileWriter(request.path);
    return write(source, out, request);
  })();
}

/** A file of nothing is not what anybody wants. */
function refuseEmpty({ format, leaveOut = [] }: RenderRequest): void {
  const isSound = format === 'wav' || format === 'ogg';
  if (isSound && leaveOut.includes('sound')) throw badRequest('leaveOut', `${format} has nothing but sound`);
  const isSaid = format === 'srt' || format === 'vtt';
  if (isSaid && leaveOut.includes('transcripts')) throw badRequest('leaveOut', `${format} has nothing but transcripts`);
}

function write(source: SessionSource, out: FileWriter, request: RenderRequest): Record<string, number> {
  const { format, content = 'turns', language = 'en', includeIdentities, path: scratch } = request;
  switch (format) {
    case 'csv':
    case 'jsonl':
      return writeTable(source, out, { format, content });
    case 'perfetto':
      return writeTrace(source, out);
    case 'otlp':
      return writeOtlp(source, out);
    case 'html':
      return writeReport(source, out, { language, includeIdentities, scratch });
    case 'srt':
    case 'vtt': {
      const { conversationId, openedUs } = onlyConversation(source);
      const originUs = source.extent(conversationId)?.fromUs ?? openedUs;
      return { ...writeSubtitles(source, out, { conversationId, originUs, format }), originUs };
    }
    case 'talkbench':
      throw new Error('is written by the store');
    case 'wav': {
      const { conversationId } = onlyConversation(source);
      const extent = soundOf(source, conversationId);
      const tracks = ['uplink', 'downlink'] as const;
      return { ...writeWav(source, out, { conversationId, extent, tracks, sampleRate: STEREO_RATE, scratch }), originUs: extent.fromUs };
    }
    case 'ogg':
      return writeTrack(source, out, { track: request.track ?? 'uplink', scratch });
  }
}

/** Opus as it was; what holds PCM as a WAV, at the track's own rate where it has one. */
function writeTrack(source: SessionSource, out: FileWriter, { track, scratch }: { track: Track; scratch: string }): Record<string, number> {
  const { conversationId } = onlyConversation(source);
  const codecs = source.codecs(conversationId, track);
  const extent = soundOf(source, conversationId);
  const [first] = codecs;
  if (first === undefined) throw badRequest('track', `nothing was recorded of ${track}`);
  if (codecs.every(({ codec }) => codec === 'opus')) {
    return { ...writeOgg(source, out, { conversationId, extent, track }), originUs: extent.fromUs, isOpus: 1 };
  }
  const sampleRate = codecs.length === 1 ? first.sampleRate : STEREO_RATE;
  return { ...writeWav(source, out, { conversationId, extent, tracks: [track], sampleRate, scratch }), originUs: extent.fromUs, isOpus: 0 };
}

function onlyConversation(source: SessionSource): SessionSource['conversations'][number] {
  const { conversations } = source;
  const [only] = conversations;
  if (only !== undefined && conversations.length === 1) return only;
  const known = conversations.slice(0, 20).map(({ conversationId }) => conversationId);
  throw badRequest('conversationId', known.length === 0 ? 'the session has no conversation' : `one of ${known.join(', ')}`);
}

function soundOf(source: SessionSource, conversationId: string): Extent {
  const extent = source.extent(conversationId);
  if (extent === null) throw badRequest('conversationId', 'no sound was recorded of this conversation');
  return extent;
}

function badRequest(path: string, message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path, message }] });
}
