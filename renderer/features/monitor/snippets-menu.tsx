import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { IconCode, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorSettings } from './monitor-document.ts';
import { useMonitorSettings, withNamed } from './monitor-settings.ts';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

type Snippet = MonitorSettings['snippets'][number];

export interface SnippetsMenuProps {
  /** What is in the send line. */
  current: string;
  isHex: boolean;
  isOpen: boolean;
  onPick(snippet: Snippet): void;
}

/** Texts to send, by name: picked into the send line, where they are seen before they go. */
export function SnippetsMenu({ current, isHex, isOpen, onPick }: SnippetsMenuProps) {
  const { t } = useTranslation();
  const { monitor, save } = useMonitorSettings();
  const [isShown, setShown] = useState(false);
  const [name, setName] = useState('');
  return (
    <Popover opened={isShown} onChange={setShown} position="top-end" withArrow trapFocus>
      <Popover.Target>
        <Tool label={t('monitor.snippets.title')} onClick={() => setShown(!isShown)} disabled={!isOpen}>
          <IconCode size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 320 }}>
        <h3 className={css.title}>{t('monitor.snippets.title')}</h3>
        {monitor.snippets.length === 0 && <p className={css.hint}>{t('monitor.snippets.none')}</p>}
        <ul className={css.list}>
          {monitor.snippets.map((snippet) => (
            <li key={snippet.name} className={css.row}>
              <Button
                className={css.grow}
                size="compact-xs"
                variant="subtle"
                color="gray"
                justify="start"
                title={snippet.text}
                onClick={() => {
                  setShown(false);
                  onPick(snippet);
                }}
              >
                {snippet.name}
                <span className="mono quiet">
                  &nbsp;{snippet.isHex ? 'HEX ' : ''}
                  {snippet.text}
                </span>
              </Button>
              <ActionIcon
                size={20}
                aria-label={t('monitor.snippets.remove', { name: snippet.name })}
                onClick={() => void save({ snippets: monitor.snippets.filter((each) => each !== snippet) })}
              >
                <IconTrash size={13} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <form
          className={css.row}
          onSubmit={(event) => {
            event.preventDefault();
            event.stopPropagation(); // the send line's form is around this one in React's tree
            void save({ snippets: withNamed(monitor.snippets, { name: name.trim(), text: current, isHex }) }).then(
              (isDone) => isDone && setName(''),
            );
          }}
        >
          <TextInput
            className={css.grow}
            aria-label={t('monitor.snippets.name')}
            placeholder={current === '' ? t('monitor.snippets.typeFirst') : t('monitor.snippets.name')}
            disabled={current === ''}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={name.trim() === '' || current === ''}>
            {t('monitor.snippets.save')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
