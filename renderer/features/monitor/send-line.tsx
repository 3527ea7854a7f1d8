import { Button, Select, TextInput } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import css from './monitor.module.css';

const endings = { none: '', lf: '\n', cr: '\r', crlf: '\r\n' } as const;
type Ending = keyof typeof endings;

const historyLines = 100;

/** Sends a line to the board. ↑ and ↓ walk through what was sent before. */
export function SendLine({ address, isOpen }: { address: string; isOpen: boolean }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [text, setText] = useState('');
  const [ending, setEnding] = useState<Ending>('lf');
  const [history, setHistory] = useState<readonly string[]>([]);
  /** How many lines back; 0 is what is being typed. */
  const [back, setBack] = useState(0);

  async function send(): Promise<void> {
    const data = new TextEncoder().encode(text + endings[ending]);
    if (data.length === 0 || (await run('ports.write', { address, data })) === null) return;
    if (text !== '') setHistory((lines) => [...lines.filter((line) => line !== text), text].slice(-historyLines));
    setBack(0);
    setText('');
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    const next = back + step;
    if (step === 0 || next < 0 || next > history.length) return;
    event.preventDefault();
    setBack(next);
    setText(next === 0 ? '' : (history.at(-next) ?? ''));
  }

  return (
    <form
      className={css.send}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <TextInput
        className={css.grow}
        aria-label={t('monitor.sendLine')}
        placeholder={t('monitor.sendLine')}
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        disabled={!isOpen}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Select
        w={92}
        aria-label={t('monitor.lineEnding')}
        allowDeselect={false}
        value={ending}
        onChange={(value) => value !== null && setEnding(value)}
        data={[
          { value: 'none', label: t('monitor.noEnding') },
          { value: 'lf', label: 'LF' },
          { value: 'cr', label: 'CR' },
          { value: 'crlf', label: 'CRLF' },
        ]}
      />
      <Button type="submit" variant="default" disabled={!isOpen}>
        {t('monitor.send')}
      </Button>
    </form>
  );
}
