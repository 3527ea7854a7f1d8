import { z } from 'zod';
import { check } from '../../check.ts';
import { notImpaired } from './conversing.ts';
import { conversationNexts, conversationParameters, conversationValues, underBadLink } from './under.ts';

/** A far-away or busy network: everything takes longer, and not evenly. */
export const delay = check({
  name: 'link.delay',
  group: 'link',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    /** Each way. */
    delayMs: z.number().min(0).max(10_000).default(200),
    jitterMs: z.number().min(0).max(10_000).default(60),
    ...conversationParameters,
  }),
  values: conversationValues,
  nexts: conversationNexts,
  measure: (bench, { delayMs, jitterMs, ...wanted }) => underBadLink(bench, { ...notImpaired, delayMs, jitterMs }, wanted),
});
