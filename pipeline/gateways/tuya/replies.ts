import { lookup } from '../../lookup.ts';

/** The JSON of downlink text packets (seed 004, reference/tuya.md §6.5). */
export type ReplyText =
  | { bizType: 'ASR'; eof: 0 | 1; text: string }
  | { bizType: 'NLG'; eof: 0 | 1; content: string; reasoningContent: string }
  | { bizType: 'SKILL'; eof: 0 | 1; code: string; content: Record<string, unknown> };

export function encodeReply(reply: ReplyText, bizId: string): string {
  const { bizType, eof } = reply;
  switch (reply.bizType) {
    case 'ASR':
      return JSON.stringify({ bizId: `asr-${bizId}`, bizType, eof, data: { text: reply.text } });
    case 'NLG': {
      const { content, reasoningContent } = reply;
      const data = { content, appendMode: 'append', reasoningContent, finish: eof === 1, images: [] };
      return JSON.stringify({ bizId: `nlg-${bizId}`, bizType, eof, data });
    }
    case 'SKILL':
      return JSON.stringify({ bizId: `skill-${bizId}`, bizType, eof, data: { code: reply.code, ...reply.content } });
  }
}

/** The document's faces. What our models may mean besides is shown by the nearest of them. */
const faces = {
  SAD: '😢',
  ANGRY: '😠',
  NEUTRAL: '😐',
  FEARFUL: '😨',
  SURPRISE: '😲',
  CONFUSED: '😕',
  DISAPPOINTED: '😞',
  ANNOYED: '😡',
  THINKING: '🤔',
  HAPPY: '😀',
} as const;
type Face = keyof typeof faces;

const nearest = lookup<Face>({
  neutral: 'NEUTRAL',
  happy: 'HAPPY',
  laughing: 'HAPPY',
  funny: 'HAPPY',
  sad: 'SAD',
  angry: 'ANGRY',
  crying: 'SAD',
  loving: 'HAPPY',
  embarrassed: 'DISAPPOINTED',
  surprised: 'SURPRISE',
  shocked: 'FEARFUL',
  thinking: 'THINKING',
  winking: 'HAPPY',
  cool: 'HAPPY',
  relaxed: 'HAPPY',
  delicious: 'HAPPY',
  kissy: 'HAPPY',
  confident: 'HAPPY',
  sleepy: 'NEUTRAL',
  silly: 'HAPPY',
  confused: 'CONFUSED',
});

/** A device's `emo` names the face; the app's `llm_emo` gives it a stretch of time, which nobody here knows: it is shown at once. */
export function emotionReply(emotion: string, isApp: boolean): ReplyText {
  const face = nearest[emotion] ?? 'NEUTRAL';
  const text = faces[face];
  if (isApp)
    return { bizType: 'SKILL', eof: 1, code: 'llm_emo', content: { skillContent: { text, startTime: 0, endTime: 0, sequence: 1 } } };
  return {
    bizType: 'SKILL',
    eof: 1,
    code: 'emo',
    content: { emotion: [face], text: [text], skillContent: { emotion: [face], text: [text] } },
  };
}
