import { ActionIcon, Button, Select, Tooltip } from '@mantine/core';
import {
  IconArrowsMaximize,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConversationRecord } from '../../../preload/contract/sessions.ts';
import { instantText } from '../../lib/quantities.ts';
import css from './session.module.css';
import { useSessionView, useSessionViewStore } from './session-view.ts';

export interface TransportBarProps {
  conversations: readonly ConversationRecord[];
  conversationId: string | null;
  onConversation(id: string): void;
  onPlay(): void;
  onTurn(step: 1 | -1): void;
  onMute(track: 'user' | 'agent', isMuted: boolean): void;
}

/** Play, step, zoom: what the keys do too. Each names its key. */
export function TransportBar(props: TransportBarProps) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const isPlaying = useSessionView((state) => state.isPlaying);
  const hasAudio = props.conversationId !== null;
  return (
    <div className={css.tools} role="toolbar" aria-label={t('session.controls')}>
      <Tool label={`${t('session.previousTurn')} · [`} onClick={() => props.onTurn(-1)}>
        <IconChevronLeft size={17} />
      </Tool>
      <Tool label={`${isPlaying ? t('session.pause') : t('session.play')} · Space`} onClick={props.onPlay} isDisabled={!hasAudio} isStrong>
        {isPlaying ? <IconPlayerPauseFilled size={16} /> : <IconPlayerPlayFilled size={16} />}
      </Tool>
      <Tool label={`${t('session.nextTurn')} · ]`} onClick={() => props.onTurn(1)}>
        <IconChevronRight size={17} />
      </Tool>
      <PlayClock />
      <TrackToggle label={t('session.user')} colour="var(--user)" onToggle={(isMuted) => props.onMute('user', isMuted)} />
      <TrackToggle label={t('session.agent')} colour="var(--agent)" onToggle={(isMuted) => props.onMute('agent', isMuted)} />
      <span className={css.grow} />
      {props.conversations.length > 1 && (
        <Select
          aria-label={t('session.conversation')}
          w={230}
          allowDeselect={false}
          value={props.conversationId}
          onChange={(id) => id !== null && props.onConversation(id)}
          data={props.conversations.map((conversation, index) => ({
            value: conversation.conversationId,
            label: `${index + 1} · ${conversation.deviceName} · ${instantText(conversation.openedUs, 0)}`,
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

interface ToolProps {
  label: string;
  onClick(): void;
  isDisabled?: boolean;
  isStrong?: boolean;
  children: ReactNode;
}

function Tool({ label, onClick, isDisabled = false, isStrong = false, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label.split(' · ')[0]}
        onClick={onClick}
        disabled={isDisabled}
        {...(isStrong ? { variant: 'filled', color: 'trace', radius: 'xl' } : {})}
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

function TrackToggle({ label, colour, onToggle }: { label: string; colour: string; onToggle(isMuted: boolean): void }) {
  const [isMuted, setMuted] = useState(false);
  return (
    <Button
      size="compact-xs"
      variant={isMuted ? 'subtle' : 'default'}
      color="gray"
      aria-pressed={!isMuted}
      leftSection={<span style={{ width: 8, height: 8, borderRadius: 4, background: isMuted ? 'var(--line-strong)' : colour }} />}
      onClick={() => {
        setMuted(!isMuted);
        onToggle(!isMuted);
      }}
    >
      <span style={isMuted ? { textDecoration: 'line-through' } : undefined}>{label}</span>
    </Button>
  );
}
