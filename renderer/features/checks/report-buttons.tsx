import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { saveFile } from '../../lib/files.ts';
import { useLanguage } from './check-words.ts';
import style from './run/run.module.css';

const formats = ['html', 'pdf', 'csv', 'json'] as const;

/** The report of these runs, in the page's language, as a file. */
export function ReportButtons({ runIds, isDisabled = false }: { runIds: readonly string[]; isDisabled?: boolean }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { run, isBusy } = useAction();
  async function save(format: (typeof formats)[number]): Promise<void> {
    const report = await run('checks.report', { runIds: [...runIds], format, language });
    if (report !== null) saveFile(report.fileName, report.data);
  }
  return (
    <fieldset className={style.reports} aria-label={t('checks.report.label')}>
      <span className="quiet">
        <IconDownload size={13} aria-hidden /> {t('checks.report.label')}
      </span>
      {formats.map((format) => (
        <Button
          key={format}
          size="compact-xs"
          variant="default"
          title={t(`checks.report.${format}Hint`)}
          disabled={isDisabled || isBusy || runIds.length === 0}
          onClick={() => void save(format)}
        >
          {t(`checks.report.${format}`)}
        </Button>
      ))}
    </fieldset>
  );
}
