import { Button, Loader, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { emptyDraft } from './draft.ts';
import css from './wifi-setup.module.css';

const LOG_PORT = 9876;

/** What a board remembers of a setup that failed. */
export function BoardLog() {
  const { t } = useTranslation();
  const { isBusy, lines, error, read, cancel } = useBoardLog();
  const [address, setAddress] = useState(emptyDraft.address);
  const [port, setPort] = useState(LOG_PORT);
  return (
    <details className={css.fold}>
      <summary>{t('wifiSetup.log.title')}</summary>
      <div className={css.folded}>
        <p className="quiet">{t('wifiSetup.log.what')}</p>
        <div className={css.pair}>
          <TextInput
            label={t('wifiSetup.address')}
            classNames={{ input: 'mono' }}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <NumberInput
            label={t('wifiSetup.port')}
            min={1}
            max={65_535}
            allowDecimal={false}
            clampBehavior="strict"
            hideControls
            value={port}
            onChange={(value) => typeof value === 'number' && setPort(value)}
          />
        </div>
        {isBusy ? (
          <Button variant="default" leftSection={<Loader size={13} aria-hidden />} onClick={cancel}>
            {t('wifiSetup.log.stop')}
          </Button>
        ) : (
          <Button variant="default" disabled={address.trim() === ''} onClick={() => void read({ address: address.trim(), port })}>
            {t('wifiSetup.log.read')}
          </Button>
        )}
        {error !== null && <ErrorNotice error={error} />}
        {lines !== null && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key
          <pre className={css.trace} tabIndex={0}>
            {lines.length === 0 ? t('wifiSetup.log.empty') : lines.join('\n')}
          </pre>
        )}
      </div>
    </details>
  );
}

/** The reading takes up to ten seconds, and ends with its page. */
function useBoardLog() {
  const lab = useLab();
  const reading = useRef<AbortController | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [lines, setLines] = useState<string[] | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  useEffect(() => () => reading.current?.abort(), []);
  async function read(where: { address: string; port: number }): Promise<void> {
    const abort = new AbortController();
    reading.current = abort;
    setBusy(true);
    setError(null);
    setLines(null);
    try {
      const reply = await lab.call('wifi.readLog', where, { signal: abort.signal });
      setLines(reply.lines);
    } catch (failure) {
      if (!abort.signal.aborted && !isCancelled(failure)) setError(errorValueOf(failure));
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, lines, error, read, cancel: () => reading.current?.abort() };
}
