import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TurnOrder } from '../../../preload/contract/latency.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { saveFile } from '../../lib/files.ts';
import { useLab } from '../../lib/lab.ts';
import { useToasts } from '../../lib/toasts.ts';
import { allRows, csvOf } from './exports.ts';
import type { Asked } from './latency-data.ts';

/** What is shown as files: the turns as a table, the figures with their conditions as a document. */
export function ExportMenu({ asked, order, conditions }: { asked: Asked; order: TurnOrder; conditions: string }) {
  const { t } = useTranslation();
  const lab = useLab();
  const show = useToasts((state) => state.show);
  const [isBusy, setBusy] = useState(false);

  async function save(work: () => Promise<[name: string, text: string]>): Promise<void> {
    setBusy(true);
    try {
      const [name, text] = await work();
      saveFile(name, new TextEncoder().encode(text));
    } catch (error) {
      show({ kind: 'error', error: errorValueOf(error) });
    } finally {
      setBusy(false);
    }
  }
  const turns = async (): Promise<[string, string]> => [
    'latency-turns.csv',
    csvOf(await allRows(lab, asked, order, new AbortController().signal)),
  ];
  const figures = async (): Promise<[string, string]> => {
    const { version: _, ...body } = asked;
    const reply = await lab.call('latency.show', { ...body, ...(conditions.trim() !== '' && { assertions: conditions }) });
    return ['latency-figures.json', `${JSON.stringify({ ...body, ...reply }, null, 2)}\n`];
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" loading={isBusy} leftSection={<IconDownload size={15} aria-hidden />}>
          {t('latency.export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void save(turns)}>{t('latency.exportTurns')}</Menu.Item>
        <Menu.Item onClick={() => void save(figures)}>{t('latency.exportFigures')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
