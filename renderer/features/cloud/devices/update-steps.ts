import type { OtaUpdate } from '../../../../preload/contract/cloud/twetalk.ts';

const steps = ['sent', 'downloading', 'burning', 'done'] as const;
type UpdateMark = 'done' | 'now' | 'open' | 'failed';

/** The steps of an update as they are to be marked. Where one that failed had come to, its requests and percentage tell. */
export function stepsOf(update: Pick<OtaUpdate, 'state' | 'percent' | 'requests'>): { step: (typeof steps)[number]; mark: UpdateMark }[] {
  const { state } = update;
  const reached = state === 'fail' ? (update.requests === 0 ? 0 : update.percent >= 100 ? 2 : 1) : steps.indexOf(state);
  return steps.map((step, index) => {
    if (index < reached || state === 'done') return { step, mark: 'done' };
    if (index > reached) return { step, mark: 'open' };
    return { step, mark: state === 'fail' ? 'failed' : 'now' };
  });
}
