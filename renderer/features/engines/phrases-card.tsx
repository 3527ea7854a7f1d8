import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { useSettings } from '../../lib/streams.ts';
import { PhrasesEditor } from '../settings/phrases-editor.tsx';
import css from './engines.module.css';
import { PhraseRecordings } from './phrase-recordings.tsx';

/** What the phrase recogniser knows besides its own, and the voices it has heard say it. */
export function PhrasesCard() {
  const { t } = useTranslation();
  const { run } = useAction();
  const phrases = useSettings()?.engines.phrases ?? [];
  return (
    <section className={css.card} aria-labelledby="engine-phrases">
      <h2 id="engine-phrases">{t('engines.phrases.title')}</h2>
      <div className="quiet">{t('engines.phrases.hint')}</div>
      <PhrasesEditor
        id="engine-phrase-text"
        label={t('engines.phrases.title')}
        phrases={phrases}
        onChange={(next) => void run('settings.set', { changes: { engines: { phrases: next } } })}
      />
      <PhraseRecordings phrases={phrases} />
    </section>
  );
}
