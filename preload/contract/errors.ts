import { z } from 'zod';
import { errorCodes, type TalkErrorValue } from './talk-error.ts';

// The codes and the class are zod-free so that the renderer may bundle them; everything else imports them from here.
export * from './talk-error.ts';

export const talkErrorSchema = z.object({
  code: z.enum(errorCodes),
  data: z.record(z.string(), z.unknown()),
  retryable: z.boolean(),
}) satisfies z.ZodType<TalkErrorValue>;
