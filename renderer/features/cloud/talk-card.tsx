import { Button } from '@mantine/core';
import { IconPlayerPlayFilled, IconPlayerStopFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Sound } from '../../components/sound.tsx';
import css from './services.module.css';

interface TalkCardProps {
  title: string;
  hint: string;
  isReady: boolean;
  isRunning: boolean;
  error: TalkErrorValue | null;
  onStart(): void;
  onStop(): void;
  /** The form. */
  children: ReactNode;
  /** What came of it. */
  result: ReactNode;
}

/** A virtual counterpart of the bench's own, to try a service without hardware. */
export function TalkCard({ title, hint, isReady, isRunning, error, onStart, onStop, children, result }: TalkCardProps) {
  const { t } = useTranslation();
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <p className="quiet" style={{ margin: '0 0 8px' }}>
        {hint}
      </p>
      <form
        className={css.form}
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isRunning) onStart();
        }}
      >
        {children}
        <div className={css.row}>
          {isRunning ? (
            <Button size="xs" variant="default" leftSection={<IconPlayerStopFilled size={13} aria-hidden />} onClick={onStop}>
              {t('cloud.talk.stop')}
            </Button>
          ) : (
            <Button size="xs" type="submit" disabled={!isReady} leftSection={<IconPlayerPlayFilled size={13} aria-hidden />}>
              {t('cloud.talk.start')}
            </Button>
          )}
          {isRunning && <span className="quiet">{t('cloud.talk.running')}</span>}
        </div>
        <div aria-live="polite" className={css.form}>
          {error !== null && <ErrorNotice error={error} />}
          {result}
        </div>
      </form>
    </section>
  );
}

interface TalkReplyProps {
  heard: string;
  answered: string;
  /** What a real counterpart would have stumbled over. */
  violations?: readonly string[];
  wav: Uint8Array;
  children?: ReactNode;
}

/** What was understood, answered and heard. */
export function TalkReply({ heard, answered, violations = [], wav, children }: TalkReplyProps) {
  const { t } = useTranslation();
  return (
    <div className={css.report} data-testid="talk-reply" data-outcome={violations.length === 0 ? 'ok' : 'violations'}>
      <dl className={css.facts}>
        <dt>{t('cloud.talk.heard')}</dt>
        <dd>{heard === '' ? '—' : heard}</dd>
        <dt>{t('cloud.talk.answered')}</dt>
        <dd>{answered === '' ? '—' : answered}</dd>
      </dl>
      {violations.length > 0 && (
        <div>
          <strong>{t('cloud.talk.violations')}</strong>
          {violations.map((violation) => (
            <div key={violation} className="mono">
              {violation}
            </div>
          ))}
        </div>
      )}
      {/* A WAV of nothing is its header. */}
      {wav.length > 44 && <Sound wav={wav} label={t('cloud.talk.sound')} />}
      {children}
    </div>
  );
}
