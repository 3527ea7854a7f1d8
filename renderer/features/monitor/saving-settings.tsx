import { Button, Checkbox, Modal, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StreamSnapshot } from '../../../preload/contract/index.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { bytesText } from '../../lib/quantities.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';
import { useSettings } from '../../lib/streams.ts';
import css from './popover.module.css';

type Saving = Settings['saving'];
type SavingState = StreamSnapshot<'logs.saving'>;

const fold: Fold<'logs.saving', SavingState> = { start: (snapshot) => snapshot, apply: (state, items) => items.at(-1) ?? state };

/** Where and how logs are kept as files while they come, and the files that are being written. */
export function SavingSettings({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const stored = useSettings()?.saving;
  const state = useSharedStream('logs.saving', {}, fold);
  const { run, isBusy } = useAction();
  const [changed, setChanged] = useState<Partial<Saving>>({});
  if (stored === undefined) return null;
  const saving: Saving = { ...stored, ...changed };
  const change = (to: Partial<Saving>): void => setChanged({ ...changed, ...to });
  const megabyte = 1_000_000;
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': t('monitor.close') }} title={t('monitor.saving.title')} size={520}>
      <form
        className={css.popover}
        onSubmit={(event) => {
          event.preventDefault();
          void run('settings.set', { changes: { saving: changed } }).then((reply) => reply !== null && onClose());
        }}
      >
        <Switch
          label={t('monitor.saving.isOn')}
          checked={saving.isOn}
          onChange={(event) => change({ isOn: event.currentTarget.checked })}
        />
        <TextInput
          label={t('monitor.saving.directory')}
          placeholder={t('monitor.saving.usualDirectory')}
          value={saving.directory}
          onChange={(event) => change({ directory: event.currentTarget.value })}
        />
        <TextInput
          label={t('monitor.saving.template')}
          description={t('monitor.saving.templateHint')}
          classNames={{ input: 'mono' }}
          required
          value={saving.template}
          onChange={(event) => change({ template: event.currentTarget.value })}
        />
        <div className={css.pair}>
          <Select
            label={t('monitor.saving.format')}
            allowDeselect={false}
            value={saving.format}
            onChange={(value) => value !== null && change({ format: value })}
            data={(['text', 'raw', 'jsonl'] as const).map((value) => ({ value, label: t(`monitor.saveAs.${value}`) }))}
          />
          <NumberInput
            label={t('monitor.saving.roll')}
            description={t('monitor.saving.rollHint')}
            min={0}
            max={10_000}
            value={saving.rollBytes / megabyte}
            onChange={(value) => change({ rollBytes: Math.round((Number(value) || 0) * megabyte) })}
          />
        </div>
        <Checkbox
          label={t('monitor.saving.daily')}
          checked={saving.rollDaily}
          onChange={(event) => change({ rollDaily: event.currentTarget.checked })}
        />
        {state?.problem !== undefined && <ErrorNotice error={state.problem} />}
        {state !== null && state.files.length > 0 && (
          <>
            <h3 className={css.title}>{t('monitor.saving.files')}</h3>
            <ul className={css.list}>
              {state.files.map((file) => (
                <li key={file.path} className={css.row}>
                  <span className={`${css.grow} mono truncate`} title={file.path}>
                    {file.path}
                  </span>
                  <span className="quiet">{bytesText(file.bytes)}</span>
                </li>
              ))}
            </ul>
          </>
        )}
        <div className={css.row}>
          <span className={css.grow} />
          <Button type="submit" loading={isBusy}>
            {t('monitor.saving.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
