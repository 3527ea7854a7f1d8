/** What the form offers; the text takes all of docs/suites.md. */
export const expectationKinds = [
  'transcript',
  'reply',
  'replyLacks',
  'tool',
  'noTool',
  'latency',
  'unanswered',
  'interruption',
  'turns',
  'language',
  'log',
  'noLog',
] as const;
export type ExpectationKind = (typeof expectationKinds)[number];

/** What stands in the field at first; null: the kind takes no value. */
export const firstValues: Record<ExpectationKind, string | null> = {
  transcript: '',
  reply: '',
  replyLacks: '',
  tool: '',
  noTool: '',
  latency: 'v2v.p95 <= 1500',
  unanswered: null,
  interruption: '500',
  turns: '1',
  language: 'zh',
  log: '',
  noLog: 'error',
};

/** As the suite's file has it. */
export function expectationOf(kind: ExpectationKind, value: string): Record<string, unknown> {
  switch (kind) {
    case 'transcript':
      return { transcript: { contains: value } };
    case 'reply':
      return { reply: { contains: value } };
    case 'replyLacks':
      return { reply: { lacks: value } };
    case 'tool':
      return { tool: value };
    case 'noTool':
      return { tool: value, absent: true };
    case 'latency':
      return { latency: value };
    case 'unanswered':
      return { session: { unanswered: 0, engineErrors: 0, dropped: 0 } };
    case 'interruption':
      return { turn: { outcome: 'interrupted' }, interruption: { stop: { atMost: Number(value) } } };
    case 'turns':
      return { session: { spokenTurns: Number(value) } };
    case 'language':
      return { session: { language: value } };
    case 'log':
      return { log: { text: value } };
    case 'noLog':
      return { log: { text: value }, absent: true };
  }
}
