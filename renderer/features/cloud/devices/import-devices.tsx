import { Button, Checkbox, FileButton, Group, Modal, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import cloud from '../cloud.module.css';
import { previewCsv } from './csv-preview.ts';
import css from './devices.module.css';

/** A list of triples, dropped or chosen, looked at, and taken whole or not at all. */
export function ImportDevices({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [file, setFile] = useState<{ name: string; csv: string } | null>(null);
  const [isOver, setOver] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);
  // Asked once its first line turned out to be either: nobody answers what was not asked.
  const [isAsked, setAsked] = useState(false);
  const [hasNoHeader, setNoHeader] = useState(false);
  const [done, setDone] = useState<CallReply<'devices.import'> | null>(null);

  async function take(chosen: File | null | undefined): Promise<void> {
    if (chosen === null || chosen === undefined) return;
    setFile({ name: chosen.name, csv: await chosen.text() });
    setProblem(null);
    setAsked(false);
    setNoHeader(false);
    setDone(null);
  }
  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  }
  async function importNow(csv: string): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      setDone(await lab.call('devices.import', { csv, header: hasNoHeader ? 'none' : 'auto' }));
    } catch (error) {
      const value = errorValueOf(error);
      setProblem(value);
      if (value.code === 'provisioning/header-unknown') setAsked(true);
    } finally {
      setBusy(false);
    }
  }

  const preview = file === null ? null : previewCsv(file.csv);
  return (
    <Modal opened size="lg" onClose={onClose} title={t('devices.import.title')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button inside does the same by keyboard */}
        <div
          className={css.drop}
          data-over={isOver || undefined}
          data-testid="import-drop"
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={onDrop}
        >
          <p style={{ marginTop: 0 }}>{file === null ? t('devices.import.drop') : <strong>{file.name}</strong>}</p>
          <FileButton accept=".csv,.txt,text/csv" onChange={(chosen) => void take(chosen)}>
            {(props) => (
              <Button {...props} data-autofocus variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
                {t('devices.import.choose')}
              </Button>
            )}
          </FileButton>
        </div>
        {preview === null && <div className="quiet">{t('devices.import.hint')}</div>}
        {preview !== null && done === null && (
          <>
            <table className={cloud.table} aria-label={t('devices.import.preview')}>
              <tbody>
                {preview.rows.map((row, line) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines of a file, in its order
                  <tr key={line}>
                    {row.slice(0, 5).map((cell, column) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: cells of a line, in its order
                      <td key={column} className="mono" title={cell}>
                        {cell}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            <div className="quiet">{t('devices.import.lines', { count: preview.lineCount })}</div>
          </>
        )}
        {problem !== null && <ErrorNotice error={problem} />}
        {isAsked && (
          <Checkbox
            label={t('devices.import.noHeader')}
            checked={hasNoHeader}
            onChange={(event) => setNoHeader(event.currentTarget.checked)}
          />
        )}
        {done !== null && <output className={css.good}>{t('devices.import.done', { ...done })}</output>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t(done === null ? 'frame.cancel' : 'frame.close')}
          </Button>
          {done === null && (
            <Button disabled={file === null} loading={isBusy} onClick={() => file !== null && void importNow(file.csv)}>
              {t('devices.import.go')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
