import { Button, FileButton, TextInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../../lib/actions.ts';
import { readFile } from '../../../lib/files.ts';
import { bytesText } from '../../../lib/quantities.ts';
import css from './devices.module.css';

/** A file for boards to fetch, with the version they report once they run it. */
export function AddFirmware({ onAdded }: { onAdded(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState('');
  const [isOver, setOver] = useState(false);

  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    setFile(event.dataTransfer.files[0] ?? null);
  }
  async function add(chosen: File): Promise<void> {
    const data = (await readFile(chosen)) as Uint8Array<ArrayBuffer>;
    if ((await run('ota.addFile', { name: chosen.name, version: version.trim(), data })) === null) return;
    setFile(null);
    setVersion('');
    onAdded();
  }

  return (
    <form
      className={css.drop}
      data-over={isOver || undefined}
      data-testid="firmware-drop"
      onSubmit={(event) => {
        event.preventDefault();
        if (file !== null && version.trim() !== '') void add(file);
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <div className={css.row} style={{ justifyContent: 'center' }}>
        <span className={file === null ? 'quiet' : 'mono'}>
          {file === null ? t('devices.ota.drop') : `${file.name} · ${bytesText(file.size)}`}
        </span>
        <FileButton accept=".bin" onChange={setFile}>
          {(props) => (
            <Button {...props} size="compact-sm" variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
              {t('devices.ota.choose')}
            </Button>
          )}
        </FileButton>
        {file !== null && (
          <>
            <TextInput
              data-autofocus
              w={150}
              required
              aria-label={t('devices.ota.version')}
              placeholder={t('devices.ota.versionHint')}
              maxLength={60}
              value={version}
              onChange={(event) => setVersion(event.currentTarget.value)}
            />
            <Button type="submit" size="compact-sm" loading={isBusy} disabled={version.trim() === ''}>
              {t('devices.ota.add')}
            </Button>
          </>
        )}
      </div>
    </form>
  );
}
