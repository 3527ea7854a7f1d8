import { parseObject } from '../../json-object.ts';

export type TranslateVersion = 1 | 2;

/** The first message of a translation (seed 003), with the document's defaults. */
export interface TranslateInit {
  token: string;
  source: string;
  target: string;
  requestId: string;
  isTtsOn: boolean;
  isTtsStream: boolean;
  /** Values that were not as documented and what was taken instead. */
  notes: string[];
}

/** What a client may say later on. */
export type TranslateControl = { kind: 'tts'; isOn: boolean } | { kind: 'ping'; value: unknown };

const LONGEST_WORD = 200;

/** Null when it is no JSON object. V1 speaks unless `disable_tts`, V2 is silent unless `enable_tts`; both know both spellings. */
export function readInit(text: string, version: TranslateVersion): TranslateInit | null {
  const message = parseObject(text);
  if (message === null) return null;
  const notes: string[] = [];
  const word = (key: string, fallback: string): string => {
    const value = message[key];
    if (value === undefined || value === null || value === '') return fallback;
    if (typeof value === 'string' && value.length <= LONGEST_WORD) return value;
    notes.push(`${key}: no short text, ${fallback === '' ? 'left out' : `${fallback} taken`}`);
    return fallback;
  };
  const flag = (key: string): boolean | undefined => flagOf(message[key], () => notes.push(`${key}: no truth value, left out`));
  return {
    token: word('token', ''),
    source: word('lang_source', 'zh').toLowerCase(),
    target: word('lang_target', 'en').toLowerCase(),
    requestId: word('request_id', ''),
    isTtsOn: ttsOf(flag('enable_tts'), flag('disable_tts')) ?? version === 1,
    isTtsStream: flag('is_tts_stream') ?? false,
    notes,
  };
}

/** The orders of one later message; empty for one that is none. */
export function readControls(text: string): TranslateControl[] {
  const message = parseObject(text);
  if (message === null) return [];
  const controls: TranslateControl[] = [];
  if ('ping' in message) controls.push({ kind: 'ping', value: message.ping });
  const ignore = () => 0;
  const isOn = ttsOf(flagOf(message.enable_tts, ignore), flagOf(message.disable_tts, ignore));
  if (isOn !== undefined) controls.push({ kind: 'tts', isOn });
  return controls;
}

/** V1: what was said, by itself. `original` is empty in the document's example. */
export function originalMessage(slice: { type: 0 | 1 | 2; index: number; text: string }, isSuccessTold: boolean): object {
  return { ...success(isSuccessTold), original: '', original_detail: detail(slice) };
}

/** V1: the translation of a sentence, by itself. `extra`: what the document does not have. */
export function translationMessage(
  { index, translation }: { index: number; translation: string },
  isSuccessTold: boolean,
  extra: object = {},
): object {
  return { ...success(isSuccessTold), translation, index, ...extra };
}

/** V2: both in one. */
export function combinedMessage(
  slice: { type: 0 | 1 | 2; index: number; text: string; translation: string },
  isSuccessTold: boolean,
  extra: object = {},
): object {
  return { ...success(isSuccessTold), translation: slice.translation, original_detail: detail(slice), ...extra };
}

export function failureMessage(code: number, msg: string): object {
  return { code, msg };
}

function success(isTold: boolean): object {
  return isTold ? { code: 0, msg: 'success' } : {};
}

function detail({ type, index, text }: { type: 0 | 1 | 2; index: number; text: string }): object {
  return { slice_type: type, index, voice_text_str: text };
}

function ttsOf(enable: boolean | undefined, disable: boolean | undefined): boolean | undefined {
  return enable ?? (disable === undefined ? undefined : !disable);
}

function flagOf(value: unknown, onOther: () => void): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === true || value === 1 || value === 'true' || value === '1') return true;
  if (value === false || value === 0 || value === 'false' || value === '0') return false;
  onOther();
  return undefined;
}
