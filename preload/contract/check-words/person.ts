import type { CheckWords } from './words.ts';

/** A question that a list asks of its own; its title is the list's. */
export const personWords: Readonly<Record<string, CheckWords>> = {
  'person.question': {
    title: { en: 'A question of the list', zh: '清单自带的问题' },
    what: { en: 'Asks a person what only a person can tell.', zh: '询问只有人能判断的事项。' },
    values: { answer: { en: 'Answer', zh: '回答' } },
    nexts: {
      'put-right': {
        en: 'Put right what the question is about, then do this check again.',
        zh: '请处理该问题所指的异常，然后重做此项检查。',
      },
    },
  },
};
