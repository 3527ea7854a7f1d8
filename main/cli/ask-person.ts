import { createInterface } from 'node:readline/promises';
import type { CheckQuestion } from '../../preload/contract/checks.ts';
import { withoutControls } from './terminal-text.ts';

export type PersonsAnswer = 'done' | 'yes' | 'no' | 'skip';

const choices = {
  en: { do: '[Enter: done, s: skip] ', judge: '[y: yes, n: no, s: skip] ' },
  zh: { do: '[回车：完成，s：跳过] ', judge: '[y：是，n：否，s：跳过] ' },
};

/** Asks at the terminal until the answer is one; null when `signal` ends it. */
export async function askPerson(
  text: string,
  kind: CheckQuestion['kind'],
  { language, signal }: { language: 'en' | 'zh'; signal: AbortSignal },
): Promise<PersonsAnswer | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const typed = (await lines.question(`${withoutControls(text)} ${choices[language][kind]}`, { signal })).trim().toLowerCase();
      const answer = answerOf(typed, kind);
      if (answer !== null) return answer;
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return null;
    throw error;
  } finally {
    lines.close();
  }
}

export function answerOf(typed: string, kind: CheckQuestion['kind']): PersonsAnswer | null {
  if (['s', 'skip', '跳过'].includes(typed)) return 'skip';
  if (kind === 'do') return ['', 'd', 'done', '完成'].includes(typed) ? 'done' : null;
  if (['y', 'yes', '是'].includes(typed)) return 'yes';
  return ['n', 'no', '否'].includes(typed) ? 'no' : null;
}
