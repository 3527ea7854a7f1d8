import { Button, Checkbox, Group, Modal, NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionStorage } from '../../../preload/contract/sessions.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import css from './sessions.module.css';
import { sizeText } from './storage-bar.tsx';

const SHOWN = 8;

/** Limits of the library; what they would remove is shown before they are in force. */
export function RetentionDialog({ retention, onClose }: { retention: Settings['retention']; onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [maximumGb, setMaximumGb] = useState(retention.maximumGb);
  const [maximumAgeDays, setMaximumAgeDays] = useState(retention.maximumAgeDays);
  const [rememberSecrets, setRememberSecrets] = useState(retention.rememberSecrets);
  const rule = { maximumGb: maximumGb > 0 ? Math.max(0.1, maximumGb) : null, maximumAgeDays: maximumAgeDays > 0 ? maximumAgeDays : null };
  const asked = useReply('sessions.storage', { retention: rule });
  const wouldRemove = asked.data?.wouldRemove ?? [];
  async function apply(): Promise<void> {
    const changes = { retention: { maximumGb: rule.maximumGb ?? 0, maximumAgeDays: rule.maximumAgeDays ?? 0, rememberSecrets } };
    if ((await run('settings.set', { changes })) !== null) onClose();
  }
  return (
    <Modal opened onClose={onClose} title={t('sharing.retentionTitle')} size={560} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <Stack gap="sm">
          <p className={`quiet ${css.lead}`}>{t('sharing.retentionLead')}</p>
          <Group grow>
            <NumberInput
              label={t('sharing.maximumGb')}
              placeholder={t('sharing.noLimit')}
              min={0}
              max={100_000}
              decimalScale={1}
              value={maximumGb === 0 ? '' : maximumGb}
              data-autofocus
              onChange={(value) => setMaximumGb(Number(value) || 0)}
            />
            <NumberInput
              label={t('sharing.maximumAgeDays')}
              placeholder={t('sharing.noLimit')}
              min={0}
              max={36_500}
              allowDecimal={false}
              value={maximumAgeDays === 0 ? '' : maximumAgeDays}
              onChange={(value) => setMaximumAgeDays(Number(value) || 0)}
            />
          </Group>
          <Checkbox
            label={t('sharing.rememberSecrets')}
            description={t('sharing.rememberSecretsHint')}
            checked={rememberSecrets}
            onChange={(event) => setRememberSecrets(event.currentTarget.checked)}
          />
          {asked.error !== null ? <ErrorNotice error={errorValueOf(asked.error)} /> : <Removals sessions={wouldRemove} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button
              type="submit"
              loading={isBusy}
              disabled={asked.data === undefined || asked.isFetching}
              {...(wouldRemove.length > 0 ? { color: 'red.9' } : {})}
            >
              {wouldRemove.length > 0 ? t('sharing.applyRemoves') : t('sharing.apply')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Removals({ sessions }: { sessions: SessionStorage['wouldRemove'] }) {
  const { t } = useTranslation();
  if (sessions.length === 0) return <p className={`quiet ${css.lead}`}>{t('sharing.wouldRemoveNone')}</p>;
  const size = sizeText(sessions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return (
    <section role="status">
      {t('sharing.wouldRemove', { count: sessions.length, size })}
      <ul className={css.removals}>
        {sessions.slice(0, SHOWN).map(({ id, title, startedWallMs, sizeBytes, reason }) => (
          <li key={id}>
            {sessionTitle({ title, boards: [], startedWallMs })}{' '}
            <span className="quiet">
              {wallText(startedWallMs)} · {sizeText(sizeBytes)} · {t(`sharing.reason.${reason}`)}
            </span>
          </li>
        ))}
      </ul>
      {sessions.length > SHOWN && <span className="quiet">{t('sharing.more', { count: sessions.length - SHOWN })}</span>}
    </section>
  );
}
