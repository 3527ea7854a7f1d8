import { Button, Popover, TextInput } from '@mantine/core';
import { IconClockSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './popover.module.css';
import { instantUs, type TimeContext } from './time-words.ts';
import { Tool } from './tool.tsx';

export interface JumpToTimeProps {
  isShown: boolean;
  onShow(isShown: boolean): void;
  /** Asked when it is needed: where the reader is changes with every row. */
  context(): TimeContext;
  timeText(us: number): string;
  onJump(us: number): void;
}

/** To the first row at or after an instant, said in any of the forms that the hint lists. */
export function JumpToTime({ isShown, onShow, context, timeText, onJump }: JumpToTimeProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const us = text.trim() === '' ? null : instantUs(text, context());
  const isBad = text.trim() !== '' && us === null;
  return (
    <Popover opened={isShown} onChange={onShow} position="bottom" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Tool label={t('monitor.jump.title')} keys="G" onClick={() => onShow(!isShown)}>
          <IconClockSearch size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 300 }}>
        <form
          className={css.row}
          onSubmit={(event) => {
            event.preventDefault();
            if (us === null) return;
            onShow(false);
            onJump(us);
          }}
        >
          <TextInput
            className={css.grow}
            data-autofocus
            aria-label={t('monitor.jump.title')}
            placeholder="14:03:05.250"
            error={isBad}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" disabled={us === null}>
            {t('monitor.jump.go')}
          </Button>
        </form>
        <p className={css.hint}>{isBad ? t('monitor.jump.bad') : us === null ? t('monitor.jump.hint') : `→ ${timeText(us)}`}</p>
        <dl className={css.forms}>
          {(['wall', 'elapsed', 'relative', 'end'] as const).map((form) => (
            <div key={form}>
              <dt className="mono">{t(`monitor.jump.form.${form}`)}</dt>
              <dd>{t(`monitor.jump.means.${form}`)}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
