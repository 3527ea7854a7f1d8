import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { XiaozhiActivation } from '../../../../preload/contract/cloud/xiaozhi.ts';
import { useAction } from '../../../lib/actions.ts';
import { clockText } from '../../../lib/quantities.ts';
import { useSettings } from '../../../lib/streams.ts';
import { useToasts } from '../../../lib/toasts.ts';
import css from '../cloud.module.css';
import own from '../services.module.css';

/** Boards that show a code and wait for it to be typed here. */
export function Activations({ activations }: { activations: readonly XiaozhiActivation[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const isAsked = useSettings()?.xiaozhi.activation === 'code';
  const [code, setCode] = useState('');
  if (!isAsked && activations.length === 0) return null;

  async function activate(typed: string): Promise<void> {
    const reply = await run('xiaozhi.activate', { code: typed });
    if (reply === null) return;
    setCode('');
    show({ kind: 'done', text: t('xiaozhi.activated', { deviceName: reply.deviceName }) });
  }

  return (
    <section aria-labelledby="xiaozhi-activations" className={css.card}>
      <h2 id="xiaozhi-activations" style={{ margin: 0 }}>
        {t('xiaozhi.activations')}
      </h2>
      {activations.length === 0 && <span className="quiet">{t('xiaozhi.noActivations')}</span>}
      {activations.map(({ deviceName, sinceWallMs }) => (
        <div key={deviceName} className={own.row}>
          <strong className="mono">{deviceName}</strong>
          <span className="quiet">{t('xiaozhi.waitsSince', { at: clockText(sinceWallMs).slice(0, 8) })}</span>
        </div>
      ))}
      <form
        className={own.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (/^\d{6}$/u.test(code)) void activate(code);
        }}
      >
        <TextInput
          size="xs"
          w={140}
          inputMode="numeric"
          maxLength={6}
          aria-label={t('xiaozhi.code')}
          placeholder={t('xiaozhi.code')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.replace(/\D/gu, ''))}
        />
        <Button size="xs" type="submit" disabled={isBusy || !/^\d{6}$/u.test(code)}>
          {t('xiaozhi.activate')}
        </Button>
      </form>
    </section>
  );
}
