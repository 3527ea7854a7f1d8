import { useEffect, useState } from 'react';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { type Lab, useLab } from '../../lib/lab.ts';

export interface Planned {
  /** What would be written. Null while it is not known, or cannot be. */
  plan: FlashPlan | null;
  /** The plan as it would be without what stands in its way, for the picture of it. */
  shown: FlashPlan | null;
  problem: TalkErrorValue | null;
  isPending: boolean;
}

/** An LTE module's package that cannot be written before its second-stage loader is given. */
export function needsAgentboot(plan: FlashPlan | null): boolean {
  return plan?.warnings.some(({ code }) => code === 'agentboot-needed') ?? false;
}

/** What the core answered, and to which question: an answer to the one before counts for nothing. */
type Answered = Omit<Planned, 'isPending'> & { request: CallRequest<'flash.plan'> };

/** What can be drawn all the same when writing is forced. */
const drawable = ['flash/does-not-fit'];

/** Has the core say what a firmware would be, whenever it changes. `request` must stay the same object while it is the same. */
export function usePlan(request: CallRequest<'flash.plan'> | null): Planned {
  const lab = useLab();
  const [answered, setAnswered] = useState<Answered | null>(null);
  useEffect(() => {
    if (request === null) return;
    const abort = new AbortController();
    void ask(lab, request, abort.signal).then((answer) => {
      if (!abort.signal.aborted) setAnswered({ ...answer, request });
    });
    return () => abort.abort();
  }, [lab, request]);
  if (request === null) return { plan: null, shown: null, problem: null, isPending: false };
  if (answered?.request === request) return { ...answered, isPending: false };
  // The picture stays until the next one is there: it would flicker with every key.
  return { plan: null, shown: answered?.shown ?? null, problem: null, isPending: true };
}

async function ask(lab: Lab, request: CallRequest<'flash.plan'>, signal: AbortSignal): Promise<Omit<Answered, 'request'>> {
  try {
    const plan = await lab.call('flash.plan', request, { signal });
    return { plan, shown: plan, problem: null };
  } catch (error) {
    const problem = errorValueOf(error);
    const shown = drawable.includes(problem.code) ? await askForced(lab, request, signal) : null;
    return { plan: null, shown, problem };
  }
}

async function askForced(lab: Lab, request: CallRequest<'flash.plan'>, signal: AbortSignal): Promise<FlashPlan | null> {
  try {
    return await lab.call('flash.plan', { ...request, options: { ...request.options, force: true } }, { signal });
  } catch {
    return null; // there is another problem behind the first, which is the one that is shown
  }
}
