import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useReply } from '../../lib/actions.ts';
import { CloudSettings } from '../cloud/cloud-settings.tsx';
import { emptyDraft, type SpeechDraft } from './draft.ts';
import css from './speech.module.css';
import { SpeechForm } from './speech-form.tsx';
import { SpeechResult } from './speech-result.tsx';
import { useSpeechRun } from './use-speech-run.ts';

/** The speech services of seed 003 that the bench hosts: where they are, and each driven over its own wire. */
export function SpeechServices() {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(emptyDraft);
  const run = useSpeechRun();
  const { data: state } = useReply('speech.state', {}, { version: run.isRunning });
  const change = (difference: Partial<SpeechDraft>): void => setDraft((before) => ({ ...before, ...difference }));
  return (
    <div className={css.columns}>
      <div className={css.side}>
        <header>
          <h2>{t('speech.title')}</h2>
          <p className={`${css.lead} quiet`}>{t('speech.what')}</p>
        </header>
        {state !== undefined && (
          <dl className={css.state}>
            <div>
              <dt>{t('speech.address')}</dt>
              <dd className="mono">{state.baseUrl ?? t('speech.closedHere')}</dd>
            </div>
            <div>
              <dt>{t('speech.by')}</dt>
              <dd>{state.engine.isEmbedded ? <span className={css.embedded}>{t('speech.embeddedBoth')}</span> : state.engine.id}</dd>
            </div>
            <div>
              <dt>{t('speech.counts')}</dt>
              <dd>{t('speech.countsText', state.counts)}</dd>
            </div>
          </dl>
        )}
        <SpeechForm draft={draft} run={run} onChange={change} />
        <details className={css.fold}>
          <summary>{t('cloud.settings')}</summary>
          <CloudSettings group="speech" />
        </details>
      </div>
      <div className={css.body}>
        <SpeechResult run={run} />
      </div>
    </div>
  );
}
