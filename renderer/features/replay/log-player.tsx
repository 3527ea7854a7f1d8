import { ActionIcon, Checkbox, NativeSelect, Slider, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogReplayState } from '../../../preload/contract/replay.ts';
import { useAction } from '../../lib/actions.ts';
import css from './rerun.module.css';

const speeds = [0.5, 1, 2, 4, 10, 20, 0] as const;

/** One log that is played: where it is, how fast, and its ports. */
export function LogPlayerCard({ state }: { state: LogReplayState }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [draggedUs, setDraggedUs] = useState<number | null>(null);
  const { id, positionUs, durationUs, speed, isLooping, ports, title } = state;
  const isPlaying = state.state === 'playing';
  const control = (change: { isPaused?: boolean; speed?: number; isLooping?: boolean; positionUs?: number }) =>
    void run('replay.controlLog', { id, ...change });
  const toggle = t(isPlaying ? 'replay.log.pause' : 'replay.log.resume');
  return (
    <section className={css.player} aria-label={title}>
      <h2>{title}</h2>
      <div className={css.controls}>
        <Tooltip label={toggle}>
          <ActionIcon variant="filled" aria-label={toggle} onClick={() => control({ isPaused: isPlaying })}>
            {isPlaying ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
          </ActionIcon>
        </Tooltip>
        <Slider
          className={css.position ?? ''}
          thumbLabel={t('replay.log.position')}
          label={null}
          min={0}
          max={Math.max(1, durationUs)}
          value={draggedUs ?? positionUs}
          onChange={setDraggedUs}
          onChangeEnd={(value) => {
            setDraggedUs(null);
            control({ positionUs: value });
          }}
        />
        <span className={css.time}>
          {clock(draggedUs ?? positionUs)} / {clock(durationUs)}
        </span>
        <NativeSelect
          size="xs"
          aria-label={t('replay.log.speed')}
          value={String(speed)}
          data={speeds.map((each) => ({ value: String(each), label: each === 0 ? t('replay.log.asFastAsPossible') : `${each}×` }))}
          onChange={(event) => control({ speed: Number(event.currentTarget.value) })}
        />
        <Checkbox
          size="xs"
          label={t('replay.log.loop')}
          checked={isLooping}
          onChange={(event) => control({ isLooping: event.currentTarget.checked })}
        />
        <Tooltip label={t('replay.log.stop')}>
          <ActionIcon variant="subtle" aria-label={t('replay.log.stop')} onClick={() => void run('replay.stopLog', { id })}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <ul className={css.ports}>
        {ports.map(({ address, from, sentBytes, totalBytes }) => (
          <li key={address}>
            <a href="#/monitor">{address}</a> · {t('replay.log.sent', { sent: sentBytes, total: totalBytes })} · {from}
          </li>
        ))}
      </ul>
      <p className={css.facts}>{t(`replay.log.timing.${state.timing}`)}</p>
    </section>
  );
}

function clock(us: number): string {
  const seconds = us / 1e6;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
