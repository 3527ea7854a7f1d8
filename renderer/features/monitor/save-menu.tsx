import { Button, Checkbox, Divider, Popover, Progress, SegmentedControl, Switch } from '@mantine/core';
import { IconDownload, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import type { LogView } from '../../lib/log-view.ts';
import { bytesText } from '../../lib/quantities.ts';
import { useSettings } from '../../lib/streams.ts';
import { useToasts } from '../../lib/toasts.ts';
import { type ExportProgress, exportLog, type LogFormat, saveBlob } from './export-log.ts';
import css from './popover.module.css';
import { SavingSettings } from './saving-settings.tsx';
import { Tool } from './tool.tsx';

export interface SaveMenuProps {
  view: LogView;
  /** The port of the log; null on a merged one, which has no raw bytes of its own. */
  port: string | null;
  isFiltered: boolean;
  isShown: boolean;
  onShow(isShown: boolean): void;
}

const formats: readonly LogFormat[] = ['text', 'jsonl', 'csv', 'raw'];

/** The log as a file, whole or as filtered, while it goes on; and whether logs are kept as files while they come. */
export function SaveMenu({ view, port, isFiltered, isShown, onShow }: SaveMenuProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run } = useAction();
  const show = useToasts((state) => state.show);
  const saving = useSettings()?.saving;
  const [what, setWhat] = useState<'shown' | 'whole'>('shown');
  const [withIdentities, setWithIdentities] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const [progress, setProgress] = useState<ExportProgress | null>(null);
  const abort = useRef<AbortController | null>(null);
  const isShownOnly = isFiltered && what === 'shown';

  async function save(format: LogFormat): Promise<void> {
    onShow(false);
    const controller = new AbortController();
    abort.current = controller;
    setProgress({ doneRows: 0, totalRows: 0 });
    try {
      const filter = isShownOnly && format !== 'raw' ? (view.request.filter ?? {}) : port === null ? {} : { ports: [port] };
      const { fileName, data } = await exportLog(
        lab,
        { source: { sessionId: view.sessionId, filter }, format, style: { port: port === null }, includeIdentities: withIdentities },
        { signal: controller.signal, onProgress: setProgress },
      );
      saveBlob(fileName, data);
      show({ kind: 'done', text: t('monitor.save.done', { name: fileName, size: bytesText(data.size) }) });
    } catch (error) {
      if (!isCancelled(error)) show({ kind: 'error', error: errorValueOf(error) });
    } finally {
      abort.current = null;
      setProgress(null);
    }
  }

  if (progress !== null) {
    const share = progress.totalRows === 0 ? 0 : (progress.doneRows / progress.totalRows) * 100;
    return (
      <span className={css.row} role="status">
        <Progress w={64} value={share} aria-label={t('monitor.save.progress', { done: progress.doneRows, total: progress.totalRows })} />
        <Tool label={t('monitor.save.cancel')} onClick={() => abort.current?.abort()}>
          <IconX size={16} />
        </Tool>
      </span>
    );
  }
  return (
    <>
      <Popover opened={isShown} onChange={onShow} position="bottom-end" withArrow trapFocus returnFocus>
        <Popover.Target>
          <Tool label={t('monitor.save.title')} keys="Ctrl+S" isOn={saving?.isOn ?? false} onClick={() => onShow(!isShown)}>
            <IconDownload size={16} />
          </Tool>
        </Popover.Target>
        <Popover.Dropdown className={css.popover} style={{ width: 300 }}>
          {isFiltered && (
            <SegmentedControl
              fullWidth
              aria-label={t('monitor.save.what')}
              value={what}
              onChange={(value) => setWhat(value)}
              data={[
                { value: 'shown', label: t('monitor.save.shown') },
                { value: 'whole', label: t('monitor.save.whole') },
              ]}
            />
          )}
          {formats.map((format) => (
            <Button
              key={format}
              variant="subtle"
              color="gray"
              justify="start"
              disabled={format === 'raw' && port === null}
              onClick={() => void save(format)}
            >
              {t(`monitor.saveAs.${format}`)}
            </Button>
          ))}
          <Checkbox
            label={t('monitor.save.identities')}
            checked={withIdentities}
            onChange={(event) => setWithIdentities(event.currentTarget.checked)}
          />
          <Divider />
          <Switch
            label={t('monitor.saving.isOn')}
            checked={saving?.isOn ?? false}
            onChange={(event) => void run('settings.set', { changes: { saving: { isOn: event.currentTarget.checked } } })}
          />
          <Button
            variant="subtle"
            color="gray"
            justify="start"
            onClick={() => {
              onShow(false);
              setEditing(true);
            }}
          >
            {t('monitor.saving.edit')}
          </Button>
        </Popover.Dropdown>
      </Popover>
      {isEditing && <SavingSettings onClose={() => setEditing(false)} />}
    </>
  );
}
