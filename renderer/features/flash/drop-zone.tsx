import { Button, FileButton, Loader, TextInput } from '@mantine/core';
import { IconFilePlus, IconFolderPlus, IconPackageImport, IconX } from '@tabler/icons-react';
import { type DragEvent, type FormEvent, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readFile } from '../../lib/files.ts';
import { beginWork } from '../../lib/idle.ts';
import { addFiles, chooseFirmware, clearFirmware, isEmpty, useChosenFirmware } from './chosen-firmware.ts';
import { findFirmware, type ListedFile, listDropped, listPicked, pickFiles } from './dropped-files.ts';
import css from './firmware.module.css';

/** Files, folders and packages come in here, by mouse, dialog or path; what they are is for the core to say. */
export function DropZone() {
  const { t } = useTranslation();
  const chosen = useChosenFirmware();
  const [isOver, setOver] = useState(false);
  const [isReading, setReading] = useState(false);
  const [useless, setUseless] = useState<string | null>(null);
  const resetPicker = useRef<() => void>(null);
  const isCompact = !isEmpty(chosen);

  async function take(listing: Promise<ListedFile[]> | ListedFile[]): Promise<void> {
    const done = beginWork();
    setReading(true);
    try {
      const listed = await listing;
      if (listed.length === 0) return;
      const { files, isWhole } = await findFirmware(listed);
      const read = await Promise.all(
        files.map(async ({ name, file }) => ({ name, offsetText: '', source: { data: new Uint8Array(await readFile(file)) } })),
      );
      setUseless(read.length === 0 ? (listed[0]?.path ?? '') : null);
      if (read.length > 0) addFiles(read, isWhole);
    } finally {
      resetPicker.current?.();
      setReading(false);
      done();
    }
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void take(listDropped(event.dataTransfer));
  }
  // What is dropped beside the zone is meant for it as well: nothing else here takes files.
  const onStrayDrop = useEffectEvent((event: globalThis.DragEvent) => {
    if (event.defaultPrevented || event.dataTransfer === null) return;
    event.preventDefault();
    void take(listDropped(event.dataTransfer));
  });
  useEffect(() => {
    window.addEventListener('drop', onStrayDrop);
    return () => window.removeEventListener('drop', onStrayDrop);
  }, []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the buttons inside do the same by keyboard
    <div
      className={css.drop}
      data-over={isOver || undefined}
      data-compact={isCompact || undefined}
      data-testid="drop-zone"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      {!isCompact && (
        <>
          <IconPackageImport size={30} stroke={1.4} aria-hidden />
          <strong>{t('flash.drop')}</strong>
          <p className={css.dropHint}>{t('flash.dropHint')}</p>
        </>
      )}
      <div className={css.dropTools}>
        {isReading ? (
          <Loader size={14} aria-label={t('flash.reading')} />
        ) : (
          isCompact && <span className="quiet">{t('flash.dropMore')}</span>
        )}
        <FileButton multiple resetRef={resetPicker} onChange={(files) => void take(listPicked(files))}>
          {(props) => (
            <Button {...props} variant="default" data-key="add" leftSection={<IconFilePlus size={15} aria-hidden />}>
              {t('flash.addFiles')}
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          data-key="folder"
          leftSection={<IconFolderPlus size={15} aria-hidden />}
          onClick={() => void pickFiles({ isFolder: true }).then((files) => take(listPicked(files)))}
        >
          {t('flash.addFolder')}
        </Button>
        {isCompact && (
          <Button variant="subtle" color="gray" leftSection={<IconX size={14} aria-hidden />} onClick={clearFirmware}>
            {t('flash.clear')}
          </Button>
        )}
      </div>
      {useless !== null && (
        <p className={css.caution} role="alert">
          {t('flash.nothingUseful', { name: useless })}
        </p>
      )}
      {!isCompact && <BuildFolderForm />}
    </div>
  );
}

function BuildFolderForm() {
  const { t } = useTranslation();
  const [path, setPath] = useState('');
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (path.trim() !== '') chooseFirmware({ buildFolder: path.trim() });
  }
  return (
    <form className={css.folder} onSubmit={onSubmit}>
      <TextInput
        label={t('flash.folderPath')}
        description={t('flash.folderHint')}
        placeholder="/home/me/project/build"
        classNames={{ input: 'mono' }}
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={path.trim() === ''}>
        {t('flash.useFolder')}
      </Button>
    </form>
  );
}
