import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import { useAction, useReply } from '../../lib/actions.ts';
import css from './conversation.module.css';
import { PushToTalk } from './push-to-talk.tsx';

/** Text in the user's place or in the agent's; and the button of a conversation that is talked to by button. */
export function SayBox({ conversation, isOpen }: { conversation: ConversationState; isOpen: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [mode, setMode] = useState<'text' | 'say'>('text');
  const [text, setText] = useState('');
  const { conversationId, productId, deviceName } = conversation;
  // Whichever language it is held in: the button does no harm where it is not listened to.
  const zh = useReply('agents.effective', { productId, deviceName, language: 'zh' });
  const en = useReply('agents.effective', { productId, deviceName, language: 'en' });
  const isByButton = [zh, en].some((reply) => reply.data?.settings.turns?.input === 'push-to-talk');

  async function send(): Promise<void> {
    if (text.trim() === '') return;
    const body = { conversationId, text: text.trim() };
    const sent = mode === 'text' ? await run('pipeline.text', body) : await run('pipeline.say', body);
    // What was typed meanwhile is the next one.
    if (sent !== null) setText((typed) => (typed === text ? '' : typed));
  }
  return (
    <form
      className={css.say}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {isByButton && isOpen && <PushToTalk conversationId={conversationId} />}
      <SegmentedControl
        aria-label={t('talk.mode')}
        value={mode}
        onChange={setMode}
        data={[
          { value: 'text', label: t('talk.ask') },
          { value: 'say', label: t('talk.sayThis') },
        ]}
      />
      <TextInput
        className={css.grow}
        data-say
        aria-keyshortcuts="t"
        aria-label={mode === 'text' ? t('talk.askHint') : t('talk.sayHint')}
        placeholder={mode === 'text' ? t('talk.askHint') : t('talk.sayHint')}
        value={text}
        disabled={!isOpen}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Button type="submit" disabled={!isOpen} loading={isBusy}>
        {t('monitor.send')}
      </Button>
    </form>
  );
}
