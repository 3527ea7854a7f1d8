import { createHmac, timingSafeEqual } from 'node:crypto';
import { asrModels } from '../../../preload/contract/cloud/speech-languages.ts';

/** What a client of the recognition says in its address: seed 003's two parameters, and those of Tencent's ASR v2, whose path it has. */
export interface AsrQuery {
  appId: string;
  model: string;
  language: string;
  sampleRate: 8000 | 16_000;
  hotWords: string[];
  /** False (`needvad=0`): the client cuts sentences itself, all until its end is one. */
  isCutHere: boolean;
  isEmptySkipped: boolean;
  silenceMs: number | null;
  longestMs: number | null;
  isWordListWanted: boolean;
  /** Named in every answer once given. */
  voiceId: string | null;
  raw: Record<string, string>;
  notes: string[];
}

const PATH = /^\/asr\/v2\/([\w-]{1,64})\/?$/u;
const PCM = '1';
/** Tencent's own names of the same languages. */
const tencentModels: Readonly<Record<string, string>> = {
  zh: 'zh',
  en: 'en',
  yue: 'yue',
  ja: 'ja',
  ko: 'ko',
  it: 'it',
  ru: 'ru',
  zh_en: 'zh',
};

/** A text is what the client is told with code 4001; null when the path is none. */
export function readAsrTarget(target: string): AsrQuery | string | null {
  const start = target.indexOf('?');
  const path = PATH.exec(start === -1 ? target : target.slice(0, start));
  if (path === null) return null;
  const raw = Object.fromEntries(new URLSearchParams(start === -1 ? '' : target.slice(start + 1)));
  const notes: string[] = [];
  const found = modelOf(raw.engine_model_type ?? '', notes);
  if (found === null) return `unknown engine_model_type ${(raw.engine_model_type ?? '').slice(0, 60)}`;
  if ((raw.voice_format ?? PCM) !== PCM) return 'unsupported voice_format: 1 (pcm) only';
  const milliseconds = (key: string, least: number, most: number): number | null => {
    const value = Number(raw[key]);
    if (raw[key] === undefined || raw[key] === '') return null;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    notes.push(`${key}=${raw[key]}: left out`);
    return null;
  };
  const { secretid: _, signature: __, ...shown } = raw;
  return {
    appId: path[1] ?? '',
    ...found,
    sampleRate: raw.input_sample_rate === '8000' ? 8000 : found.sampleRate,
    hotWords: hotWordsOf(raw.hotword_list ?? ''),
    isCutHere: raw.needvad !== '0',
    isEmptySkipped: raw.filter_empty_result === '1',
    silenceMs: milliseconds('vad_silence_time', 240, 2000),
    longestMs: milliseconds('max_speak_time', 5000, 90_000),
    isWordListWanted: ['1', '2'].includes(raw.word_info ?? ''),
    voiceId: raw.voice_id === undefined || raw.voice_id === '' ? null : raw.voice_id.slice(0, 128),
    raw: shown,
    notes,
  };
}

/** The five of the document in any case, the same at 8 kHz, and Tencent's names without `iot_`. */
function modelOf(given: string, notes: string[]): Pick<AsrQuery, 'model' | 'language' | 'sampleRate'> | null {
  if (given === '') {
    notes.push('no engine_model_type: iot_16k_zh taken');
    return { model: 'iot_16k_zh', language: 'zh', sampleRate: 16_000 };
  }
  const listed = asrModels.find(({ model }) => model.toLowerCase() === given.toLowerCase());
  if (listed !== undefined) return { model: listed.model, language: listed.language, sampleRate: 16_000 };
  const other = /^(?:iot_)?(8|16)k_(\w+?)(?:_large|_medical|-?pytorch)?$/iu.exec(given);
  const language = other === null ? undefined : tencentModels[(other[2] ?? '').toLowerCase()];
  if (other === null || language === undefined) return null;
  notes.push(`engine_model_type=${given} is not the document's`);
  return { model: given, language, sampleRate: other[1] === '8' ? 8000 : 16_000 };
}

/** `词|10,word|5`: the words, without their weights. */
function hotWordsOf(list: string): string[] {
  return list
    .split(',')
    .map((entry) => (entry.split('|')[0] ?? '').trim())
    .filter((word) => word !== '' && word.length <= 40)
    .slice(0, 100);
}

/**
 * Whether a request that is signed is signed right (Tencent's ASR v2): 'none' when it is not signed, or by a SecretId that nobody here
 * has, which says nothing. Clients sign the vendor's host wherever they connect; one that signs the host it connects to is right too.
 */
export function signatureOf(
  target: string,
  host: string,
  { secretKey, nowS }: { secretKey: (secretId: string) => string | undefined; nowS: number },
): 'none' | 'right' | 'wrong' | 'expired' {
  const url = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const [secretId, signature] = [url.get('secretid'), url.get('signature')];
  const key = secretId === null ? undefined : secretKey(secretId);
  if (signature === null || key === undefined) return 'none';
  const parameters = [...url].filter(([name]) => name !== 'signature').toSorted(([a], [b]) => (a < b ? -1 : 1));
  const path = target.slice(0, target.indexOf('?'));
  const isRight = ['asr.cloud.tencent.com', host].some((signedHost) => {
    const source = `${signedHost}${path}?${parameters.map(([name, value]) => `${name}=${value}`).join('&')}`;
    const [given, wanted] = [Buffer.from(signature), Buffer.from(createHmac('sha1', key).update(source).digest('base64'))];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!isRight) return 'wrong';
  return Number(url.get('expired')) > nowS ? 'right' : 'expired';
}
