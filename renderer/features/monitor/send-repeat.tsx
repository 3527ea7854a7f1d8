import { Button, NumberInput, Popover } from '@mantine/core';
import { IconPlayerStop, IconRepeat } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

export interface SendRepeatProps {
  isEnabled: boolean;
  /** Sends once; false when it could not, which ends the repetition. */
  onSend(): Promise<boolean>;
}

const shortestMs = 10;

/** Sends the same again and again. Each is due at a multiple of the interval from the first, so that delays do not add up. */
export function SendRepeat({ isEnabled, onSend }: SendRepeatProps) {
  const { t } = useTranslation();
  const [everyMs, setEveryMs] = useState(1000);
  const [times, setTimes] = useState(0);
  const [sent, setSent] = useState<number | null>(null);
  const stopRunning = useRef<(() => void) | null>(null);
  const stop = useCallback(() => {
    stopRunning.current?.();
    stopRunning.current = null;
    setSent(null);
  }, []);
  useEffect(() => stop, [stop]);

  function start(): void {
    // What stands in the field now; the next line may be typed meanwhile.
    const send = onSend;
    const startedMs = performance.now();
    let done = 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let isOver = false;
    stopRunning.current = () => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
    };
    const next = async (): Promise<void> => {
      const isSent = await send();
      if (isOver) return;
      done++;
      setSent(done);
      if (!isSent || done === times) stop();
      else timer = setTimeout(() => void next(), Math.max(0, startedMs + done * everyMs - performance.now()));
    };
    setSent(0);
    void next();
  }

  if (sent !== null)
    return (
      <Button size="xs" variant="light" leftSection={<IconPlayerStop size={14} />} onClick={stop}>
        {t('monitor.sending.stop')} · {times === 0 ? sent : `${sent}/${times}`}
      </Button>
    );
  return (
    <Popover position="top-end" withArrow trapFocus>
      <Popover.Target>
        <Tool label={t('monitor.sending.repeat')} disabled={!isEnabled}>
          <IconRepeat size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 220 }}>
        <NumberInput
          size="xs"
          label={t('monitor.sending.every')}
          min={shortestMs}
          max={3_600_000}
          step={100}
          value={everyMs}
          onChange={(value) => setEveryMs(Math.max(shortestMs, Number(value) || shortestMs))}
        />
        <NumberInput
          size="xs"
          label={t('monitor.sending.times')}
          description={t('monitor.sending.timesHint')}
          min={0}
          max={1_000_000}
          value={times}
          onChange={(value) => setTimes(Math.max(0, Math.trunc(Number(value) || 0)))}
        />
        <Button onClick={start}>{t('monitor.sending.start')}</Button>
      </Popover.Dropdown>
    </Popover>
  );
}
