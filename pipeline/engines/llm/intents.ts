import { numberIn, numberWords } from './numbers.ts';

export type ScriptLanguage = 'zh' | 'en';

/** What an intent wants said, or done on the board first and said afterwards. */
export type IntentAnswer =
  | { say: string }
  /** The first of these tools that the board has. */
  | { call: readonly [ToolUse, ...ToolUse[]]; sayAfter: (result: unknown) => string }
  | { fail: string };

export interface ToolUse {
  /** As boards name it, or the last words of it: `set_volume` is also `self.audio_speaker.set_volume`. */
  name: string;
  arguments: Record<string, unknown>;
}

export interface Intent {
  name: string;
  /** Tried in order; the first intent whose pattern matches the user's words answers. */
  pattern: RegExp;
  answer(said: { text: string; match: RegExpExecArray; language: ScriptLanguage; nowMs: number }): IntentAnswer;
}

/** Louder and softer on boards that take a level only. */
const LOUD = 80;
const QUIET = 30;

function pick(language: ScriptLanguage, zh: string, en: string): string {
  return language === 'zh' ? zh : en;
}

function resultNumber(result: unknown, name: string): number | null {
  let value = typeof result === 'object' && result !== null ? (result as Record<string, unknown>)[name] : undefined;
  // xiaozhi's status: {"battery":{"level":80}}
  if (typeof value === 'object' && value !== null && 'level' in value) value = value.level;
  return typeof value === 'number' ? value : null;
}

const stories: Record<ScriptLanguage, string> = {
  zh: '好的，给你讲一个故事。从前，山脚下住着一位修钟表的老人。村里的钟坏了，大家都来找他。一天夜里，一只小鸟飞进他的窗户，翅膀受了伤。老人用做钟表的细铜丝给它做了一个小小的支架。小鸟好了以后，每天清晨都来叫醒他，从不迟到。后来老人的钟都停了，村里的人却再也没有迟到过，因为他们都听着小鸟的歌声起床。故事讲完了。',
  en: 'All right, here is a story. Once, at the foot of a mountain, there lived an old man who mended clocks. Whenever a clock stopped, the village came to his door. One night a small bird with a hurt wing flew in at his window. The old man took the thin copper wire he used for clocks and made it a tiny splint. When the bird was well, it came every morning to wake him, and it was never late. In time all of his clocks ran down, but nobody in the village overslept again, for they all got up with the song of the bird. That is the end of the story.',
};

/**
 * The scripted agent's whole knowledge, as data. Numbers and words are enough for bring-up: something short, something
 * long enough to interrupt, a tool of each shape, a failure, and an honest fallback.
 */
