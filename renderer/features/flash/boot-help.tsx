import { Kbd } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import css from './job.module.css';

const steps = [
  ['BOOT', 'hold'],
  ['EN', 'press'],
  ['BOOT', 'release'],
] as const;

/** A board must enter its loader by hand: which two buttons, in which order. */
export function BootHelp() {
  const { t } = useTranslation();
  return (
    <ol className={css.help}>
      {steps.map(([key, what]) => (
        <li key={what}>
          <Kbd size="xs">{key}</Kbd> {t(`job.help.${what}`)}
        </li>
      ))}
      <li>{t('job.help.slower')}</li>
    </ol>
  );
}
