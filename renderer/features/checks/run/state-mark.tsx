import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleXFilled,
  IconHandStop,
  IconLoader2,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { CheckState } from '../../../../preload/contract/checks.ts';
import css from './run.module.css';

const icons = {
  waiting: IconCircleDashed,
  running: IconLoader2,
  asking: IconHandStop,
  passed: IconCircleCheckFilled,
  failed: IconCircleXFilled,
  skipped: IconCircleMinus,
  person: IconUserQuestion,
  error: IconAlertTriangleFilled,
} as const;

/** A state by shape as well as by colour; the word stands beside it. */
export function StateMark({ state, size = 16 }: { state: CheckState; size?: number }) {
  const Icon = icons[state];
  return <Icon size={size} className={css.mark} data-state={state} aria-hidden />;
}
