import { ActionIcon, Button, Loader, Select, Tooltip } from '@mantine/core';
import {
  IconArrowBarToRight,
  IconArrowsMaximize,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRepeat,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ConversationRecord } from '../../../preload/contract/sessions.ts';
import { instantText } from '../../lib/quantities.ts';
import { rates } from './player/playback.ts';
import { TrackControl } from './player/track-control.tsx';
import { tracks } from './player/tracks.ts';
import type { PlayerControls } from './player/use-player.ts';
import css from './session.module.css';
import { useSessionView, useSessionViewStore } from './session-view.ts';

export interface TransportBarProps {
  conversations: readonly ConversationRecord[];
  conversation: ConversationRecord | null;
  isRecording: boolean;
  player: PlayerControls;
  onConversation(id: string): void;
  onTurn(step: 1 | -1): void;
  onLoop(): void;
}

/** Play, step, zoom: what the keys do too. Each names its key. */
export function TransportBar(props: TransportBarProps) {
  const { t } = useTranslation();
  const { player, conversation } = props;
  const store = useSessionViewStore();
  const isPlaying = useSessionView((state) => state.isPlaying);
  const { rate, loop, isWaiting } = useStore(player.playback);
  const hasAudio = conversation !== null && conversation.uplinkPackets + conversation.downlinkPackets > 0;
  const whyNot = conversation === null ? t('playback.noConversation') : t('playback.noAudio');
  const playLabel = hasAudio ? `${isPlaying ? t('session.pause') : t('session.play')} · Space` : whyNot;
  return (
    <div className={css.tools} role="toolbar" aria-label={t('session.controls')}>
      <Tool label={`${t('session.previousTurn')} · [`} onClick={() => props.onTurn(-1)}>
        <IconChevronLeft size={17} />
      </Tool>
      <Tool
        label={playLabel}
        name={isPlaying ? t('session.pause') : t('session.play')}
        onClick={player.playOrPause}
        isDisabled={!hasAudio}
        isStrong
      >
        {isWaiting ? (
          <Loader size={14} color="white" aria-label={t('playback.waiting')} />
        ) : isPlaying ? (
          <IconPlayerPauseFilled size={16} />
        ) : (
          <IconPlayerPlayFilled size={16} />
        )}
      </Tool>
      <Tool label={`${t('session.nextTurn')} · ]`} onClick={() => props.onTurn(1)}>
        <IconChevronRight size={17} />
      </Tool>
      <PlayClock />
      {!hasAudio && <span className={css.noAudio}>{whyNot}</span>}
      {hasAudio && (
        <>
          <Tooltip label={t('playback.speedHint')}>
            <Select
              aria-label={t('playback.speed')}
              w={74}
              allowDeselect={false}
              value={String(rate)}
              data={rates.map((each) => ({ value: String(each), label: `${each}×` }))}
              onChange={(value) => player.playback.setState({ rate: Number(value ?? 1) })}
            />
          </Tooltip>
          <Tool label={t('playback.loopHint')} name={t('playback.loop')} isPressed={loop !== null} onClick={props.onLoop}>
            <IconRepeat size={16} />
          </Tool>
          {tracks.map((track) => (
            <TrackControl key={track} track={track} playback={player.playback} hasDenoised={conversation.hasDenoised === true} />
          ))}
        </>
      )}
      <span className={css.grow} />
      {props.isRecording && <FollowButton />}
      {props.conversations.length > 1 && (
        <Select
          aria-label={t('session.conversation')}
          w={200}
          allowDeselect={false}
          value={conversation?.conversationId ?? null}
          onChange={(id) => id !== null && props.onConversation(id)}
          data={props.conversations.map((each, index) => ({
            value: each.conversationId,
            label: `${index + 1} · ${each.deviceName} · ${instantText(Math.max(0, each.openedUs), 0)}`,
          }))}
        />
      )}
      <Tool label={`${t('session.zoomOut')} · S`} onClick={() => store.getState().zoom(1.5)}>
        <IconZoomOut size={17} />
      </Tool>
      <Tool label={`${t('session.zoomIn')} · W`} onClick={() => store.getState().zoom(1 / 1.5)}>
        <IconZoomIn size={17} />
      </Tool>
      <Tool label={`${t('session.fit')} · F`} onClick={() => store.getState().fit()}>
        <IconArrowsMaximize size={16} />
      </Tool>
    </div>
  );
}

function FollowButton() {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const isFollowing = useSessionView((state) => state.isFollowing);
  return (
    <Tooltip label={t('playback.followHint')}>
      <Button
        size="compact-xs"
        variant={isFollowing ? 'light' : 'default'}
        color={isFollowing ? 'trace' : 'gray'}
        aria-pressed={isFollowing}
        leftSection={<IconArrowBarToRight size={14} />}
        onClick={() => store.getState().follow(!isFollowing)}
      >
        {t('playback.follow')}
      </Button>
    </Tooltip>
  );
}

interface ToolProps {
  label: string;
  /** What it is called where its label says more. */
  name?: string;
  onClick(): void;
  isDisabled?: boolean;
  isStrong?: boolean;
  isPressed?: boolean;
  children: ReactNode;
}

function Tool({ label, name, onClick, isDisabled = false, isStrong = false, isPressed, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={name ?? label.split(' · ')[0]}
        onClick={onClick}
        disabled={isDisabled}
        {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
        {...(isStrong ? { variant: 'filled', color: 'trace', radius: 'xl' } : {})}
        {...(isPressed === true ? { variant: 'light', color: 'trace' } : {})}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function PlayClock() {
  const cursorUs = useSessionView((state) => state.cursorUs);
  const durationUs = useSessionView((state) => state.durationUs);
  return (
    <span className={css.clock}>
      {instantText(cursorUs)} <span className="quiet">/ {instantText(durationUs, 0)}</span>
    </span>
  );
}
