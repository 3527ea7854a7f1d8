import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconMicrophone, IconMicrophoneOff, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveAudioState } from '../../../preload/contract/audio.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { type Fold, useSharedPart } from '../../lib/shared-stream.ts';
import css from './browser-audio.module.css';
import {
  connectBrowserAudio,
  type BrowserAudio as Link,
  MicrophoneError,
  type MicrophoneTrouble,
  openMicrophone,
} from './browser-audio-link.ts';

type Mode = LiveAudioState['mode'];

const audioFold: Fold<'audio.state', LiveAudioState[]> = {
  start: (snapshot) => snapshot,
  apply(states, items) {
    const byName = new Map(states.map((state) => [state.name, state]));
    for (const item of items) byName.set(item.name, item);
    return [...byName.values()].filter(({ state }) => state !== 'closed');
  },
};

/** Talking with this browser's microphone and speaker: it starts a board of its own for as long as it lasts. */
export function BrowserAudio() {
  const { t, i18n } = useTranslation();
  const lab = useLab();
  const [mode, setMode] = useState<Mode>('open');
  const [phase, setPhase] = useState<'idle' | 'starting' | 'talking'>('idle');
  const [trouble, setTrouble] = useState<MicrophoneTrouble | 'ended' | null>(null);
  const [error, setError] = useState<ReturnType<typeof errorValueOf> | null>(null);
  const [isHeld, setHeld] = useState(false);
  const [droppedMs, setDroppedMs] = useState(0);
  const [name, setName] = useState('');
  const running = useRef<{ link: Link; name: string } | null>(null);
  const attempt = useRef(0);

  function failed(reason: unknown): void {
    if (reason instanceof MicrophoneError) setTrouble(reason.trouble);
    else setError(errorValueOf(reason));
  }

  async function stop(): Promise<void> {
    attempt.current += 1;
    const was = running.current;
    running.current = null;
    was?.link.close();
    setPhase('idle');
    if (was !== null) await lab.call('boards.stop', { name: was.name }).catch(() => {}); // it may be gone already
  }

  async function start(): Promise<void> {
    const own = ++attempt.current;
    const board = `browser-${Math.random().toString(36).slice(2, 8)}`;
    setTrouble(null);
    setError(null);
    setDroppedMs(0);
    setPhase('starting');
    let microphone: MediaStream | null = null;
    let isBoardThere = false;
    try {
      microphone = await openMicrophone(null);
      await lab.call('boards.start', { name: board, language: i18n.language === 'zh' ? 'zh' : 'en', audio: { source: 'browser', mode } });
      isBoardThere = true;
      const link = await connectBrowserAudio(lab, board, microphone, {
        onHeld: setHeld,
        onDropped: setDroppedMs,
        onEnded() {
          setTrouble('ended');
          void stop();
        },
      });
      running.current = { link, name: board };
      setName(board);
      // Stopped, or left, while it began.
      if (own !== attempt.current) await stop();
      else setPhase('talking');
    } catch (reason) {
      for (const track of microphone?.getTracks() ?? []) track.stop();
      if (isBoardThere) await lab.call('boards.stop', { name: board }).catch(() => {});
      if (own !== attempt.current) return;
      setPhase('idle');
      failed(reason);
    }
  }

  const stopNow = useRef(stop);
  useEffect(() => {
    stopNow.current = stop;
  });
  // Who leaves the screen hangs up.
  useEffect(() => () => void stopNow.current(), []);

  return (
    <section className={css.panel} aria-label={t('browserAudio.title')}>
      {phase === 'talking' ? (
        <>
          <Level name={name} />
          {isHeld && (
            <Button variant="light" color="orange" onClick={() => void running.current?.link.resume()}>
              {t('browserAudio.held')}
            </Button>
          )}
          {mode === 'push-to-talk' && <TalkButton onPress={(isDown) => void lab.call('audio.press', { name, isDown }).catch(failed)} />}
          <InputPicker onPick={(deviceId) => void running.current?.link.takeInput(deviceId).catch(failed)} />
          {droppedMs > 0 && <span className="quiet">{t('browserAudio.dropped', { ms: Math.round(droppedMs) })}</span>}
          <Button variant="default" leftSection={<IconPlayerStopFilled size={14} />} onClick={() => void stop()}>
            {t('browserAudio.stop')}
          </Button>
        </>
      ) : (
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('browserAudio.mode')}
            value={mode}
            onChange={setMode}
            data={[
              { value: 'open', label: t('browserAudio.open') },
              { value: 'push-to-talk', label: t('browserAudio.pushToTalk') },
            ]}
          />
          <Button leftSection={<IconMicrophone size={16} />} loading={phase === 'starting'} onClick={() => void start()}>
            {t('browserAudio.start')}
          </Button>
        </>
      )}
      {trouble !== null && (
        <div role="alert" className={css.trouble} data-trouble={trouble}>
          <IconMicrophoneOff size={16} aria-hidden />
          <span>{t(`browserAudio.trouble.${trouble}`)}</span>
        </div>
      )}
      {error !== null && <ErrorNotice error={error} />}
    </section>
  );
}

/** −60 dBFS to full scale. */
function Level({ name }: { name: string }) {
  const { t } = useTranslation();
  const inputDb = useSharedPart('audio.state', {}, audioFold, (states) => states?.find((state) => state.name === name)?.inputDb ?? -120);
  const isMuted = useSharedPart('audio.state', {}, audioFold, (states) => states?.find((state) => state.name === name)?.isMuted ?? false);
  return (
    <meter
      className={css.level}
      aria-label={t('browserAudio.level')}
      data-muted={isMuted || undefined}
      min={-60}
      max={0}
      value={Math.max(-60, inputDb)}
    />
  );
}

/** Held with a finger, the mouse, or the space bar. */
function TalkButton({ onPress }: { onPress: (isDown: boolean) => void }) {
  const { t } = useTranslation();
  const [isDown, setDown] = useState(false);
  function press(next: boolean): void {
    if (next === isDown) return;
    setDown(next);
    onPress(next);
  }
  return (
    <Button
      variant={isDown ? 'filled' : 'light'}
      color="red"
      aria-pressed={isDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        press(true);
      }}
      onPointerUp={() => press(false)}
      onPointerCancel={() => press(false)}
      onKeyDown={(event) => event.key === ' ' && press(true)}
      onKeyUp={(event) => event.key === ' ' && press(false)}
      onBlur={() => press(false)}
    >
      {isDown ? t('browserAudio.talking') : t('browserAudio.hold')}
    </Button>
  );
}

/** The devices have names only once the microphone was allowed. */
function InputPicker({ onPick }: { onPick: (deviceId: string) => void }) {
  const { t } = useTranslation();
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => {
    const { mediaDevices } = navigator;
    const look = () =>
      void mediaDevices.enumerateDevices().then(
        (all) => setDevices(all.filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '')),
        () => setDevices([]),
      );
    look();
    mediaDevices.addEventListener('devicechange', look);
    return () => mediaDevices.removeEventListener('devicechange', look);
  }, []);
  if (devices.length < 2) return null;
  return (
    <Select
      size="xs"
      label={t('browserAudio.input')}
      allowDeselect={false}
      value={chosen ?? devices[0]?.deviceId ?? null}
      onChange={(deviceId) => {
        if (deviceId === null) return;
        setChosen(deviceId);
        onPick(deviceId);
      }}
      data={devices.map(({ deviceId, label }) => ({ value: deviceId, label: label || deviceId }))}
    />
  );
}
