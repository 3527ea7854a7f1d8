import { z } from 'zod';
import { check } from '../../check.ts';
import { notImpaired } from './conversing.ts';
import { conversationNexts, conversationParameters, conversationValues, underBadLink } from './under.ts';

/** Radio at its edge: packets are lost, and what TCP repeats holds up what comes after it. */
export const loss = check({
  name: 'link.loss',
  group: 'link',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    lossPercent: z.number().min(0).max(100).default(3),
    /** Each way: how long a repetition takes hangs on it. */
    delayMs: z.number().min(0).max(10_000).default(30),
    ...conversationParameters,
  }),
  values: conversationValues,
  nexts: conversationNexts,
  measure: (bench, { lossPercent, delayMs, ...wanted }) => underBadLink(bench, { ...notImpaired, lossPercent, delayMs }, wanted),
});
