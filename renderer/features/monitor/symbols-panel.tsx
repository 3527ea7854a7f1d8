import { ActionIcon, Button, FileButton, TextInput, Tooltip } from '@mantine/core';
import { IconUpload, IconX } from '@tabler/icons-react';
import { type DragEvent, type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortFirmware, SymbolFile } from '../../../preload/contract/symbols.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { bytesText } from '../../lib/quantities.ts';
import css from './symbols-panel.module.css';
import { useSymbolState } from './symbols-state.ts';

/** As many digits of a hash as ESP-IDF prints. */
const SHA_DIGITS = 9;

/** The ELF files that addresses are decoded with: loaded here, remembered by the core. */
export function SymbolsPanel() {
  const { t } = useTranslation();
  const state = useSymbolState();
  const { run, isBusy } = useAction();
  const [path, setPath] = useState('');
  const [isOver, setIsOver] = useState(false);

  async function loadPath(event: FormEvent): Promise<void> {
    event.preventDefault();
    const loaded = path.trim() === '' ? null : await run('symbols.load', { path: path.trim() });
    if (loaded !== null) setPath((typed) => (typed === path ? '' : typed));
  }
  async function loadFile(file: File | null | undefined): Promise<void> {
    if (file != null) await run('symbols.load', { name: file.name, data: await readFile(file) });
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setIsOver(false);
    void loadFile(event.dataTransfer.files[0]);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the one for everybody
    <div
      className={css.panel}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={onDrop}
    >
      <p className={css.quiet}>{t('symbols.what')}</p>
      <form className={css.form} onSubmit={(event) => void loadPath(event)}>
        <TextInput
          className={css.path}
          size="xs"
          label={t('symbols.path')}
          placeholder={t('symbols.pathExample')}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Button type="submit" size="compact-sm" loading={isBusy} disabled={path.trim() === ''}>
          {t('symbols.load')}
        </Button>
      </form>
      <div className={css.choose}>
        <FileButton onChange={(file) => void loadFile(file)} accept=".elf,.axf,.out">
          {(props) => (
            <Button {...props} size="compact-xs" variant="default" leftSection={<IconUpload size={13} aria-hidden />} loading={isBusy}>
              {t('symbols.choose')}
            </Button>
          )}
        </FileButton>
        <span className={css.quiet}>{t('symbols.dropHere')}</span>
      </div>
      {state?.ports
        .filter(({ symbolId }) => symbolId === null)
        .map((port) => (
          <p key={port.port} className={css.warning}>
            {t('symbols.unmatched', {
              port: port.port,
              project: port.project ?? t('symbols.someFirmware'),
              sha: port.elfSha256.slice(0, SHA_DIGITS),
            })}
          </p>
        ))}
      {state?.files.length === 0 && <p className={css.quiet}>{t('symbols.none')}</p>}
      <ul className={css.files}>
        {state?.files.map((file) => (
          <LoadedFile
            key={file.id}
            file={file}
            ports={state.ports.filter(({ symbolId }) => symbolId === file.id)}
            onRemove={() => void run('symbols.remove', { id: file.id })}
          />
        ))}
      </ul>
    </div>
  );
}

function LoadedFile({ file, ports, onRemove }: { file: SymbolFile; ports: PortFirmware[]; onRemove(): void }) {
  const { t } = useTranslation();
  const facts = [
    file.machine,
    [file.project, file.appVersion].filter((part) => part !== undefined).join(' '),
    file.idfVersion === undefined ? '' : `ESP-IDF ${file.idfVersion}`,
    t('symbols.functions', { count: file.functions }),
    bytesText(file.sizeBytes),
  ].filter((fact) => fact !== '');
  return (
    <li className={css.file} data-state={file.state}>
      <div className={css.fileHead}>
        <b className="truncate" title={file.path ?? file.name}>
          {file.name}
        </b>
        <span className="mono quiet" title={file.sha256}>
          {file.sha256.slice(0, SHA_DIGITS)}
        </span>
        <Tooltip label={t('symbols.remove', { name: file.name })}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('symbols.remove', { name: file.name })} onClick={onRemove}>
            <IconX size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {file.sha256 !== '' && <div>{facts.join(' · ')}</div>}
      <div className={`${css.quiet} ${css.where}`}>
        {file.path === undefined ? t('symbols.copyKept') : `${file.path} (${t('symbols.watched')})`}
        {file.reloads > 0 && ` · ${t('symbols.reloads', { count: file.reloads })}`}
      </div>
      {ports.length > 0 && <div className={css.good}>{t('symbols.runs', { ports: ports.map(({ port }) => port).join(', ') })}</div>}
      {!file.hasLines && file.sha256 !== '' && <div className={css.warning}>{t('symbols.noLines')}</div>}
      {file.damage !== undefined && <div className={css.warning}>{t('symbols.damaged', { reason: file.damage })}</div>}
      {file.state !== 'ready' && file.sha256 !== '' && <div className={css.warning}>{t(`symbols.${file.state}`)}</div>}
      {file.problem !== undefined && <ErrorText error={file.problem} />}
    </li>
  );
}
