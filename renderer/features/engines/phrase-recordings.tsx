import { Button, FileButton } from '@mantine/core';
import { IconMicrophone, IconPlayerStopFilled, IconUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { useToasts } from '../../lib/toasts.ts';
import type { Phrase } from '../settings/phrases-editor.tsx';
import css from './engines.module.css';
import { type Recording, record } from './recording.ts';

/** Each phrase with a recording of the real speaker: from this window's microphone or a file. */
export function PhraseRecordings({ phrases }: { phrases: readonly Phrase[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const [recorded, setRecorded] = useState<Phrase | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const recording = useRef<Recording | null>(null);
  useEffect(() => () => recording.current?.cancel(), []);

  async function enrol({ text, language }: Phrase, wav: Uint8Array): Promise<void> {
    const done = await run('engines.enrol', { text, language, wav: wav.slice() });
    if (done !== null) show({ kind: 'done', text: t('engines.phrases.enrolled', { text }) });
  }

  async function begin(phrase: Phrase): Promise<void> {
    try {
      setProblem(null);
      recording.current = await record();
      setRecorded(phrase);
    } catch (error) {
      setProblem(t('engines.phrases.noMicrophone', { reason: error instanceof Error ? error.name : String(error) }));
    }
  }

  async function finish(phrase: Phrase): Promise<void> {
    const ended = recording.current;
    recording.current = null;
    setRecorded(null);
    if (ended === null) return;
    try {
      await enrol(phrase, await ended.finish());
    } catch {
      setProblem(t('engines.phrases.tooShort'));
    }
  }

  return (
    <div className={css.recordings}>
      {phrases.map((phrase) => (
        <div key={`${phrase.language} ${phrase.text}`} className={css.row}>
          <span className={css.grow}>{phrase.text}</span>
          {recorded === phrase ? (
            <Button color="red.9" leftSection={<IconPlayerStopFilled size={14} />} onClick={() => void finish(phrase)}>
              {t('engines.phrases.recording')}
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<IconMicrophone size={14} />}
              aria-label={t('engines.phrases.recordPhrase', { text: phrase.text })}
              disabled={isBusy || recorded !== null}
              onClick={() => void begin(phrase)}
            >
              {t('engines.phrases.record')}
            </Button>
          )}
          <FileButton accept=".wav,audio/wav" onChange={(file) => file !== null && void readFile(file).then((wav) => enrol(phrase, wav))}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconUpload size={14} />}
                aria-label={t('engines.phrases.filePhrase', { text: phrase.text })}
              >
                {t('engines.phrases.fromFile')}
              </Button>
            )}
          </FileButton>
        </div>
      ))}
      {problem !== null && (
        <div className={css.problem} role="alert">
          {problem}
        </div>
      )}
      {phrases.length > 0 && <div className="quiet">{t('engines.phrases.kept')}</div>}
    </div>
  );
}
