import { IconCircle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { ReachBoard } from '../../../../preload/contract/cloud/reach.ts';
import { isRefusalReason } from '../../../../preload/contract/cloud/refusals.ts';
import { wallText } from '../../../lib/quantities.ts';
import css from '../cloud.module.css';

/** In the reader's words; a refused subscription's reason is its topic. */
function whyOf(t: TFunction, reason: string): string {
  return isRefusalReason(reason) ? t(`refusals.${reason}.is`) : reason;
}

function adviceOf(t: TFunction, { step, reason, hint }: ReachBoard['steps'][number]): string {
  if (hint !== undefined) return t(`refusalHints.${hint}`);
  return isRefusalReason(reason) ? t(`refusals.${reason}.next`) : t(`reach.advice.${step}`);
}

function titleOf(t: TFunction, { productId, deviceName, remoteAddress }: ReachBoard): string {
  if (deviceName === undefined) return t('reach.somebody', { address: remoteAddress ?? '?' });
  return deviceName === '' ? t('reach.nameless') : `${productId}_${deviceName}`;
}

const icons = { done: IconCircleCheck, failed: IconCircleX, open: IconCircle } as const;

/** How far one board came, and what to do about where it stopped. */
export function BoardWay({ board }: { board: ReachBoard }) {
  const { t } = useTranslation();
  const title = titleOf(t, board);
  const failed = board.steps.findIndex(({ state }) => state === 'failed');
  const stopped = board.steps[failed] ?? board.steps.find(({ state }) => state === 'open');
  // What comes after it was done another time, and may still stand.
  const wasFurther = failed !== -1 && board.steps.slice(failed).some(({ state }) => state === 'done');
  return (
    <article className={css.card} aria-label={title}>
      <div className={css.head}>
        <strong className="truncate">{title}</strong>
        <span className="quiet">
          {board.gateway} {board.deviceName === undefined ? '' : (board.remoteAddress ?? '')} · {wallText(board.lastWallMs)}
        </span>
      </div>
      <ol className={css.steps}>
        {board.steps.map(({ step, state }) => {
          const Icon = icons[state];
          return (
            <li key={step} data-state={state}>
              <Icon size={15} aria-label={t(`reach.state.${state}`)} /> {t(`reach.step.${step}`)}
            </li>
          );
        })}
      </ol>
      {stopped !== undefined && (
        <div className={stopped.state === 'failed' ? css.bad : 'quiet'}>
          {stopped.state === 'failed' && (
            <strong>{t(wasFurther ? 'reach.laterBecause' : 'reach.stoppedBecause', { reason: whyOf(t, stopped.reason ?? '') })} </strong>
          )}
          {adviceOf(t, stopped)}
        </div>
      )}
    </article>
  );
}
