import type { CallRequest } from '../../../preload/contract/index.ts';

export type Service = 'translate' | 'asr' | 'summary' | 'text-translate';
type Job = CallRequest<'speech.run'>['job'];

/** The form as it is filled in; each service takes its part of it. */
export interface SpeechDraft {
  service: Service;
  version: 1 | 2;
  source: string;
  target: string;
  isTtsOn: boolean;
  isTtsStream: boolean;
  model: string;
  sampleRate: 16_000 | 8000;
  isTooFast: boolean;
  text: string;
  isStream: boolean;
  prompt: string;
  speech: 'text' | 'wav';
  sentence: string;
  sentenceLanguage: 'zh' | 'en';
  wav: { name: string; bytes: Uint8Array } | null;
  url: string;
  token: string;
  appId: string;
}

export const emptyDraft: SpeechDraft = {
  service: 'translate',
  version: 2,
  source: 'en',
  target: 'zh',
  isTtsOn: true,
  isTtsStream: true,
  model: 'iot_16k_en',
  sampleRate: 16_000,
  isTooFast: false,
  text: '',
  isStream: true,
  prompt: '',
  speech: 'text',
  sentence: 'please turn on the lights in the living room',
  sentenceLanguage: 'en',
  wav: null,
  url: '',
  token: '',
  appId: '',
};

export const isSpoken = ({ service }: SpeechDraft): boolean => service === 'translate' || service === 'asr';

export const isAddress = (url: string): boolean => url === '' || /^(?:ws|http)s?:\/\/[^\s@]+$/u.test(url);

/** Null while something is missing. */
export function jobOf(draft: SpeechDraft): Job | null {
  if (!isAddress(draft.url)) return null;
  const target = { ...(draft.url !== '' && { url: draft.url }), ...(draft.token !== '' && { token: draft.token }) };
  if (!isSpoken(draft)) {
    if (draft.text.trim() === '') return null;
    const { text, isStream, prompt, source } = draft;
    if (draft.service === 'summary') return { service: 'summary', ...target, text, isStream, prompt };
    return { service: 'text-translate', ...target, text, isStream, source, target: draft.target };
  }
  const speech = speechOf(draft);
  if (speech === null) return null;
  const { version, source, isTtsOn, isTtsStream, model, sampleRate } = draft;
  if (draft.service === 'translate')
    return { service: 'translate', ...target, version, speech, source, target: draft.target, isTtsOn, isTtsStream };
  return {
    service: 'asr',
    ...target,
    speech,
    model,
    sampleRate,
    pace: draft.isTooFast ? 4 : 1,
    ...(draft.appId !== '' && { appId: draft.appId }),
  };
}

function speechOf({ speech, sentence, sentenceLanguage, wav }: SpeechDraft): Extract<Job, { service: 'asr' }>['speech'] | null {
  if (speech === 'wav') return wav === null ? null : { kind: 'wav', wav: wav.bytes };
  return sentence.trim() === '' ? null : { kind: 'text', text: sentence, language: sentenceLanguage };
}
