import { Button, Textarea } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import type { DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { pickFiles } from '../dropped-files.ts';
import { changeDraft, useProvisioningDraft } from './draft.ts';
import css from './provisioning.module.css';

/** A table of ESP-IDF's NVS generator as it is: pasted, dropped or chosen. */
export function CsvField() {
  const { t } = useTranslation();
  const csv = useProvisioningDraft((draft) => draft.csv);
  async function take(file: File | undefined): Promise<void> {
    if (file !== undefined) changeDraft({ csv: await file.text(), isOn: true });
  }
  function onDrop(event: DragEvent): void {
    if (event.dataTransfer.files.length === 0) return; // text is the field's own business
    event.preventDefault();
    void take(event.dataTransfer.files[0]);
  }
  const lines = csv.split('\n').filter((line) => line.trim() !== '').length;
  return (
    <details className={css.fold} open={csv !== '' || undefined}>
      <summary>
        {t('provisioning.csv')} {lines > 0 && <span className="quiet">· {t('provisioning.csvLines', { count: lines })}</span>}
      </summary>
      <Textarea
        aria-label={t('provisioning.csv')}
        description={t('provisioning.csvHint')}
        placeholder={t('provisioning.csvDrop')}
        classNames={{ input: 'mono' }}
        autosize
        minRows={3}
        maxRows={10}
        value={csv}
        onChange={(event) => changeDraft({ csv: event.currentTarget.value })}
        onDrop={onDrop}
      />
      <Button
        mt={6}
        size="compact-xs"
        variant="default"
        leftSection={<IconUpload size={13} aria-hidden />}
        onClick={() => void pickFiles({ accept: '.csv' }).then(([file]) => take(file))}
      >
        {t('provisioning.csvChoose')}
      </Button>
    </details>
  );
}
