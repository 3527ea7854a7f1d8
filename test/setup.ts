import fc from 'fast-check';
import { afterEach } from 'vitest';

/**
 * Property tests draw the same values every time, so that a check that passed passes again. `TALKBENCH_SEED=random` (or a number)
 * draws others: a failure it finds is a bug to be kept as a case of its own.
 */
const wanted = process.env.TALKBENCH_SEED;
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: wanted === undefined ? 20_261_121 : Number(wanted) });

/** The message of an expected failure is its code alone: the list of what failed, often all that is left of a run elsewhere, says the rest too. */
afterEach(({ task }) => {
  for (const error of task.result?.errors ?? []) {
    const { value } = error as { value?: { data?: unknown } };
    if (value?.data !== undefined) error.stack = `${error.name}: ${error.message} ${JSON.stringify(value.data)}\n${error.stack ?? ''}`;
  }
});
