import { PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import { millisecondsText } from '../../../lib/quantities.ts';
import type { Saying } from '../saying.ts';
import { saidOf } from '../saying.ts';
import { SayingFields } from '../saying-fields.tsx';
import css from '../services.module.css';
import { TalkCard, TalkReply } from '../talk-card.tsx';
import { useTalk } from '../use-talk.ts';

const kinds = ['speech', 'wav'] as const;

/** The virtual board: to this bench, or to another xiaozhi server by its address. */
export function XiaozhiTalk() {
  const { t, i18n } = useTranslation();
  const talk = useTalk('xiaozhi.talk');
  const [saying, setSaying] = useState<Saying>({ kind: 'speech', text: '', wav: null });
  const [language, setLanguage] = useState<'zh' | 'en'>(i18n.language === 'zh' ? 'zh' : 'en');
  const [mode, setMode] = useState<'auto' | 'manual' | 'realtime'>('auto');
  const [wire, setWire] = useState<'given' | '1' | '2' | '3' | 'mqtt'>('given');
  const [address, setAddress] = useState('');
  const [token, setToken] = useState('');
  const said = saidOf(saying);
  const isAddress = address === '' || (/^(?:https?|wss?):\/\/\S+$/u.test(address) && URL.canParse(address));

  function start(): void {
    if (said === null) return;
    talk.start({
      ...{ language, mode },
      source: said.kind === 'wav' ? said : { kind: 'text', text: said.text },
      ...(wire === 'mqtt' && { transport: 'mqtt' as const }),
      ...(wire !== 'mqtt' && wire !== 'given' && { transport: 'websocket' as const, protocolVersion: Number(wire) as 1 | 2 | 3 }),
      ...(address !== '' && (address.startsWith('ws') ? { url: address } : { ota: address })),
      ...(token !== '' && { token }),
    });
  }

  return (
    <TalkCard
      title={t('xiaozhi.talk')}
      hint={t('xiaozhi.talkHint')}
      isReady={said !== null && isAddress}
      isRunning={talk.isRunning}
      error={talk.error}
      onStart={start}
      onStop={talk.stop}
      result={talk.reply !== null && <Reply reply={talk.reply} />}
    >
      <SayingFields saying={saying} kinds={kinds} maxLength={1000} onChange={setSaying} />
      <div className={css.row}>
        <SegmentedControl
          size="xs"
          aria-label={t('cloud.talk.language')}
          value={language}
          onChange={setLanguage}
          data={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('xiaozhi.mode')}
          value={mode}
          onChange={setMode}
          data={(['auto', 'manual', 'realtime'] as const).map((value) => ({ value, label: t(`xiaozhi.modeOf.${value}`) }))}
        />
      </div>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t('xiaozhi.wire')}
        value={wire}
        onChange={setWire}
        data={[
          { value: 'given', label: t('xiaozhi.asGiven') },
          { value: '1', label: 'WS V1' },
          { value: '2', label: 'V2' },
          { value: '3', label: 'V3' },
          { value: 'mqtt', label: 'MQTT' },
        ]}
      />
      <details className={css.fold}>
        <summary>{t('xiaozhi.elsewhere')}</summary>
        <div className={css.form}>
          <TextInput
            size="xs"
            label={t('xiaozhi.address')}
            placeholder="http://host:8002/xiaozhi/ota/"
            error={!isAddress && t('speech.urlWrong')}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value.trim())}
          />
          <PasswordInput
            size="xs"
            label={t('xiaozhi.token')}
            autoComplete="off"
            maxLength={2000}
            visibilityToggleButtonProps={{ 'aria-label': t('callbacks.showKey') }}
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
          />
        </div>
      </details>
    </TalkCard>
  );
}

function Reply({ reply }: { reply: CallReply<'xiaozhi.talk'> }) {
  const { t } = useTranslation();
  const { transcript, emotion, toolCalls, violations, wav, transport, latencyMs, deviceName, conversationId } = reply;
  return (
    <TalkReply heard={transcript} answered={reply.reply} violations={violations} wav={wav}>
      <dl className={css.facts}>
        <dt>{t('xiaozhi.asDevice')}</dt>
        <dd className="mono">
          {deviceName} · {transport === 'udp' ? 'MQTT + UDP' : 'WebSocket'}
        </dd>
        {latencyMs !== null && (
          <>
            <dt>{t('xiaozhi.latency')}</dt>
            <dd>{millisecondsText(latencyMs * 1000)}</dd>
          </>
        )}
        {emotion !== null && (
          <>
            <dt>{t('xiaozhi.emotion')}</dt>
            <dd>{emotion}</dd>
          </>
        )}
        {toolCalls.length > 0 && (
          <>
            <dt>{t('xiaozhi.called')}</dt>
            <dd className="mono">{toolCalls.map(({ name, arguments: given }) => `${name} ${JSON.stringify(given)}`).join('; ')}</dd>
          </>
        )}
      </dl>
      <a className={css.link} href={`#/wire?conversation=${encodeURIComponent(conversationId)}`}>
        {t('cloud.onWire')}
      </a>
    </TalkReply>
  );
}
