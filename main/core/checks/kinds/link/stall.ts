import { z } from 'zod';
import { check } from '../../check.ts';
import { known } from '../conversation/numbers.ts';
import { Conversing, notImpaired, Watch } from './conversing.ts';

/** A dead spot, as a lift is one: nothing passes for a while and nothing closes. The board has to be there again afterwards, by itself. */
export const stall = check({
  name: 'link.stall',
  group: 'link',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    /** Shorter than what ends a connection: the bench gives up a board after 20 to 40 s without an answer. */
    stallS: z.number().min(0.1).max(600).default(5),
    /** Held afterwards. */
    turns: z.number().int().min(1).max(50).default(2),
    timeoutS: z.number().min(1).max(600).default(60),
    replyTimeoutS: z.number().min(1).max(300).default(30),
  }),
  values: [
    { name: 'stallS', unit: 's' },
    { name: 'isRecovered', limit: { equals: true }, next: 'never-back' },
    { name: 'recoveryMs', unit: 'ms', limit: { max: 20_000 }, next: 'slow-recovery' },
    { name: 'turns', unit: 'count' },
    { name: 'unanswered', unit: 'count', limit: { max: 0 }, next: 'check-timeouts' },
    { name: 'latencyMs', unit: 'ms' },
    { name: 'reconnects', unit: 'count' },
    { name: 'underruns', unit: 'count' },
    { name: 'restarts', unit: 'count', limit: { max: 0 }, isOptional: true, next: 'no-restart' },
  ],
  nexts: ['never-back', 'slow-recovery', 'check-timeouts', 'no-restart'],
  async measure(bench, { stallS, turns, timeoutS, replyTimeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const conversing = await Conversing.begin(bench, device, { timeoutMs: timeoutS * 1000, replyTimeoutMs: replyTimeoutS * 1000 });
    if (conversing === null) return { skipped: 'no-conversation' };
    const watch = new Watch(bench, device);
    await device.impair({ ...notImpaired, isStalled: true });
    try {
      await bench.sleep(stallS * 1000);
    } finally {
      await device.impair(null);
    }
    const liftedUs = bench.clock.nowUs();
    bench.progress(0.4);
    const recoveryMs = await conversing.recovered(liftedUs);
    if (recoveryMs === null)
      return { values: { stallS, isRecovered: false, ...watch.values() }, evidence: watch.evidence(), next: 'never-back' };
    const held = await conversing.hold(turns, (done) => bench.progress(0.4 + (0.6 * done) / turns));
    if (held === null) return { person: 'nobody-there', values: { stallS, isRecovered: true, recoveryMs } };
    return {
      values: known<number | boolean>({
        ...{ stallS, isRecovered: true, recoveryMs, turns: held.turns, unanswered: held.unanswered, latencyMs: held.latencyMs },
        ...watch.values(),
      }),
      evidence: [...held.evidence, ...watch.evidence()],
    };
  },
});
