import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { Saying } from '../saying.ts';
import { saidOf, sayings } from '../saying.ts';
import { SayingFields } from '../saying-fields.tsx';
import css from '../services.module.css';
import { TalkCard, TalkReply } from '../talk-card.tsx';
import { useTalk } from '../use-talk.ts';

/** The virtual device: connects, speaks or writes, and says what a real one would have stumbled over. */
export function TuyaTalk() {
  const { t, i18n } = useTranslation();
  const talk = useTalk('tuya.talk');
  const [saying, setSaying] = useState<Saying>({ kind: 'speech', text: '', wav: null });
  const [language, setLanguage] = useState<'zh' | 'en'>(i18n.language === 'zh' ? 'zh' : 'en');
  const [version, setVersion] = useState<'1' | '2'>('2');
  const [audio, setAudio] = useState<'pcm' | 'opus'>('pcm');
  const [clientType, setClientType] = useState<'device' | 'app'>('device');
  const [deviceId, setDeviceId] = useState('');
  const [options, setOptions] = useState({ isTls: false, isServerVad: false, needTts: true, onlyAsr: false });
  const said = saidOf(saying);
  const isDeviceValid = /^[\w.:@-]{0,64}$/u.test(deviceId);

  function start(): void {
    if (said === null) return;
    const say =
      said.kind === 'typed'
        ? ({ kind: 'text', text: said.text } as const)
        : said.kind === 'wav'
          ? said
          : ({ kind: 'speech', text: said.text, language } as const);
    talk.start({
      ...{ say, language, audio, clientType, ...options },
      version: version === '1' ? 1 : 2,
      ...(deviceId !== '' && { deviceId }),
    });
  }

  return (
    <TalkCard
      title={t('tuya.talk')}
      hint={t('tuya.talkHint')}
      isReady={said !== null && isDeviceValid}
      isRunning={talk.isRunning}
      error={talk.error}
      onStart={start}
      onStop={talk.stop}
      result={talk.reply !== null && <Reply reply={talk.reply} />}
    >
      <SayingFields saying={saying} kinds={sayings} maxLength={500} onChange={setSaying} />
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
        <SegmentedControl size="xs" aria-label={t('tuya.audio')} value={audio} onChange={setAudio} data={['pcm', 'opus']} />
      </div>
      <div className={css.row}>
        <SegmentedControl
          size="xs"
          aria-label={t('tuya.wireVersion')}
          value={version}
          onChange={setVersion}
          data={[
            { value: '2', label: 'V2.1' },
            { value: '1', label: 'V1' },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('tuya.clientType')}
          value={clientType}
          onChange={setClientType}
          data={(['device', 'app'] as const).map((value) => ({ value, label: t(`tuya.client.${value}`) }))}
        />
      </div>
      <div className={css.row}>
        {(['isTls', 'isServerVad', 'needTts', 'onlyAsr'] as const).map((name) => (
          <Checkbox
            key={name}
            size="xs"
            label={t(`tuya.option.${name}`)}
            checked={options[name]}
            onChange={(event) => setOptions({ ...options, [name]: event.currentTarget.checked })}
          />
        ))}
      </div>
      <TextInput
        size="xs"
        label={t('tuya.deviceId')}
        placeholder={t('tuya.deviceMade')}
        maxLength={64}
        error={!isDeviceValid}
        value={deviceId}
        onChange={(event) => setDeviceId(event.currentTarget.value.trim())}
      />
    </TalkCard>
  );
}

function Reply({ reply }: { reply: CallReply<'tuya.talk'> }) {
  const { t } = useTranslation();
  const { transcript, emotions, reasoning, steps, violations, wav } = reply;
  return (
    <TalkReply heard={transcript} answered={reply.reply} violations={violations} wav={wav}>
      {(emotions.length > 0 || reasoning !== '') && (
        <dl className={css.facts}>
          {emotions.length > 0 && (
            <>
              <dt>{t('tuya.emotions')}</dt>
              <dd>{emotions.join(', ')}</dd>
            </>
          )}
          {reasoning !== '' && (
            <>
              <dt>{t('tuya.reasoning')}</dt>
              <dd>{reasoning}</dd>
            </>
          )}
        </dl>
      )}
      <details className={css.fold}>
        <summary>{t('tuya.steps', { count: steps.length })}</summary>
        <ol className={css.steps}>
          {steps.map(({ atMs, direction, name, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a list that is told once, in its order
            <li key={index}>
              <span className="mono quiet">{(atMs / 1000).toFixed(2)}</span>
              <span className={direction === 'up' ? css.up : css.down}>{direction === 'up' ? '↑' : '↓'}</span>
              <span className="mono">
                {name} <span className="quiet">{text}</span>
              </span>
            </li>
          ))}
        </ol>
      </details>
    </TalkReply>
  );
}
