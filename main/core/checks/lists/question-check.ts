import { z } from 'zod';
import type { CheckGroup } from '../../../../preload/contract/checks.ts';
import { type Check, check } from '../check.ts';
import type { Words } from './schema.ts';

/** The name of every question that a list asks of its own. */
export const QUESTION_CHECK = 'person.question';

/** A question of the list as a check like any other: what the person says is what is measured. */
export function questionCheck(question: Words, kind: 'judge' | 'do', group: CheckGroup): Check {
  return check({
    name: QUESTION_CHECK,
    group,
    needs: [],
    parameters: z.strictObject({}),
    values: [{ name: 'answer', limit: { equals: true }, next: 'put-right' }],
    nexts: ['put-right'],
    isAnsweredByPerson: true,
    async measure(bench) {
      const answer = await bench.ask({ ask: 'other', data: { text: question[bench.language] }, kind });
      if (answer === 'nobody') return { person: 'nobody-there' };
      // It was asked for: who skips it leaves it open, unless the list calls it optional.
      if (answer === 'skip') return { person: 'person-skipped' };
      return { values: { answer: answer !== 'no' } };
    },
  });
}
