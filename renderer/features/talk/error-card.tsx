import { Button, CopyButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { errorSentences } from '../../lib/errors.ts';
import css from './conversation.module.css';
import type { Notice } from './transcript.ts';

type ErrorNotice = Extract<Notice, { kind: 'error' }>;

/** What went wrong and what to do, with everything a provider's support asks for, to be copied in one go. */
export function ErrorCard({ notice, conversationId }: { notice: ErrorNotice; conversationId: string }) {
  const { t } = useTranslation();
  const { what, next } = errorSentences(t, notice.error);
  const ids: [string, string][] = [
    [t('talk.error.code'), notice.error.code],
    ...(notice.productCode === null ? [] : ([[t('talk.error.productCode'), String(notice.productCode)]] as [string, string][])),
    [t('talk.error.task'), conversationId],
    ...(notice.turnId === null ? [] : ([[t('talk.error.round'), String(notice.turnId)]] as [string, string][])),
    ...(notice.requestId === null ? [] : ([[t('talk.error.request'), notice.requestId]] as [string, string][])),
  ];
  const isBlocking = notice.isBlocking === true;
  const report = [what, ...ids.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return (
    <div className={css.error} data-blocking={isBlocking} role="alert" data-error-code={notice.error.code}>
      {isBlocking ? <IconCircleX size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
      <div>
        <strong>{what}</strong>
        <div>
          {next}
          {notice.isBlocking !== null && (
            <span className="quiet"> {isBlocking ? t('talk.error.blocking') : t('talk.error.notBlocking')}</span>
          )}
        </div>
        <dl className={css.ids}>
          {ids.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <CopyButton value={report}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="default" onClick={copy}>
            {copied ? t('frame.copied') : t('frame.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
