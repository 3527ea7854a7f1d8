import type { AudioFormat } from '../../conversation.ts';
import { parseObject } from './board-text.ts';

/** What a board says about itself in the URL of its WebSocket (reference/twetalk.md §4). */
export interface ConnectionQuery {
  productId: string;
  deviceName: string;
  token: string;
  language: 'zh' | 'en';
  audio: AudioFormat;
  /** `customParams`, which fill `${name}` in the prompt. */
  variables: Record<string, string>;
  /** `customParams` was there and no JSON object: seed 000 says that such a connection fails. */
  isVariablesBad: boolean;
  /** `/ws` talks, `/ws_vl` sees too, `/ws_voip` is for a call. */
  mode: 'talk' | 'vision' | 'call';
  isPushToTalk: boolean;
  /** Of a connection made to take, or not to take, the mini-program's call; the keys' names are guesses. */
  call: { roomId: string; response: 'answer' | 'reject' | '' };
  /** Every key as received, the token left out; of a repeated key the last. */
  raw: Record<string, string>;
  /** Values that were not among the documented ones and what was taken instead. */
  notes: string[];
}

/**
 * Reads the query of `target` (path and query of the request). Never throws: an unknown key is kept, a bad value falls back
 * to its documented default and is noted.
 */
export function readQuery(target: string): ConnectionQuery {
  const start = target.indexOf('?');
  const raw = Object.fromEntries(new URLSearchParams(start === -1 ? '' : target.slice(start + 1)));
  const notes: string[] = [];

  function oneOf<Value extends string>(key: string, allowed: readonly Value[], fallback: Value): Value {
    const given = raw[key];
    if (given === undefined || given === '') return fallback;
    const match = allowed.find((value) => value === given.toLowerCase());
    if (match === undefined) notes.push(`${key}=${given}: ${fallback} taken`);
    return match ?? fallback;
  }

  const intervals = { '20': 20, '40': 40, '60': 60 } as const;
  const interval = oneOf('audioInterval', ['20', '40', '60'], '60');
  const { token = '', ...others } = raw;
  const first = (...keys: string[]) => keys.map((key) => raw[key]).find((value) => value !== undefined) ?? '';
  const response = first('response').toLowerCase();
  const turnMode = first('userTurnMode', 'user_turn_mode', 'turnMode', 'turn_mode').toLowerCase();
  const language = oneOf('language', ['zh', 'en'], 'zh');
  const codec = oneOf('audioType', ['opus', 'pcm'], 'opus');
  const variables = readVariables(raw.customParams, notes);
  return {
    productId: raw.productId ?? '',
    deviceName: raw.deviceName ?? '',
    token,
    language,
    audio: { codec, sampleRate: 16000, frameMs: intervals[interval] },
    variables: variables ?? {},
    isVariablesBad: variables === null,
    mode: modeOf(start === -1 ? target : target.slice(0, start)),
    isPushToTalk: ['push_to_talk', 'push-to-talk', 'ptt', '1'].includes(turnMode),
    call: { roomId: first('roomId', 'room_id', 'roomid'), response: response === 'answer' || response === 'reject' ? response : '' },
    raw: others,
    notes,
  };
}

function modeOf(path: string): ConnectionQuery['mode'] {
  if (path.endsWith('_vl')) return 'vision';
  return path.endsWith('_voip') ? 'call' : 'talk';
}

/** Null for what is no JSON object. */
function readVariables(customParams: string | undefined, notes: string[]): Record<string, string> | null {
  if (customParams === undefined || customParams === '') return {};
  const values = parseObject(customParams);
  if (values === null) {
    notes.push('customParams: not a JSON object');
    return null;
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
