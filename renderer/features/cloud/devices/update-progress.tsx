import { Progress } from '@mantine/core';
import { IconCircle, IconCircleCheck, IconCircleDotted, IconCircleX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { OtaUpdate } from '../../../../preload/contract/cloud/twetalk.ts';
import { bytesText } from '../../../lib/quantities.ts';
import cloud from '../cloud.module.css';
import css from './devices.module.css';
import { stepsOf } from './update-steps.ts';

const icons = { done: IconCircleCheck, now: IconCircleDotted, open: IconCircle, failed: IconCircleX } as const;
const knownResults = ['-1', '-2', '-3', '-4', '-5'] as const;

/** How far the board is with its update, in the board's own words where it gave some. */
export function UpdateProgress({ update }: { update: OtaUpdate }) {
  const { t } = useTranslation();
  const { state, percent, resultCode, message } = update;
  const result = knownResults.find((known) => known === resultCode);
  return (
    <section className={css.card} aria-label={t('devices.ota.update')}>
      <div className={css.row}>
        <strong>{t('devices.ota.to', { version: update.version })}</strong>
        <span className="quiet">{t('devices.ota.served', { bytes: bytesText(update.servedBytes), requests: update.requests })}</span>
      </div>
      <ol className={cloud.steps} aria-live="polite">
        {stepsOf(update).map(({ step, mark }) => {
          const Icon = icons[mark];
          return (
            <li key={step} data-state={mark}>
              <Icon size={15} aria-label={t(`devices.ota.mark.${mark}`)} /> {t(`devices.ota.step.${step}`)}
            </li>
          );
        })}
      </ol>
      {(state === 'downloading' || state === 'burning') && (
        <Progress value={percent} aria-label={t('devices.ota.percent', { percent: Math.round(percent) })} />
      )}
      {state === 'fail' && (
        <div className={css.bad} role="alert">
          {result === undefined ? t('devices.ota.failed', { code: resultCode }) : t(`devices.ota.result.${result}`)} {message}
        </div>
      )}
    </section>
  );
}
