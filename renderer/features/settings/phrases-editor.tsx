import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './settings.module.css';

export interface Phrase {
  text: string;
  language: 'zh' | 'en';
}

/** What the phrase recogniser knows besides its own list. */
export function PhrasesEditor(props: {
  id: string;
  phrases: readonly Phrase[];
  /** Where no label of the page's stands for it. */
  label?: string;
  onChange(next: Phrase[]): void;
}) {
  const { id, phrases, label, onChange } = props;
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [language, setLanguage] = useState<'zh' | 'en'>('zh');
  return (
    <div className={css.phrases}>
      {phrases.map((phrase) => (
        <div key={`${phrase.language} ${phrase.text}`} className={css.phrase}>
          <span className="quiet">{phrase.language}</span>
          <span className={css.grow}>{phrase.text}</span>
          <ActionIcon
            size={20}
            aria-label={t('settings.removePhrase', { text: phrase.text })}
            onClick={() => onChange(phrases.filter((each) => each !== phrase))}
          >
            <IconX size={13} />
          </ActionIcon>
        </div>
      ))}
      <form
        className={css.phrase}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === '') return;
          onChange([...phrases, { text: text.trim(), language }]);
          setText('');
        }}
      >
        <Select
          w={74}
          aria-label={t('settings.phraseLanguage')}
          allowDeselect={false}
          data={['zh', 'en']}
          value={language}
          onChange={(value) => value !== null && setLanguage(value)}
        />
        <TextInput
          id={id}
          aria-label={label}
          className={css.grow}
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t('settings.addPhrase')}
        </Button>
      </form>
    </div>
  );
}
