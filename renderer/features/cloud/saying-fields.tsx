import { Button, FileButton, SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { readFile } from '../../lib/files.ts';
import type { Saying, SayingKind } from './saying.ts';
import css from './services.module.css';

interface SayingProps {
  saying: Saying;
  kinds: readonly SayingKind[];
  maxLength: number;
  onChange(saying: Saying): void;
}

/** A sentence or a WAV of any rate. */
export function SayingFields({ saying, kinds, maxLength, onChange }: SayingProps) {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t('cloud.talk.what')}
        value={saying.kind}
        onChange={(kind) => onChange({ ...saying, kind })}
        data={kinds.map((value) => ({ value, label: t(`cloud.talk.kind.${value}`) }))}
      />
      {saying.kind === 'wav' ? (
        <div className={css.row}>
          <FileButton
            accept=".wav,audio/wav"
            onChange={(file) =>
              file !== null && void readFile(file).then((bytes) => onChange({ ...saying, wav: { name: file.name, bytes } }))
            }
          >
            {(props) => (
              <Button size="xs" variant="default" {...props}>
                {t('speech.choose')}
              </Button>
            )}
          </FileButton>
          <span className="quiet truncate">{saying.wav?.name ?? t('speech.noFile')}</span>
        </div>
      ) : (
        <TextInput
          size="xs"
          aria-label={t('cloud.talk.sentence')}
          placeholder={t('cloud.talk.sentence')}
          maxLength={maxLength}
          value={saying.text}
          onChange={(event) => onChange({ ...saying, text: event.currentTarget.value })}
        />
      )}
    </>
  );
}
