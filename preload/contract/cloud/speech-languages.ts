/** What seed 003 lists. Free of zod, so that the renderer may bundle it. */
export const speechLanguages = [
  { code: 'zh', zh: '简体中文', en: 'Chinese' },
  { code: 'yue', zh: '粤语', en: 'Cantonese' },
  { code: 'en', zh: '英语', en: 'English' },
  { code: 'fr', zh: '法语', en: 'French' },
  { code: 'pt', zh: '葡萄牙语', en: 'Portuguese' },
  { code: 'es', zh: '西班牙语', en: 'Spanish' },
  { code: 'ja', zh: '日语', en: 'Japanese' },
  { code: 'tr', zh: '土耳其语', en: 'Turkish' },
  { code: 'ru', zh: '俄语', en: 'Russian' },
  { code: 'ar', zh: '阿拉伯语', en: 'Arabic' },
  { code: 'ko', zh: '韩语', en: 'Korean' },
  { code: 'th', zh: '泰语', en: 'Thai' },
  { code: 'it', zh: '意大利语', en: 'Italian' },
  { code: 'de', zh: '德语', en: 'German' },
  { code: 'vi', zh: '越南语', en: 'Vietnamese' },
  { code: 'ms', zh: '马来语', en: 'Malay' },
  { code: 'id', zh: '印尼语', en: 'Indonesian' },
] as const;

export type SpeechLanguage = (typeof speechLanguages)[number]['code'];

/** Recognition models as the document spells them, the capital K too. */
export const asrModels = [
  { model: 'iot_16k_zh', language: 'zh' },
  { model: 'iot_16k_en', language: 'en' },
  { model: 'iot_16k_it', language: 'it' },
  { model: 'iot_16k_ru', language: 'ru' },
  { model: 'iot_16K_ja', language: 'ja' },
] as const satisfies readonly { model: string; language: SpeechLanguage }[];

export function isSpeechLanguage(code: unknown): code is SpeechLanguage {
  return speechLanguages.some((language) => language.code === code);
}
