import { Checkbox, Popover, SegmentedControl } from '@mantine/core';
import { IconColumns } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { setColumns, useDisplay } from './display.ts';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

/** What of each row is shown, and how. */
export function DisplayMenu({ isShown, onShow }: { isShown: boolean; onShow(isShown: boolean): void }) {
  const { t } = useTranslation();
  const { columns, bytes, isAnsiShown, isHistogramShown } = useDisplay();
  return (
    <Popover opened={isShown} onChange={onShow} position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Tool label={t('monitor.display.title')} keys="C" onClick={() => onShow(!isShown)}>
          <IconColumns size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 330 }}>
        <h3 className={css.title}>{t('monitor.display.hostTime')} · Shift+T</h3>
        <SegmentedControl
          aria-label={t('monitor.display.hostTime')}
          value={columns.hostTime}
          onChange={(value) => setColumns({ hostTime: value })}
          data={(['wall', 'elapsed', 'delta', 'none'] as const).map((value) => ({ value, label: t(`monitor.display.host.${value}`) }))}
        />
        <h3 className={css.title}>{t('monitor.display.bytes')} · H</h3>
        <SegmentedControl
          aria-label={t('monitor.display.bytes')}
          value={bytes}
          onChange={(value) => useDisplay.setState({ bytes: value })}
          data={(['text', 'mixed', 'hex'] as const).map((value) => ({ value, label: t(`monitor.display.mode.${value}`) }))}
        />
        <Checkbox
          label={t('monitor.display.deviceTime')}
          checked={columns.deviceTime}
          onChange={(event) => setColumns({ deviceTime: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('monitor.display.level')}
          checked={columns.level}
          onChange={(event) => setColumns({ level: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('monitor.display.tag')}
          checked={columns.tag}
          onChange={(event) => setColumns({ tag: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('monitor.display.wholeLine')}
          checked={columns.text === 'line'}
          onChange={(event) => setColumns({ text: event.currentTarget.checked ? 'line' : 'message' })}
        />
        <Checkbox
          label={t('monitor.display.ansi')}
          checked={isAnsiShown}
          onChange={(event) => useDisplay.setState({ isAnsiShown: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('monitor.display.histogram')}
          checked={isHistogramShown}
          onChange={(event) => useDisplay.setState({ isHistogramShown: event.currentTarget.checked })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
