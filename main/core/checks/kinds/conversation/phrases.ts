import type { Script } from '../../../../../pipeline/engines/llm/script-file.ts';

type Language = 'zh' | 'en';

export interface ScriptedTurn {
  say: string;
  reply: string;
}

/** What is said in scripted turns: ten that the embedded recogniser knows in either language (stt/phrases.ts), each with a short answer of its own. */
export const scriptedTurns: Readonly<Record<Language, readonly ScriptedTurn[]>> = {
  zh: [
    { say: '你好', reply: '你好，我听得到。' },
    { say: '现在几点', reply: '现在是三点整。' },
    { say: '今天几号', reply: '今天是一号。' },
    { say: '今天天气怎么样', reply: '今天晴，二十度。' },
    { say: '把灯打开', reply: '灯打开了。' },
    { say: '把灯关掉', reply: '灯关掉了。' },
    { say: '讲个笑话', reply: '笑话还没有准备好。' },
    { say: '再说一遍', reply: '好的，再说一遍。' },
    { say: '谢谢', reply: '不客气。' },
    { say: '再见', reply: '再见，下次再聊。' },
  ],
  en: [
    { say: 'hello', reply: 'Hello, I can hear you.' },
    { say: 'what time is it', reply: 'It is three o’clock.' },
    { say: 'what is the date today', reply: 'Today is the first.' },
    { say: 'what is the weather like today', reply: 'It is sunny and warm.' },
    { say: 'turn on the light', reply: 'The light is on.' },
    { say: 'turn off the light', reply: 'The light is off.' },
    { say: 'tell me a joke', reply: 'I have no joke ready.' },
    { say: 'say that again', reply: 'Very well, once again.' },
    { say: 'thank you', reply: 'You are welcome.' },
    { say: 'goodbye', reply: 'Goodbye, until next time.' },
  ],
};

/** Something long enough to be spoken into, and what asks for it. */
export const longTurn: Readonly<Record<Language, ScriptedTurn>> = {
  zh: {
    say: '给我讲个故事',
    reply:
      '从前山脚下住着一位修钟表的老人，村里的钟坏了大家都来找他，一天夜里一只小鸟飞进他的窗户，翅膀受了伤，老人用细铜丝给它做了一个小小的支架，小鸟好了以后每天清晨都来叫醒他，从不迟到，后来老人的钟都停了，村里的人却再也没有迟到过，因为他们都听着小鸟的歌声起床。',
  },
  en: {
    say: 'tell me a story',
    reply:
      'Once, at the foot of a mountain, there lived an old man who mended clocks, and whenever a clock stopped the whole village came to his door, and one night a small bird with a hurt wing flew in at his window, and the old man took thin copper wire and made it a tiny splint, and when the bird was well it came every morning to wake him, and it was never late.',
  },
};

/** Said into a long reply: long enough for every policy of interruption. */
export const interruptingPhrase: Readonly<Record<Language, string>> = { zh: '今天天气怎么样', en: 'what is the weather like today' };

export const greetingText: Readonly<Record<Language, string>> = { zh: '你好，检查开始了。', en: 'Hello, the check begins now.' };

/** Whatever was understood, something is said: that a board is answered does not hang on how well it is heard. */
const otherwise: Readonly<Record<Language, string>> = { zh: '好的，请继续。', en: 'All right, please go on.' };

/** A script that answers each of these as it is to be answered. */
export function scriptOf(turns: readonly ScriptedTurn[], language: Language): Script {
  return { replies: turns.map(({ say, reply }) => ({ when: wholly(say), say: reply })), otherwise: otherwise[language] };
}

/** A regular expression for a text with that in it. */
export function wholly(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}
