import { Button, Checkbox, Modal, Progress, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceList } from '../../../../preload/contract/provisioning.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import { Confirm } from '../confirm.tsx';
import { pickFiles } from '../dropped-files.ts';
import { useDeviceLists } from '../flash-streams.ts';
import { DeviceListTable } from './device-list-table.tsx';
import { changeDevice, useProvisioningDraft } from './draft.ts';
import css from './provisioning.module.css';

/** Imported devices: how many are left, and which went where. */
export function DeviceLists() {
  const { t } = useTranslation();
  const lists = useDeviceLists();
  const [isOver, setOver] = useState(false);
  const [importing, setImporting] = useState<{ name: string; csv: string } | null>(null);
  const [removing, setRemoving] = useState<DeviceList | null>(null);
  const { run } = useAction();
  async function take(file: File | undefined): Promise<void> {
    if (file !== undefined) setImporting({ name: file.name.replace(/\.csv$/i, ''), csv: await file.text() });
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  }
  return (
    <section
      className={css.lists}
      aria-labelledby="lists-title"
      data-over={isOver || undefined}
      data-testid="device-lists"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className={css.groupHead}>
        <h2 id="lists-title">{t('provisioning.lists.title')}</h2>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconUpload size={14} aria-hidden />}
          onClick={() => void pickFiles({ accept: '.csv,.txt' }).then(([file]) => take(file))}
        >
          {t('provisioning.lists.import')}
        </Button>
      </header>
      <p className="quiet">{lists?.length === 0 ? t('provisioning.lists.none') : t('provisioning.lists.importHint')}</p>
      {lists?.map((list) => (
        <ListCard key={list.listId} list={list} onRemove={() => setRemoving(list)} />
      ))}
      {importing !== null && <ImportList given={importing} onClose={() => setImporting(null)} />}
      {removing !== null && (
        <Confirm
          title={t('provisioning.lists.removeTitle', { name: removing.name })}
          what={t('provisioning.lists.removeWhat')}
          go={t('provisioning.lists.removeNow')}
          onGo={() => void run('provisioning.removeList', { listId: removing.listId })}
          onClose={() => setRemoving(null)}
        />
      )}
    </section>
  );
}

function ListCard({ list, onRemove }: { list: DeviceList; onRemove(): void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const taken = list.total === 0 ? 0 : ((list.used + list.reserved) / list.total) * 100;
  return (
    <article className={css.list} aria-label={list.name}>
      <header className={css.groupHead}>
        <h3 className="truncate">{list.name}</h3>
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={t('provisioning.lists.remove', { name: list.name })}
          onClick={onRemove}
        >
          {t('provisioning.lists.removeNow')}
        </Button>
      </header>
      <Progress size="sm" value={taken} aria-label={t('provisioning.lists.share', { used: list.used, total: list.total })} />
      <p className={css.counts}>
        <strong>{t('provisioning.lists.free', { count: list.free })}</strong>
        {list.reserved > 0 && <span>{t('provisioning.lists.reserved', { count: list.reserved })}</span>}
        <span className="quiet">{t('provisioning.lists.share', { used: list.used, total: list.total })}</span>
      </p>
      <details className={css.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('provisioning.lists.show', { name: list.name })}</summary>
        {isOpen && <DeviceListTable list={list} />}
      </details>
    </article>
  );
}

function ImportList({ given, onClose }: { given: { name: string; csv: string }; onClose(): void }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [isBusy, setBusy] = useState(false);
  const [name, setName] = useState(given.name);
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);
  // Asked once its first line turned out to be either: nobody answers what was not asked.
  const [isAsked, setAsked] = useState(false);
  const [hasNoHeader, setNoHeader] = useState(false);
  const device = useProvisioningDraft((draft) => draft.device);
  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const header = hasNoHeader ? 'none' : 'auto';
      const list = await lab.call('provisioning.importList', { name: name.trim(), csv: given.csv, header });
      // Who imports a list now wants to burn from it.
      if (device.kind === 'list' && device.listId === null) changeDevice({ listId: list.listId });
      onClose();
    } catch (error) {
      const value = errorValueOf(error);
      setProblem(value);
      if (value.code === 'provisioning/header-unknown') setAsked(true);
      setBusy(false);
    }
  }
  return (
    <Modal opened onClose={onClose} title={t('provisioning.lists.import')} closeButtonProps={{ 'aria-label': t('monitor.close') }}>
      <form className={css.import} onSubmit={(event) => void onSubmit(event)}>
        <TextInput
          data-autofocus
          label={t('provisioning.lists.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <p className="quiet">{t('provisioning.csvLines', { count: given.csv.split('\n').filter((line) => line.trim() !== '').length })}</p>
        {problem !== null && <ErrorNotice error={problem} />}
        {isAsked && (
          <Checkbox
            label={t('provisioning.lists.noHeader')}
            checked={hasNoHeader}
            onChange={(event) => setNoHeader(event.currentTarget.checked)}
          />
        )}
        <Button type="submit" loading={isBusy} disabled={name.trim() === ''}>
          {t('provisioning.lists.import')}
        </Button>
      </form>
    </Modal>
  );
}
