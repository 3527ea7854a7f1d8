import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MadeDevice } from '../../../../preload/contract/cloud/products.ts';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { csvOfDevices } from './csv-preview.ts';
import css from './devices.module.css';

/** Many devices at once. Their secrets are in the list that is offered here, and nowhere else. */
export function GenerateDevices({ productId, onClose }: { productId: string; onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [count, setCount] = useState<number | string>(10);
  const [prefix, setPrefix] = useState('dev');
  const [made, setMade] = useState<MadeDevice[] | null>(null);
  const [isSaved, setSaved] = useState(false);

  async function generate(): Promise<void> {
    const reply = await run('devices.generate', { productId, count: Number(count), prefix });
    if (reply !== null) setMade(reply.devices);
  }
  function save(devices: readonly MadeDevice[]): void {
    saveFile(`${productId}-devices.csv`, new TextEncoder().encode(csvOfDevices(devices)));
    setSaved(true);
  }

  if (made !== null)
    return (
      <Modal
        opened
        // What a click beside it would close is lost for good.
        closeOnClickOutside={isSaved}
        closeOnEscape={isSaved}
        onClose={onClose}
        title={t('devices.generate.title')}
        closeButtonProps={{ 'aria-label': t('frame.close') }}
      >
        <Stack gap="sm">
          <div>
            <strong>{t('devices.generate.made', { count: made.length })}</strong>{' '}
            <span className="mono">
              {made[0]?.deviceName} … {made.at(-1)?.deviceName}
            </span>
          </div>
          <div>{t('devices.generate.saveNow')}</div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.close')}
            </Button>
            <Button data-autofocus onClick={() => save(made)}>
              {isSaved ? t('devices.generate.saveAgain') : t('devices.generate.save')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    );
  return (
    <Modal opened onClose={onClose} title={t('devices.generate.title')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void generate();
        }}
      >
        <Stack gap="sm">
          <div className={css.form}>
            <NumberInput
              data-autofocus
              label={t('devices.generate.count')}
              required
              min={1}
              max={5000}
              allowDecimal={false}
              value={count}
              onChange={setCount}
            />
            <TextInput
              label={t('devices.generate.prefix')}
              required
              pattern="[\w:@\-]{1,40}"
              classNames={{ input: 'mono' }}
              value={prefix}
              onChange={(event) => setPrefix(event.currentTarget.value)}
            />
          </div>
          <div className="quiet">{t('devices.generate.hint', { first: `${prefix}001` })}</div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('devices.generate.go')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
