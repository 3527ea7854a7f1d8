import { Button, CopyButton, Group, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { saveFile } from '../../lib/files.ts';
import css from './agents.module.css';

interface ExportProps {
  productId: string;
  deviceName: string;
  language: 'zh' | 'en';
  version: unknown;
}

/** What conversations run with, in the vendors' own words. */
export function ExportPart({ productId, deviceName, language, version }: ExportProps) {
  const { t } = useTranslation();
  const [format, setFormat] = useState<'twetalk' | 'trtc'>('twetalk');
  const exported = useReply('agents.export', { productId, deviceName, language, format }, { version });
  const json = exported.data?.json ?? '';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.sheet} tabIndex={0} aria-label={t('agents.part.export')}>
      <div className="quiet">{t('agents.exportHint')}</div>
      <Group gap={8}>
        <SegmentedControl
          aria-label={t('agents.part.export')}
          value={format}
          onChange={setFormat}
          data={(['twetalk', 'trtc'] as const).map((value) => ({ value, label: t(`agents.exportFormat.${value}`) }))}
        />
        <CopyButton value={json}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t('frame.copied') : t('frame.copy')}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={() => saveFile(`${productId}-${format}.json`, new TextEncoder().encode(json))}>
          {t('agents.saveFile')}
        </Button>
      </Group>
      {exported.error !== null && <ErrorNotice error={errorValueOf(exported.error)} />}
      <pre className={css.json}>{json}</pre>
    </section>
  );
}
