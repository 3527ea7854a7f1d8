import { z } from 'zod';
import { check } from '../../check.ts';
import { notImpaired } from './conversing.ts';
import { conversationNexts, conversationParameters, conversationValues, underBadLink } from './under.ts';

/** A narrow link: no more than the vendor asks of a network. */
export const rate = check({
  name: 'link.rate',
  group: 'link',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    /** Each way, and for all of the device's connections each its own. */
    rateKbitS: z.number().min(1).max(1_000_000).default(100),
    ...conversationParameters,
  }),
  values: conversationValues,
  nexts: conversationNexts,
  measure: (bench, { rateKbitS, ...wanted }) => underBadLink(bench, { ...notImpaired, rateKbitS }, wanted),
});
