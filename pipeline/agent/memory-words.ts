import type { LlmMessage } from '../engines/llm/engine.ts';
import type { Round } from './history.ts';

/** Of a transcript the newest so many characters are shown to the model. */
const LONGEST_TRANSCRIPT = 12_000;
const LONGEST_RESULT = 300;

export interface MemoryWords {
  /** Before what is remembered of the device, its last conversation, and the earlier part of this one. */
  facts: string;
  lastTime: string;
  earlier: string;
  askSummary(earlier: string, transcript: string): LlmMessage[];
  /** Answered with JSON {summary, facts}. */
  askMemory(earlier: string, facts: readonly string[], transcript: string): LlmMessage[];
}

const zh: MemoryWords = {
  facts: '关于这位用户，你记得：',
  lastTime: '以前的对话：',
  earlier: '本次对话较早的内容：',
  askSummary: (earlier, transcript) => [
    {
      role: 'system',
      content:
        '你为语音助手整理对话。把已有摘要和新的对话合并成一份不超过 200 字的摘要，保留姓名、偏好、约定、未完成的事和设备状态。只输出摘要本身。',
    },
    { role: 'user', content: `已有摘要：\n${earlier || '（无）'}\n\n新的对话：\n${transcript}` },
  ],
  askMemory: (earlier, facts, transcript) => [
    {
      role: 'system',
      content:
        '对话结束了。请输出一个 JSON 对象：{"summary": "不超过 150 字的摘要", "facts": ["以后仍然有用的、关于用户的新事实，每条一句话"]}。' +
        '已经记住的事实不要重复，没有新事实就给空数组。只输出 JSON。',
    },
    {
      role: 'user',
      content: `以前的摘要：\n${earlier || '（无）'}\n\n已经记住：\n${facts.map((fact) => `- ${fact}`).join('\n') || '（无）'}\n\n对话：\n${transcript}`,
    },
  ],
};

const en: MemoryWords = {
  facts: 'What you remember of this user:',
  lastTime: 'Earlier conversations:',
  earlier: 'Earlier in this conversation:',
  askSummary: (earlier, transcript) => [
    {
      role: 'system',
      content:
        'You keep notes for a voice assistant. Merge the notes so far and the new part of the conversation into one summary of at most 120 words. ' +
        'Keep names, preferences, agreements, open tasks and the state of the device. Write nothing but the summary.',
    },
    { role: 'user', content: `Notes so far:\n${earlier || '(none)'}\n\nNew part:\n${transcript}` },
  ],
  askMemory: (earlier, facts, transcript) => [
    {
      role: 'system',
      content:
        'The conversation is over. Write one JSON object: {"summary": "at most 100 words", "facts": ["new facts about the user that stay useful, one sentence each"]}. ' +
        'Do not repeat what is already remembered; an empty array when nothing is new. Write nothing but the JSON.',
    },
    {
      role: 'user',
      content: `Earlier summary:\n${earlier || '(none)'}\n\nAlready remembered:\n${facts.map((fact) => `- ${fact}`).join('\n') || '(nothing)'}\n\nConversation:\n${transcript}`,
    },
  ],
};

export function wordsOf(language: 'zh' | 'en'): MemoryWords {
  return language === 'zh' ? zh : en;
}

/** Rounds as a text: what the user said, what was heard of the answers, and what tools returned. */
export function transcriptOf(rounds: readonly Round[], language: 'zh' | 'en'): string {
  const [user, assistant, tool] = language === 'zh' ? ['用户', '助手', '工具'] : ['User', 'Assistant', 'Tool'];
  const lines = rounds.flatMap((round) =>
    round.messages().flatMap((message) => {
      if (message.content === '') return [];
      switch (message.role) {
        case 'user':
          return `${user}: ${message.content}`;
        case 'assistant':
          return `${assistant}: ${message.content}`;
        case 'tool':
          return `${tool} ${message.name}: ${message.content.slice(0, LONGEST_RESULT)}`;
        default:
          return [];
      }
    }),
  );
  return lines.join('\n').slice(-LONGEST_TRANSCRIPT);
}
