import { ActionIcon, Button } from '@mantine/core';
import { IconFileSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NvsContents } from '../../../../preload/contract/nvs.ts';
import { useAction } from '../../../lib/actions.ts';
import { readFile } from '../../../lib/files.ts';
import { pickFiles } from '../dropped-files.ts';
import { NvsTable } from './nvs-table.tsx';
import css from './tools.module.css';

/** An NVS image from a file, such as a backup, read as one of a board is. */
export function NvsFile() {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [shown, setShown] = useState<{ name: string; contents: NvsContents } | null>(null);
  async function choose(): Promise<void> {
    const [file] = await pickFiles({ accept: '.bin' });
    if (file === undefined) return;
    const reply = await run('provisioning.read', { data: await readFile(file) });
    if (reply !== null) setShown({ name: file.name, contents: reply.contents });
  }
  return (
    <div className={css.fromFile}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        loading={isBusy}
        leftSection={<IconFileSearch size={14} aria-hidden />}
        onClick={() => void choose()}
      >
        {t('tools.nvs.title')}: {t('tools.nvs.fromFile')}
      </Button>
      {shown !== null && (
        <section className={css.tool} aria-label={t('tools.nvs.ofFile', { name: shown.name })}>
          <header className={css.fileHead}>
            <h2 className="mono">{t('tools.nvs.ofFile', { name: shown.name })}</h2>
            <ActionIcon size={22} aria-label={t('monitor.close')} onClick={() => setShown(null)}>
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </header>
          <NvsTable contents={shown.contents} />
        </section>
      )}
    </div>
  );
}
