import type { TtsVoice } from './engine.ts';

/**
 * Voices of services, as far as the documents name them: all of TWeTalk's usual list and TRTC's own, by number, and one or a few of the
 * others' hundreds. Any other id may be given as well. The documents give no names, so the id is the label.
 */
const zh = (id: string): TtsVoice => ({ id, language: 'zh', label: id });

export const tencentVoices: readonly TtsVoice[] = [
  ...Array.from({ length: 19 }, (_, index) => zh(String(101_001 + index))),
  ...['100510000', '502001'].map(zh),
];
export const minimaxVoices: readonly TtsVoice[] = ['female-tianmei-jingpin', 'female-shaonv', 'male-qn-qingse'].map(zh);
export const azureVoices: readonly TtsVoice[] = ['zh-CN-XiaoxiaoNeural'].map(zh);
