import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './settings.module.css';

export interface IdleMessage {
  retry: number;
  zh: string;
  en: string;
}

const mostReminders = 10;

/** What each reminder says, by its number; applied when a text is left. */
export function IdleMessagesEditor(props: { id: string; messages: readonly IdleMessage[]; onChange(next: IdleMessage[]): void }) {
  const { t } = useTranslation();
  const { id, messages, onChange } = props;
  const [draft, setDraft] = useState(messages);
  const firstFree = Array.from({ length: mostReminders }, (_, index) => index + 1).find((n) => draft.every(({ retry }) => retry !== n));
  const change = (retry: number, part: Partial<IdleMessage>): void =>
    setDraft((all) => all.map((each) => (each.retry === retry ? { ...each, ...part } : each)));
  const apply = (): void => {
    if (JSON.stringify(draft) !== JSON.stringify(messages)) onChange([...draft]);
  };
  return (
    <div className={css.stack} id={id}>
      {draft.map((message) => (
        <fieldset key={message.retry} className={css.reminder} aria-label={`${t('settings.idle.retry')} ${message.retry}`}>
          <span className="quiet">{message.retry}</span>
          <div className={css.stack}>
            {(['zh', 'en'] as const).map((language) => (
              <TextInput
                key={language}
                aria-label={`${t(`settings.idle.${language}`)} ${message.retry}`}
                placeholder={t(`settings.idle.${language}`)}
                lang={language}
                maxLength={200}
                value={message[language]}
                onChange={(event) => change(message.retry, { [language]: event.currentTarget.value })}
                onBlur={apply}
                onKeyDown={(event) => event.key === 'Enter' && apply()}
              />
            ))}
          </div>
          <ActionIcon
            size={20}
            aria-label={t('settings.idle.remove', { retry: message.retry })}
            onClick={() => onChange(draft.filter(({ retry }) => retry !== message.retry))}
          >
            <IconX size={13} />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={firstFree === undefined}
        onClick={() =>
          firstFree !== undefined && onChange([...draft, { retry: firstFree, zh: '', en: '' }].toSorted((a, b) => a.retry - b.retry))
        }
      >
        {t('settings.idle.add')}
      </Button>
    </div>
  );
}
