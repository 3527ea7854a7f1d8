import { TalkError } from '../../../preload/contract/errors.ts';
import type { StartNodeProcess } from '../../node-process.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { TtsEngine, TtsVoice } from './engine.ts';
import { createEspeakPackage, ESPEAK_PACKAGE, type EspeakSpeaker } from './espeak-package.ts';
import { createEspeakSystem, espeakSystemVersion } from './espeak-system.ts';

/**
 * Chinese and English from eSpeak NG, always in a process of its own (GPL-3): the npm build where it is installed, else
 * the system's program. The npm build comes first because it reads Chinese as written; Debian 12's 1.51 spells Hanzi out
 * as English letters unless it is asked for `cmn-latn-pinyin` (reference/speech.md §5).
 */
export const espeakVoices: readonly TtsVoice[] = [
  { id: 'cmn', language: 'zh', label: '普通话' },
  { id: 'cmn+f3', language: 'zh', label: '普通话（女声）' },
  { id: 'en-us', language: 'en', label: 'US English' },
  { id: 'en-us+f3', language: 'en', label: 'US English (female)' },
];

const WORDS_PER_MINUTE = 170;

export interface EspeakOptions {
  processUrl?: URL;
  startProcess?: StartNodeProcess;
  /** For tests of one of both; 'auto' by default. */
  source?: 'auto' | 'package' | 'system';
}

export function createEspeakTts(options: EspeakOptions = {}): TtsEngine & EmbeddedEngine {
  const { source = 'auto' } = options;
  let choosing: Promise<{ speaker: EspeakSpeaker; nameVoice: (id: string) => string } | undefined> | undefined;

  async function choose() {
    if (source !== 'system' && findPackage(ESPEAK_PACKAGE)) return { speaker: createEspeakPackage(options), nameVoice: (id: string) => id };
    const version = source === 'package' ? undefined : await espeakSystemVersion();
    if (!version) return undefined;
    const readsHanzi = version.major > 1 || version.minor >= 52;
    return {
      speaker: createEspeakSystem(),
      nameVoice: (id: string) => (readsHanzi ? id : id.replace(/^cmn\b/, 'cmn-latn-pinyin')),
    };
  }

  return {
    id: 'espeak',
    languages: ['zh', 'en'],
    voices: () => espeakVoices,
    async *synthesize(request, signal) {
      choosing ??= choose();
      const chosen = await choosing;
      if (!chosen) throw new TalkError('engine/unavailable', { stage: 'tts', engine: 'espeak', missing: 'espeak-ng' });
      const voice = espeakVoices.find(({ id }) => id === request.voice)?.id ?? (request.language === 'en' ? 'en-us' : 'cmn');
      // eSpeak's own limits are 80 and 450 words a minute.
      const rate = Math.round(Math.min(450, Math.max(80, WORDS_PER_MINUTE * (request.speed ?? 1))));
      const text = request.text.replace(/\s+/g, ' ').trim();
      if (text === '') return;
      for await (const audio of chosen.speaker.speak({ text, voice: chosen.nameVoice(voice), rate }, signal))
        yield { kind: 'audio', ...audio };
    },
    async isAvailable() {
      choosing ??= choose();
      return (await choosing) ? { ok: true } : { ok: false, missing: 'espeak-ng' };
    },
    async close() {
      const chosen = await choosing;
      await chosen?.speaker.close();
    },
  };
}
