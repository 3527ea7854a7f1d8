import { Button, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import css from './send-bar.module.css';
import { remember, useSendHistory } from './send-history.ts';
import { SendRepeat } from './send-repeat.tsx';
import { type LineEnding, sendBytes } from './send-text.ts';
import { SnippetsMenu } from './snippets-menu.tsx';
import { storedState } from './stored.ts';

const useSendStyle = storedState<{ ending: LineEnding; isHex: boolean }>('talkbench.monitor.send', { ending: 'lf', isHex: false });

export interface SendBarProps {
  /** Where it goes; null: no port is open. */
  address: string | null;
  /** The ports to choose from, on a merged log. */
  targets: readonly { value: string; label: string }[];
  onTarget(address: string): void;
  isOpen: boolean;
  field: RefObject<HTMLInputElement | null>;
  /** What else sends: a file. */
  children?: ReactNode;
}

/**
 * Sends lines or bytes to the board. ↑ and ↓ walk through what was sent to it before. The field is free for the next line at once; one
 * that could not be sent comes back into it, unless another has been begun: then ↑ brings it.
 */
export function SendBar({ address, targets, onTarget, isOpen, field, children }: SendBarProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const { ending, isHex } = useSendStyle();
  const [text, setText] = useState('');
  const history = useSendHistory((state) => (address === null ? undefined : state.lines[address])) ?? [];
  /** How many lines back; 0 is what is being typed. */
  const [back, setBack] = useState(0);
  const parsed = sendBytes(text, isHex, ending);

  async function send(): Promise<boolean> {
    if (address === null || !parsed.ok || parsed.bytes.length === 0) return false;
    return (await run('ports.write', { address, data: parsed.bytes })) !== null;
  }
  async function sendLine(isKept: boolean): Promise<void> {
    if (address === null || !parsed.ok || parsed.bytes.length === 0) return;
    remember(address, text);
    setBack(0);
    if (!isKept) setText('');
    if (!(await send())) setText((typed) => (typed === '' ? text : typed));
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Escape') {
      event.currentTarget.blur();
      return;
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      void sendLine(event.ctrlKey || event.metaKey);
      return;
    }
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
      aria-label={t('monitor.sending.label')}
      onSubmit={(event) => {
        event.preventDefault();
        void sendLine(false);
      }}
    >
      {targets.length > 1 && (
        <Select
          w={130}
          aria-label={t('monitor.sending.target')}
          allowDeselect={false}
          value={address}
          onChange={(value) => value !== null && onTarget(value)}
          data={[...targets]}
        />
      )}
      <TextInput
        ref={field}
        className={css.field}
        aria-label={t('monitor.sendLine')}
        placeholder={isHex ? '7E 00 0D …' : t('monitor.sending.placeholder')}
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        disabled={!isOpen}
        error={!parsed.ok}
        rightSectionWidth={parsed.ok ? 60 : 150}
        rightSection={
          text !== '' && (
            <span className={css.size} data-bad={!parsed.ok || undefined} aria-live="polite">
              {parsed.ok ? t('monitor.sending.bytes', { count: parsed.bytes.length }) : t('monitor.sending.badAt', { at: parsed.at + 1 })}
            </span>
          )
        }
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setBack(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Tooltip label={t('monitor.sending.formHint')}>
        <SegmentedControl
          aria-label={t('monitor.sending.form')}
          value={isHex ? 'hex' : 'text'}
          onChange={(value) => useSendStyle.setState({ isHex: value === 'hex' })}
          data={[
            { value: 'text', label: t('monitor.sending.text') },
            { value: 'hex', label: 'HEX' },
          ]}
        />
      </Tooltip>
      <Select
        w={84}
        aria-label={t('monitor.lineEnding')}
        allowDeselect={false}
        disabled={isHex}
        value={ending}
        onChange={(value) => value !== null && useSendStyle.setState({ ending: value })}
        data={[
          { value: 'none', label: t('monitor.noEnding') },
          { value: 'lf', label: 'LF' },
          { value: 'cr', label: 'CR' },
          { value: 'crlf', label: 'CRLF' },
        ]}
      />
      <SnippetsMenu
        current={text}
        isHex={isHex}
        isOpen={isOpen}
        onPick={(snippet) => {
          useSendStyle.setState({ isHex: snippet.isHex });
          setText(snippet.text);
          field.current?.focus();
        }}
      />
      <SendRepeat isEnabled={isOpen && parsed.ok && text !== ''} onSend={send} />
      {children}
      <Button type="submit" variant="default" disabled={!isOpen || !parsed.ok}>
        {t('monitor.send')}
      </Button>
    </form>
  );
}
