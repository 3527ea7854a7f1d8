import { ActionIcon, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconRefresh, IconX } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { bytesText, hexText } from '../../lib/quantities.ts';
import { type ChosenFile, changeFile, chooseFirmware, readFolderAgain, removeFile, useChosenFirmware } from './chosen-firmware.ts';
import css from './firmware.module.css';
import { parseOffset } from './offset.ts';
import { hasOffset, type PlanRow, planRows } from './plan-rows.ts';
import type { Planned } from './use-plan.ts';

/** What would be written and where, with offsets to be overridden; what was chosen, as long as no plan can be made of it. */
export function PlanTable({ planned, provisioning }: { planned: Planned; provisioning: Provisioning | null }) {
  const { t } = useTranslation();
  const { files, buildFolder } = useChosenFirmware();
  const rows = planRows(files, planned.shown, planned.problem);
  return (
    <div className={css.planFrame}>
      <table className={css.plan} aria-label={t('flash.planTable')}>
        <thead>
          <tr>
            <th className={css.offset}>{t('flash.column.offset')}</th>
            <th>{t('flash.column.file')}</th>
            <th>{t('flash.column.kind')}</th>
            <th>{t('flash.column.partition')}</th>
            <th>{t('flash.column.chip')}</th>
            <th className={css.number}>{t('flash.column.size')}</th>
            <td aria-hidden />
          </tr>
        </thead>
        <tbody>
          {buildFolder !== '' && (
            <tr>
              <td>
                <ActionIcon size={22} aria-label={t('flash.rereadFolder')} title={t('flash.rereadFolder')} onClick={readFolderAgain}>
                  <IconRefresh size={15} aria-hidden />
                </ActionIcon>
              </td>
              <td colSpan={5} className="mono">
                {t('flash.folderUsed', { path: buildFolder })}
              </td>
              <td>
                <Remove name={buildFolder} onRemove={() => chooseFirmware({ buildFolder: '' })} />
              </td>
            </tr>
          )}
          {rows.map((row) => (
            <Row key={row.key} row={row} />
          ))}
          {provisioning !== null && planned.shown?.family === 'esp' && planned.shown.partitions === null && (
            <ValuesRow partition={provisioning.partition} />
          )}
        </tbody>
      </table>
      <PlanFoot planned={planned} />
    </div>
  );
}

function Row({ row: { name, chosen, planned, isBad, aside } }: { row: PlanRow }) {
  const { t } = useTranslation();
  const app = planned?.app ?? null;
  return (
    <tr data-bad={isBad || undefined}>
      <td>
        {chosen !== null && hasOffset(chosen) ? (
          <OffsetField file={chosen} found={planned?.offset ?? null} />
        ) : (
          <span className="mono">{planned === null ? '' : hexText(planned.offset)}</span>
        )}
      </td>
      <td className={css.file}>
        <span className="mono" title={name}>
          {isBad && <IconAlertTriangle size={13} color="var(--danger)" aria-hidden />} {name}
        </span>
        {planned?.contents !== undefined && (
          <small className="quiet mono" title={planned.contents.map((file) => `${file.name} ${bytesText(file.sizeBytes)}`).join('\n')}>
            {planned.contents.map((file) => file.name).join(', ')}
          </small>
        )}
        {app !== null && (
          <small className="quiet mono">
            {app.project} {app.version} · {t('flash.builtWith', { version: app.idfVersion })}
          </small>
        )}
      </td>
      <td className={css.word}>
        {planned !== null && t(`flash.kind.${planned.kind}`)}
        {aside !== null && <span className="quiet">{t(`flash.aside.${aside}`)}</span>}
      </td>
      <td className={`mono ${css.word}`}>{planned?.partition ?? ''}</td>
      <td className={`mono ${css.word}`}>{planned?.chip ?? ''}</td>
      <td className={css.number}>{sizeText(planned?.sizeBytes, chosen)}</td>
      <td>{chosen !== null && <Remove name={name} onRemove={() => removeFile(name)} />}</td>
    </tr>
  );
}

/** Of each board, where its own table says: no plan knows the place before a board was asked. */
function ValuesRow({ partition }: { partition: string }) {
  const { t } = useTranslation();
  return (
    <tr data-testid="values-row">
      <td className="quiet">{t('flash.values.offset')}</td>
      <td className={css.file}>
        <span>{t('flash.values.name')}</span>
        <small className="quiet">{t('flash.values.where', { partition })}</small>
      </td>
      <td className={css.word}>{t('flash.kind.nvs')}</td>
      <td className={`mono ${css.word}`}>{partition}</td>
      <td />
      <td />
      <td />
    </tr>
  );
}

function sizeText(plannedBytes: number | undefined, chosen: ChosenFile | null): string {
  if (plannedBytes !== undefined) return bytesText(plannedBytes);
  return chosen !== null && 'data' in chosen.source ? bytesText(chosen.source.data.length) : '';
}

function OffsetField({ file, found }: { file: ChosenFile; found: number | null }) {
  const { t } = useTranslation();
  const isBad = file.offsetText.trim() !== '' && parseOffset(file.offsetText) === null;
  return (
    <TextInput
      size="xs"
      aria-label={t('flash.offsetOf', { name: file.name })}
      classNames={{ input: 'mono' }}
      placeholder={found === null ? '?' : hexText(found)}
      value={file.offsetText}
      error={isBad}
      title={isBad ? t('flash.badOffset') : undefined}
      onChange={(event) => changeFile(file.name, { offsetText: event.currentTarget.value })}
    />
  );
}

function Remove({ name, onRemove }: { name: string; onRemove(): void }) {
  const { t } = useTranslation();
  return (
    <ActionIcon size={22} aria-label={t('flash.removeFile', { name })} onClick={onRemove}>
      <IconX size={13} aria-hidden />
    </ActionIcon>
  );
}

function PlanFoot({ planned: { plan, isPending } }: { planned: Planned }) {
  const { t } = useTranslation();
  return (
    <p className={css.planFoot} aria-live="polite">
      {plan !== null ? planFacts(t, plan).join(' · ') : isPending ? t('flash.noPlanYet') : ''}
    </p>
  );
}

function planFacts(t: TFunction, plan: FlashPlan): string[] {
  return [
    ...(plan.title === null ? [] : [plan.title]),
    t(`flash.family.${plan.family}`),
    ...(plan.files.length === 0 ? [] : [t('flash.total', { size: bytesText(plan.totalBytes), count: plan.files.length })]),
    ...(plan.expectChip === null ? [] : [t('flash.forChip', { chip: plan.expectChip })]),
  ];
}
