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
  return {
    productId: raw.productId ?? '',
    deviceName: raw.deviceName ?? '',
    token,
    language: oneOf('language', ['zh', 'en'], 'zh'),
    audio: { codec: oneOf('audioType', ['opus', 'pcm'], 'opus'), sampleRate: 16000, frameMs: intervals[interval] },
    variables: readVariables(raw.customParams, notes),
    raw: others,
    notes,
  };
}

function readVariables(customParams: string | undefined, notes: string[]): Record<string, string> {
  if (customParams === undefined || customParams === '') return {};
  const values = parseObject(customParams);
  if (values === null) {
    notes.push('customParams: not a JSON object');
    return {};
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
