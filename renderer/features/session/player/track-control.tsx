import { ActionIcon, Button, Checkbox, Popover, Slider, Stack, Switch, Text, Tooltip } from '@mantine/core';
import { IconHeadphones, IconVolume, IconVolumeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { levelOf, type PlaybackStore } from './playback.ts';
import type { Track } from './tracks.ts';

/** One track: on or off, how loud, alone, and for the user as it was listened to. */
export function TrackControl({ track, playback, hasDenoised }: { track: Track; playback: PlaybackStore; hasDenoised: boolean }) {
  const { t } = useTranslation();
  const state = useStore(playback);
  const name = t(`session.${track}`);
  const isMuted = state.isMuted[track];
  const isHeard = levelOf(track, state) > 0;
  const colour = track === 'user' ? 'var(--user)' : 'var(--agent)';
  const isAlone = state.solo === track;
  return (
    <Button.Group>
      <Button
        size="compact-xs"
        variant={isHeard ? 'default' : 'subtle'}
        color="gray"
        aria-pressed={!isMuted}
        title={t('playback.mute', { track: name })}
        leftSection={<span style={{ width: 8, height: 8, borderRadius: 4, background: isHeard ? colour : 'var(--line-strong)' }} />}
        onClick={() => playback.setState(({ isMuted: muted }) => ({ isMuted: { ...muted, [track]: !isMuted } }))}
      >
        <span style={isMuted ? { textDecoration: 'line-through' } : undefined}>{name}</span>
      </Button>
      <Popover position="bottom" withArrow trapFocus>
        <Popover.Target>
          <Tooltip label={t('playback.volume', { track: name })}>
            <ActionIcon size={22} variant="default" aria-label={t('playback.volume', { track: name })}>
              {isAlone ? <IconHeadphones size={13} /> : isHeard ? <IconVolume size={13} /> : <IconVolumeOff size={13} />}
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs" w={230}>
            <Text size="xs">{t('playback.level')}</Text>
            <Slider
              aria-label={t('playback.volume', { track: name })}
              thumbLabel={t('playback.volume', { track: name })}
              min={0}
              max={200}
              step={5}
              value={Math.round(state.levels[track] * 100)}
              label={(value) => `${value} %`}
              marks={[{ value: 100 }]}
              onChange={(value) => playback.setState(({ levels }) => ({ levels: { ...levels, [track]: value / 100 } }))}
            />
            <Checkbox
              label={t('playback.solo')}
              checked={isAlone}
              onChange={(event) => playback.setState({ solo: event.currentTarget.checked ? track : null })}
            />
            {track === 'user' && (
              <Switch
                label={t('playback.denoised')}
                description={hasDenoised ? undefined : t('playback.denoisedMissing')}
                disabled={!hasDenoised}
                checked={state.isDenoised && hasDenoised}
                onChange={(event) => playback.setState({ isDenoised: event.currentTarget.checked })}
              />
            )}
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </Button.Group>
  );
}
