import { Button, Progress, Select } from '@mantine/core';
import { IconDeviceFloppy } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../../preload/contract/flash.ts';
import type { Provisioning } from '../../../../preload/contract/provisioning.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { saveFile } from '../../../lib/files.ts';
import { useLab } from '../../../lib/lab.ts';
import { bytesText } from '../../../lib/quantities.ts';
import { provisioningOf, useProvisioningDraft } from './draft.ts';
import css from './provisioning.module.css';

const usualSizes = [0x3000, 0x4000, 0x6000, 0x8000, 0x10000, 0x20000];

/** About as long as real ones; no device is taken, and no secret comes here, for a look at how full it gets. */
const standIn = { kind: 'given', productId: 'PRODUCTID0', deviceName: 'device_000000', deviceSecret: '0123456789ABCDEFGHIJKL==' } as const;

interface Answer {
  asked: Provisioning;
  used: number;
  total: number;
  error: TalkErrorValue | null;
}

/** How full the partition becomes, made by the core as it would be for a board. */
export function NvsPreview({ plan }: { plan: FlashPlan | null }) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run, isBusy } = useAction();
  const draft = useProvisioningDraft();
  const planned = plan?.partitions?.find(({ name }) => name === draft.partition) ?? null;
  const [chosenBytes, setChosenBytes] = useState<number | null>(null);
  const sizeBytes = chosenBytes ?? planned?.sizeBytes ?? 0x6000;
  const provisioning = useMemo(() => provisioningOf({ ...draft, isOn: true }), [draft]);
  const asked = useMemo(
    () =>
      provisioning?.device === undefined || provisioning.device.kind === 'given' ? provisioning : { ...provisioning, device: standIn },
    [provisioning],
  );
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    const settle = (next: Omit<Answer, 'asked'>): void => {
      if (!abort.signal.aborted) setAnswer({ asked, ...next });
    };
    lab.call('provisioning.image', { provisioning: asked, sizeBytes }, { signal: abort.signal }).then(
      ({ usedEntries, totalEntries }) => settle({ used: usedEntries, total: totalEntries, error: null }),
      (error: unknown) => settle({ used: 0, total: 0, error: errorValueOf(error) }),
    );
    return () => abort.abort();
  }, [lab, asked, sizeBytes]);

  const sizes = [...new Set([...(planned === null ? [] : [planned.sizeBytes]), sizeBytes, ...usualSizes])].sort((a, b) => a - b);
  const shown = answer?.asked === asked ? answer : null;
  const share = shown === null || shown.total === 0 ? 0 : (shown.used / shown.total) * 100;
  async function save(): Promise<void> {
    if (provisioning === null) return;
    const image = await run('provisioning.image', { provisioning, sizeBytes });
    if (image !== null) saveFile(`${provisioning.partition}.bin`, image.data);
  }

  return (
    <section className={css.group} aria-labelledby="preview-title">
      <h2 id="preview-title">{t('provisioning.preview.title')}</h2>
      <div className={css.pair}>
        <Select
          label={t('provisioning.preview.size')}
          allowDeselect={false}
          value={String(sizeBytes)}
          data={sizes.map((size) => ({
            value: String(size),
            label:
              size === planned?.sizeBytes
                ? `${bytesText(size)} — ${t('provisioning.preview.ofPlan', { name: planned.name })}`
                : bytesText(size),
          }))}
          onChange={(value) => setChosenBytes(Number(value))}
        />
        <Button
          className={css.bottom}
          variant="default"
          title={t('provisioning.preview.saveHint')}
          leftSection={<IconDeviceFloppy size={15} aria-hidden />}
          disabled={shown === null || shown.error !== null || (provisioning?.device !== undefined && provisioning.device.kind !== 'given')}
          loading={isBusy}
          onClick={() => void save()}
        >
          {t('provisioning.preview.save')}
        </Button>
      </div>
      {asked === null && <p className="quiet">{t('provisioning.preview.nothing')}</p>}
      {shown !== null && shown.error !== null && <ErrorNotice error={shown.error} />}
      {shown !== null && shown.error === null && (
        <>
          <Progress value={share} color={share > 85 ? 'orange' : 'trace'} aria-label={t('provisioning.preview.title')} />
          <p className="quiet" data-testid="nvs-fill">
            {t('provisioning.preview.used', { used: shown.used, total: shown.total, share: Math.round(share) })}{' '}
            {provisioning?.device !== undefined && provisioning.device.kind !== 'given' && t('provisioning.preview.stand')}
          </p>
        </>
      )}
    </section>
  );
}
