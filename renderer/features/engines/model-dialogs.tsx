import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelState } from '../../../preload/contract/engines.ts';
import { useAction } from '../../lib/actions.ts';
import { bytesText } from '../../lib/quantities.ts';
import css from './engines.module.css';

interface DialogProps {
  model: ModelState;
  onClose(): void;
}

/** Licence and size before anything is fetched; without the tick nothing is. */
export function DownloadConsent({ model, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [isAgreed, setAgreed] = useState(false);
  const { id, title, licence, licenceUrl, files } = model.entry;
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const sizeText = (bytes: number): string => (bytes === 0 ? t('engines.models.unknownSize') : bytesText(bytes));
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t('engines.models.consentTitle', { title })}
      closeButtonProps={{ 'aria-label': t('frame.close') }}
    >
      <Stack gap="sm">
        <div>{t('engines.models.consentSize', { size: sizeText(total) })}</div>
        <div>
          {t('engines.models.licence')}: <strong>{licence}</strong> ·{' '}
          <a href={licenceUrl} target="_blank" rel="noreferrer" className={css.link}>
            {t('engines.models.readLicence')}
          </a>
        </div>
        <details>
          <summary>{t('engines.models.files')}</summary>
          {files.map((file) => (
            <div key={file.path} className="mono">
              {file.path} · {sizeText(file.sizeBytes)}
              <div className="quiet truncate" title={file.url}>
                {file.url}
              </div>
            </div>
          ))}
        </details>
        {files.some((file) => file.sha256 === '') && <div className="quiet">{t('engines.models.trustAhead')}</div>}
        <Checkbox
          data-autofocus
          label={t('engines.models.consent')}
          checked={isAgreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('frame.cancel')}
          </Button>
          <Button
            disabled={!isAgreed}
            onClick={() => {
              void run('models.download', { id, acceptLicence: true });
              onClose();
            }}
          >
            {t('engines.models.download')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** For a machine without a network: the same files, checked the same way. */
export function ImportFolder({ model, onClose }: DialogProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [folder, setFolder] = useState('');
  async function take(): Promise<void> {
    if ((await run('models.import', { id: model.entry.id, folder: folder.trim() })) !== null) onClose();
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${t('engines.models.importFolder')}: ${model.entry.title}`}
      closeButtonProps={{ 'aria-label': t('frame.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void take();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            required
            label={t('engines.models.folder')}
            description={t('engines.models.folderHint')}
            value={folder}
            onChange={(event) => setFolder(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('engines.models.importFolder')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
