import { ActionIcon, Button, FileButton, SegmentedControl, TextInput } from '@mantine/core';
import { IconFilePlus, IconX } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallRequest } from '../../../preload/contract/index.ts';
import { readFile } from '../../lib/files.ts';
import { bytesText } from '../../lib/quantities.ts';
import css from './flash.module.css';
import { guessOffset, isUnlikelyImage, parseOffset } from './offset.ts';

export interface FirmwareFile {
  name: string;
  offsetText: string;
  data: Uint8Array<ArrayBuffer>;
}

export interface Firmware {
  kind: 'files' | 'folder';
  files: readonly FirmwareFile[];
  buildFolder: string;
}

/** What to ask the core to flash, or null while something is missing or malformed. */
export function sourceOf(firmware: Firmware): Pick<CallRequest<'flash.plan'>, 'files' | 'buildFolder'> | null {
  if (firmware.kind === 'folder') return firmware.buildFolder.trim() === '' ? null : { buildFolder: firmware.buildFolder.trim() };
  const files = firmware.files.map(({ name, offsetText, data }) => ({ name, offset: parseOffset(offsetText), source: { data } }));
  if (files.length === 0) return null;
  const complete = files.flatMap((file) => (file.offset === null ? [] : [{ ...file, offset: file.offset }]));
  return complete.length === files.length ? { files: complete } : null;
}

export function FirmwareForm({ firmware, onChange }: { firmware: Firmware; onChange(next: Firmware): void }) {
  const { t } = useTranslation();
  const [isOver, setOver] = useState(false);
  const resetPicker = useRef<() => void>(null);

  async function add(files: readonly File[]): Promise<void> {
    const added = await Promise.all(
      files.map(async (file) => ({ name: file.name, offsetText: guessOffset(file.name), data: (await readFile(file)).slice() })),
    );
    resetPicker.current?.();
    onChange({ ...firmware, files: [...firmware.files.filter((file) => !added.some((each) => each.name === file.name)), ...added] });
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void add([...event.dataTransfer.files]);
  }
  function setOffset(name: string, offsetText: string): void {
    onChange({ ...firmware, files: firmware.files.map((file) => (file.name === name ? { ...file, offsetText } : file)) });
  }

  return (
    <div className={css.group}>
      <SegmentedControl
        aria-label={t('flash.source')}
        value={firmware.kind}
        onChange={(kind) => onChange({ ...firmware, kind })}
        data={[
          { value: 'files', label: t('flash.files') },
          { value: 'folder', label: t('flash.folder') },
        ]}
      />
      {firmware.kind === 'folder' ? (
        <TextInput
          label={t('flash.folderPath')}
          description={t('flash.folderHint')}
          classNames={{ input: 'mono' }}
          value={firmware.buildFolder}
          onChange={(event) => onChange({ ...firmware, buildFolder: event.currentTarget.value })}
        />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button inside does the same by keyboard */}
          <div
            className={css.drop}
            data-over={isOver || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
          >
            <span className="quiet">{t('flash.drop')}</span>
            <FileButton multiple accept=".bin" resetRef={resetPicker} onChange={(files) => void add(files)}>
              {(props) => (
                <Button {...props} variant="default" leftSection={<IconFilePlus size={15} />}>
                  {t('flash.addFiles')}
                </Button>
              )}
            </FileButton>
          </div>
          {firmware.files.map((file) => (
            <div key={file.name}>
              <div className={css.file}>
                <TextInput
                  w={104}
                  aria-label={t('flash.offsetOf', { name: file.name })}
                  classNames={{ input: 'mono' }}
                  value={file.offsetText}
                  error={parseOffset(file.offsetText) === null}
                  onChange={(event) => setOffset(file.name, event.currentTarget.value)}
                />
                <span className="truncate">{file.name}</span>
                <span className="quiet">{bytesText(file.data.length)}</span>
                <ActionIcon
                  aria-label={t('flash.removeFile', { name: file.name })}
                  onClick={() => onChange({ ...firmware, files: firmware.files.filter((each) => each !== file) })}
                >
                  <IconX size={14} />
                </ActionIcon>
              </div>
              {isUnlikelyImage(file.offsetText, file.data) && (
                <p className={css.caution}>{t('flash.notAnImage', { offset: file.offsetText })}</p>
              )}
            </div>
          ))}
        </>
      )}
    </div>
  );
}
