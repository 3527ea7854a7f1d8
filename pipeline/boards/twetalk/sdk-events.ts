import { readNumber, readPath, readString } from './board-json.ts';
import type { sdkEvents } from './sdk-log.ts';

/** An event the C SDK hands to the application, and what the demo prints of it. */
export interface EventLine {
  event: keyof typeof sdkEvents;
  text: string;
}

/** What the application prints for an RTVI message; null for those the C SDK has no event for. */
export function eventLine(type: string, json: string, text: string): EventLine | null {
  switch (type) {
    case 'bot-started-speaking':
      return { event: type, text: 'bot start speaking' };
    case 'bot-stopped-speaking':
      return { event: type, text: 'bot stop speaking' };
    case 'user-started-speaking':
      return { event: type, text: 'usr start speaking' };
    case 'user-stopped-speaking':
      return { event: type, text: 'usr stop speaking' };
    case 'bot-transcription':
      return { event: type, text: `bot: ${text}` };
    case 'user-transcription':
      return { event: type, text: `usr: ${text}` };
    case 'metrics':
      return { event: type, text: `metrics: ${readPath(json, 'data')?.text ?? ''}` };
    case 'error':
      return { event: type, text: `recv error: ${readString(json, 'data.error') ?? ''}` };
    case 'server-message':
      return serverLine(json);
    default:
      return null;
  }
}

/** Tencent's own messages, in the shapes this bench guesses (docs/twetalk.md); calls are the telephone's. */
function serverLine(json: string): EventLine | null {
  const word = (name: string) => readString(json, `data.${name}`) ?? '';
  switch (readString(json, 'data.type')) {
    case 'idle-detection':
      return { event: 'idle-detection', text: `idle detection event received, retry: ${readNumber(json, 'data.retry_count') ?? 0}` };
    case 'request-image':
      return { event: 'request-image', text: `request image transcription: ${word('transcription')}` };
    case 'play-music': {
      const what = `${word('song_name')} by ${word('artist_name')}, genre: ${word('music_genre')}, language: ${word('music_language')}`;
      return { event: 'play-music', text: `play music: ${what}, id: ${word('id')}` };
    }
    case 'ptt-force-stop':
      return { event: 'ptt-force-stop', text: `PTT force stop, reason: ${word('reason')}` };
    default:
      return null;
  }
}