export const intents: readonly Intent[] = [
  {
    name: 'repeat',
    // What is repeated begins with another character than the separators: otherwise every way to part them is tried.
    pattern:
      /^(?:please )?(?:repeat after me|say after me|say)[,: ]+([^,: \n].*)$|^(?:请)?(?:跟我说|跟我念|重复)[，,：: ]*([^，,：: \n].*)$/i,
    answer: ({ match }) => ({ say: (match[1] ?? match[2] ?? '').trim() }),
  },
  {
    name: 'time',
    pattern: /what(?:'s| is)? the time|what time|几点|现在时间/i,
    answer: ({ language, nowMs }) => {
      const now = new Date(nowMs);
      const [hours, minutes] = [now.getHours(), now.getMinutes()];
      if (language === 'zh')
        return { say: `现在是${numberWords(hours, 'zh')}点${minutes === 0 ? '整' : `${numberWords(minutes, 'zh')}分`}。` };
      const minuteWords = minutes === 0 ? "o'clock" : `${minutes < 10 ? 'oh ' : ''}${numberWords(minutes, 'en')}`;
      return {
        say: `It is ${numberWords(hours % 12 === 0 ? 12 : hours % 12, 'en')} ${minuteWords} ${hours < 12 ? 'in the morning' : 'in the afternoon'}.`,
      };
    },
  },
  {
    name: 'date',
    pattern: /what(?:'s| is) the date|what day|today'?s date|几号|星期几|今天是/i,
    answer: ({ language, nowMs }) => {
      const now = new Date(nowMs);
      const weekday = now.toLocaleDateString(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'long' });
      const month = now.toLocaleDateString('en-GB', { month: 'long' });
      return {
        say: pick(
          language,
          `今天是${now.getMonth() + 1}月${now.getDate()}日，${weekday}。`,
          `Today is ${weekday}, the ${now.getDate()} of ${month}.`,
        ),
      };
    },
  },
  {
    name: 'weather',
    pattern: /weather|天气/i,
    answer: ({ language }) => ({
      say: pick(
        language,
        '我没有联网，只能说个例子：今天晴，二十五度。',
        'I am not online, so this is only an example: sunny, twenty-five degrees.',
      ),
    }),
  },
  {
    name: 'volume',
    pattern: /volume|音量|声音/i,
    answer: ({ text, language }) => {
      const wanted = numberIn(text);
      const isUp = /up|louder|increase|大|高/i.test(text);
      const change = wanted === null ? { action: isUp ? 'increase' : 'decrease', volume: 10 } : { action: 'set', volume: wanted };
      return {
        call: [
          { name: 'control_volume', arguments: change },
          // xiaozhi, TuyaOpen: a level and nothing else.
          ...['set_volume', 'volume_set'].map((name) => ({ name, arguments: { volume: wanted ?? (isUp ? LOUD : QUIET) } })),
        ],
        sayAfter: (result) => {
          const volume = resultNumber(result, 'volume') ?? wanted;
          return volume === null
            ? pick(language, '音量调好了。', 'The volume is changed.')
            : pick(language, `音量已经调到${volume}。`, `The volume is now ${volume}.`);
        },
      };
    },
  },
  {
    name: 'battery',
    pattern: /battery|电量|多少电|还有电/i,
    answer: ({ language }) => ({
      call: [
        { name: 'get_battery', arguments: {} },
        ...['get_battery_level', 'get_device_status'].map((name) => ({ name, arguments: {} })),
      ],
      sayAfter: (result) => {
        const level = resultNumber(result, 'battery');
        return level === null
          ? pick(language, '我读不到电量。', 'I could not read the battery.')
          : pick(language, `还有百分之${level}的电。`, `The battery is at ${level} percent.`);
      },
    }),
  },
  {
    name: 'alarm',
    pattern: /alarm|wake me|闹钟|叫我起床/i,
    answer: ({ text, language }) => {
      // 定一个七点的闹钟: the number that counts is the one before 点, not the measure word’s.
      const hour = numberIn(/([零〇一二两三四五六七八九十\d]{1,3})点/.exec(text)?.[1] ?? text) ?? 7;
      return {
        call: [{ name: 'set_alarm_clock', arguments: { hour: String(hour), minute: '0', frequency: 'once', day_choice: '' } }],
        sayAfter: () =>
          pick(language, `好的，${numberWords(hour, 'zh')}点的闹钟定好了。`, `Done, the alarm is set for ${numberWords(hour, 'en')}.`),
      };
    },
  },
  {
    name: 'call',
    pattern:
      /\b(?:call|phone|ring)(?: up)?(?: my)? ([^\s,.!?][^,.!?]*)|给(.{1,12}?)(?:打|拨)(?:一?个)?电话|(?:打|拨)(?:一?个)?电话给([^，。！？]{1,12})|呼叫([^，。！？]{1,12})/i,
    answer: ({ match, language }) => {
      const contact = (match[1] ?? match[2] ?? match[3] ?? match[4] ?? '').trim();
      return {
        call: [{ name: 'make_call', arguments: { contact } }],
        sayAfter: (result) => {
          const status = typeof result === 'object' && result !== null && 'status' in result ? result.status : '';
          if (status === 'busy') return pick(language, '现在已经在通话了。', 'There is a call already.');
          if (status === 'unknown-contact') return pick(language, `通讯录里没有${contact}。`, `There is no ${contact} among the contacts.`);
          return pick(language, `好的，正在给${contact}打电话。`, `All right, calling ${contact}.`);
        },
      };
    },
  },
  {
    name: 'count',
    pattern: /count (?:up )?to|数到|数数/i,
    answer: ({ text, language }) => {
      const last = Math.min(Math.max(numberIn(text) ?? 10, 1), 99);
      const words = Array.from({ length: last }, (_, index) => numberWords(index + 1, language));
      return { say: pick(language, `${words.join('，')}。`, `${words.join(', ')}.`) };
    },
  },
  { name: 'story', pattern: /story|故事/i, answer: ({ language }) => ({ say: stories[language] }) },
  { name: 'error', pattern: /simulate an error|模拟(?:一个)?错误/i, answer: () => ({ fail: 'asked to fail' }) },
  {
    name: 'stop',
    pattern: /^(?:stop|be quiet|enough)\b|^(?:停|别说了|安静|够了)/i,
    answer: ({ language }) => ({ say: pick(language, '好的。', 'All right.') }),
  },
  {
    name: 'hello',
    pattern: /\b(?:hello|hi|hey)\b|你好|您好/i,
    answer: ({ language }) => ({ say: pick(language, '你好！有什么可以帮你？', 'Hello! What can I do for you?') }),
  },
  { name: 'thanks', pattern: /thank|谢谢/i, answer: ({ language }) => ({ say: pick(language, '不客气。', 'You are welcome.') }) },
  { name: 'goodbye', pattern: /good ?bye|\bbye\b|再见|拜拜/i, answer: ({ language }) => ({ say: pick(language, '再见！', 'Goodbye!') }) },
];

/** When nothing matches: what this agent is, and what it can do. */
export function fallback(language: ScriptLanguage): string {
  return pick(
    language,
    '我是按脚本回答的测试助手，没听懂这句话。你可以问我时间、天气、电量，调音量，定闹钟，打电话，让我数数或者讲故事。',
    'I am a scripted test agent and have no script for that. You can ask me the time, the weather or the battery, set the volume or an alarm, call somebody, have me count, or hear a story.',
  );
}
