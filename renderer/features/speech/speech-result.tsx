import { IconArrowDown, IconArrowUp, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SpeechMessage, SpeechReport } from '../../../preload/contract/cloud/speech.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Sound } from '../../components/sound.tsx';
import { millisecondsText } from '../../lib/quantities.ts';
import css from './speech.module.css';
import type { SpeechRun } from './use-speech-run.ts';

/** What came of it, and every message that went and came. */
export function SpeechResult({ run }: { run: SpeechRun }) {
  const { t } = useTranslation();
  const { messages, report, error, isRunning } = run;
  if (messages.length === 0 && report === null && error === null)
    return <div className={`${css.empty} quiet`}>{isRunning ? t('speech.preparing') : t('speech.empty')}</div>;
  return (
    <div className={css.result}>
      <div aria-live="polite">
        {error !== null && <ErrorNotice error={error} />}
        {report !== null && <Report report={report} />}
        {isRunning && <span className="quiet">{t('speech.running')}</span>}
      </div>
      <section aria-label={t('speech.messages')} className={css.wire}>
        <h3>{t('speech.messages')}</h3>
        <ol data-testid="speech-messages">
          {messages.map((message) => (
            <Message key={`${message.atMs}-${message.direction}-${message.kind}-${message.text}`} message={message} />
          ))}
        </ol>
      </section>
    </div>
  );
}

function Report({ report }: { report: SpeechReport }) {
  const { t } = useTranslation();
  const isGood = report.error === null && report.violations.length === 0;
  const times = [
    [t('speech.firstOriginal'), report.firstOriginalMs],
    [t('speech.firstResult'), report.firstResultMs],
    [t('speech.firstAudio'), report.firstAudioMs],
  ] as const;
  return (
    <section className={css.report} data-testid="speech-report" data-outcome={isGood ? 'ok' : 'failed'}>
      <div className={css.verdict}>
        {isGood ? <IconCircleCheck size={18} aria-hidden /> : <IconCircleX size={18} aria-hidden />}
        <strong>{report.error === null ? (isGood ? t('speech.ok') : t('speech.notAsDocumented')) : t('speech.refused')}</strong>
        {report.engine !== null && <EngineNote engine={report.engine} />}
      </div>
      {report.error !== null && <ErrorNotice error={report.error} />}
      {report.violations.map((violation) => (
        <div key={violation} className="mono">
          {violation}
        </div>
      ))}
      <dl className={css.texts}>
        {report.originals.length > 0 && (
          <div>
            <dt>{t('speech.heard')}</dt>
            {report.originals.map((text, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: sentences are known by their index
              <dd key={index}>{text}</dd>
            ))}
          </div>
        )}
        {report.results.length > 0 && (
          <div>
            <dt>{t('speech.result')}</dt>
            {report.results.map((text, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: sentences are known by their index
              <dd key={index}>{text}</dd>
            ))}
          </div>
        )}
      </dl>
      {report.error === null && report.originals.length === 0 && report.results.length === 0 && (
        <div className="quiet">{t('speech.nothing')}</div>
      )}
      <dl className={css.times}>
        {times.map(([name, ms]) =>
          ms === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{millisecondsText(ms * 1000)}</dd>
            </div>
          ),
        )}
      </dl>
      {report.audio !== null && <Sound wav={report.audio} label={t('speech.sound')} />}
    </section>
  );
}

/** Whose translation it is: the phrase table must not be taken for a translator. */
function EngineNote({ engine }: { engine: string }) {
  const { t } = useTranslation();
  const isEmbedded = /^(?:phrase-table|extract)/u.test(engine);
  return (
    <span className={isEmbedded ? css.embedded : 'quiet'} title={isEmbedded ? t('speech.embeddedHint') : undefined}>
      {isEmbedded ? t(engine.startsWith('extract') ? 'speech.extract' : 'speech.phraseTable') : engine}
    </span>
  );
}

function Message({ message }: { message: SpeechMessage }) {
  const { t } = useTranslation();
  const { direction, kind, text, atMs, audioMs } = message;
  return (
    <li data-direction={direction} data-kind={kind}>
      <span className="quiet mono">{(atMs / 1000).toFixed(2)}</span>
      {direction === 'up' ? (
        <IconArrowUp size={13} className={css.sent} aria-label={t('speech.up')} />
      ) : (
        <IconArrowDown size={13} className={css.received} aria-label={t('speech.down')} />
      )}
      <span className="mono">
        {kind === 'audio'
          ? t('speech.audio', { ms: (audioMs ?? 0).toFixed(0) })
          : kind === 'close'
            ? t('speech.closed', { why: text })
            : text}
      </span>
    </li>
  );
}
