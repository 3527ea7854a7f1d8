import { Button, Group } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ExportRedaction, RedactionFinding, RedactionPreview } from '../../../preload/contract/redaction.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { bytesText } from '../../lib/quantities.ts';
import css from './sessions.module.css';

/** What an export would black out, looked for when asked: a long session is gone through from end to end. */
export function ExportPreview({ id, redaction, isDisabled }: { id: string; redaction: ExportRedaction; isDisabled: boolean }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<ExportRedaction | null>(null);
  const isCurrent = JSON.stringify(asked) === JSON.stringify(redaction);
  const reply = useReply('sessions.preview', { id, ...(asked ?? redaction) }, { isEnabled: asked !== null });
  return (
    <div>
      <Group gap="sm">
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconEye size={15} />}
          disabled={isDisabled || (isCurrent && !reply.isError)}
          loading={reply.isFetching}
          onClick={() => setAsked(redaction)}
        >
          {t('sharing.previewAsk')}
        </Button>
        <span className="quiet">{reply.isFetching ? t('sharing.looking') : t('sharing.preview')}</span>
      </Group>
      {isCurrent && reply.error !== null && !reply.isFetching && <ErrorNotice error={errorValueOf(reply.error)} />}
      {isCurrent && reply.data !== undefined && <Findings preview={reply.data} isSoundIn={!redaction.leaveOut.includes('sound')} />}
    </div>
  );
}

function Findings({ preview: { findings, leftOut }, isSoundIn }: { preview: RedactionPreview; isSoundIn: boolean }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.findings} tabIndex={0} aria-label={t('sharing.preview')}>
      {findings.length === 0 && <p className="quiet">{t('sharing.previewNone')}</p>}
      {findings.map((finding) => (
        <Finding key={`${finding.kind} ${finding.rule ?? ''}`} finding={finding} />
      ))}
      {leftOut.packets > 0 && (
        <p className="quiet">{t('sharing.leftOutSound', { count: leftOut.packets, size: bytesText(leftOut.soundBytes) })}</p>
      )}
      {(leftOut.texts > 0 || leftOut.messages > 0) && (
        <p className="quiet">{t('sharing.leftOutTexts', { texts: leftOut.texts, messages: leftOut.messages })}</p>
      )}
      {isSoundIn && <p className="quiet">{t('sharing.soundUnlooked')}</p>}
      <p className="quiet">{t('sharing.pastSecrets')}</p>
    </section>
  );
}

function Finding({ finding: { kind, rule, count, places, examples } }: { finding: RedactionFinding }) {
  const { t } = useTranslation();
  return (
    <div>
      <strong>{t(`sharing.kind.${kind}`)}</strong> {rule !== null && <code>{rule}</code>} {t('sharing.found', { count })}
      {places.length > 0 && (
        <span className="quiet"> · {places.map((one) => `${t(`sharing.place.${one.place}`)} ${one.count}`).join(', ')}</span>
      )}
      <ul>
        {examples.map((example, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: examples never change their order
          <li key={index}>
            <span className="quiet">
              {t(`sharing.place.${example.place}`)}
              {example.at !== null && ` ${example.at}`} {example.name}
            </span>{' '}
            <code dir="auto">{example.text}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
