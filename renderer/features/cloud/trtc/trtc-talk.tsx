import { Checkbox, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrtcState } from '../../../../preload/contract/cloud/trtc.ts';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { Saying } from '../saying.ts';
import { saidOf, sayings } from '../saying.ts';
import { SayingFields } from '../saying-fields.tsx';
import css from '../services.module.css';
import { TalkCard, TalkReply } from '../talk-card.tsx';
import { useTalk } from '../use-talk.ts';

type Room = TrtcState['rooms'][number];

/** The virtual client: enters a room, starts a conversation or joins one, speaks, listens and leaves. */
export function TrtcTalk({ sdkAppId, rooms }: { sdkAppId: number; rooms: readonly Room[] }) {
  const { t, i18n } = useTranslation();
  const talk = useTalk('trtc.talk');
  const [saying, setSaying] = useState<Saying>({ kind: 'speech', text: '', wav: null });
  const [language, setLanguage] = useState<'zh' | 'en'>(i18n.language === 'zh' ? 'zh' : 'en');
  const [roomKey, setRoomKey] = useState('');
  const [audioType, setAudioType] = useState<'opus' | 'pcm'>('opus');
  const [isInterrupting, setInterrupting] = useState(false);
  const [afterMs, setAfterMs] = useState<number | string>(1500);
  const said = saidOf(saying);
  const joinable = rooms.filter(({ robots }) => robots.length > 0);
  const room = joinable.find((each) => keyOf(each) === roomKey);

  function start(): void {
    if (said === null) return;
    talk.start({
      language,
      audioType,
      source: said.kind === 'typed' ? { kind: 'message', text: said.text } : said,
      interruptAfterMs: isInterrupting ? Number(afterMs) : null,
      ...(room === undefined
        ? { sdkAppId }
        : { sdkAppId: room.sdkAppId, roomId: room.roomId, roomIdType: room.roomIdType, parameters: null }),
    });
  }

  return (
    <TalkCard
      title={t('trtc.talk')}
      hint={t('trtc.talkHint')}
      isReady={said !== null}
      isRunning={talk.isRunning}
      error={talk.error}
      onStart={start}
      onStop={talk.stop}
      result={talk.reply !== null && <Reply reply={talk.reply} />}
    >
      <SayingFields saying={saying} kinds={sayings} maxLength={2000} onChange={setSaying} />
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
        <SegmentedControl size="xs" aria-label="AudioType" value={audioType} onChange={setAudioType} data={['opus', 'pcm']} />
      </div>
      <Select
        size="xs"
        label={t('trtc.where')}
        allowDeselect={false}
        value={room === undefined ? '' : roomKey}
        data={[
          { value: '', label: t('trtc.ownRoom') },
          ...joinable.map((each) => ({ value: keyOf(each), label: t('trtc.roomNamed', { roomId: each.roomId }) })),
        ]}
        onChange={(key) => setRoomKey(key ?? '')}
      />
      <div className={css.row}>
        <Checkbox
          size="xs"
          label={t('trtc.interruptAfter')}
          checked={isInterrupting}
          onChange={(event) => setInterrupting(event.currentTarget.checked)}
        />
        <NumberInput
          size="xs"
          w={110}
          aria-label={t('trtc.interruptAfter')}
          disabled={!isInterrupting}
          min={0}
          max={60_000}
          step={250}
          suffix=" ms"
          value={afterMs}
          onChange={setAfterMs}
        />
      </div>
    </TalkCard>
  );
}

const keyOf = ({ sdkAppId, roomIdType, roomId }: Room): string => `${sdkAppId} ${roomIdType} ${roomId}`;

function Reply({ reply }: { reply: CallReply<'trtc.talk'> }) {
  const { t } = useTranslation();
  return (
    <TalkReply heard={reply.transcript} answered={reply.reply} wav={reply.wav}>
      <details className={css.fold}>
        <summary>{t('trtc.roomMessages', { count: reply.messages.length })}</summary>
        <ol className={css.steps}>
          {reply.messages.map(({ atMs, type, message }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a list that is told once, in its order
            <li key={index}>
              <span className="mono quiet">{(atMs / 1000).toFixed(2)}</span>
              <span />
              <span className="mono">
                {type} {JSON.stringify(message.payload ?? message)}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </TalkReply>
  );
}
