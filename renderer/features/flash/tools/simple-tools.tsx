import { Autocomplete, Button } from '@mantine/core';
import { IconDatabaseSearch, IconDownload, IconId } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { useChosenFirmware } from '../chosen-firmware.ts';
import { useStart } from '../use-start.ts';
import { scopeOf, wholePartition } from './scope.ts';
import { ScopeForm } from './scope-form.tsx';
import css from './tools.module.css';

/** The board that is meant. */
export interface ToolTarget {
  address: string | null;
  name: string;
  /** A job of its own runs. */
  isBusy: boolean;
  partitions: readonly Partition[] | null;
}

/** How the loader is reached is the same for every job on the bench. */
export function useLoaderOptions() {
  const { baudRate, before, useStub } = useChosenFirmware((chosen) => chosen.options);
  return {
    ...(baudRate === undefined ? {} : { baudRate }),
    ...(before === undefined ? {} : { before }),
    ...(useStub === undefined ? {} : { useStub }),
  };
}

export function Tool({ title, what, children }: { title: string; what: string; children: ReactNode }) {
  return (
    <section className={css.tool} aria-label={title}>
      <h2>{title}</h2>
      <p className="quiet">{what}</p>
      {children}
    </section>
  );
}

export function InfoTool({ target: { address, isBusy } }: { target: ToolTarget }) {
  const { t } = useTranslation();
  const { start, isBusy: isStarting } = useStart();
  const options = useLoaderOptions();
  return (
    <Tool title={t('tools.info.title')} what={t('tools.info.what')}>
      <Button
        variant="default"
        leftSection={<IconId size={15} aria-hidden />}
        disabled={address === null || isBusy}
        loading={isStarting}
        onClick={() => address !== null && void start({ address, task: { kind: 'info', options } })}
      >
        {t('tools.info.run')}
      </Button>
    </Tool>
  );
}

export function ReadTool({ target: { address, isBusy, partitions } }: { target: ToolTarget }) {
  const { t } = useTranslation();
  const { start, isBusy: isStarting } = useStart();
  const options = useLoaderOptions();
  const [scope, setScope] = useState(wholePartition);
  const what = scopeOf(scope);
  return (
    <Tool title={t('tools.read.title')} what={t('tools.read.what')}>
      <ScopeForm scope={scope} partitions={partitions} onChange={setScope} />
      <Button
        variant="default"
        leftSection={<IconDownload size={15} aria-hidden />}
        disabled={address === null || isBusy || what === null}
        loading={isStarting}
        onClick={() => address !== null && what !== null && void start({ address, task: { kind: 'read', what, options } })}
      >
        {t('tools.read.run')}
      </Button>
    </Tool>
  );
}

export function NvsTool({ target: { address, isBusy, partitions } }: { target: ToolTarget }) {
  const { t } = useTranslation();
  const { start, isBusy: isStarting } = useStart();
  const options = useLoaderOptions();
  const [partition, setPartition] = useState('nvs');
  const known = (partitions ?? []).filter(({ subtype }) => subtype === 'nvs').map(({ name }) => name);
  const name = partition.trim();
  return (
    <Tool title={t('tools.nvs.title')} what={t('tools.nvs.what')}>
      <div className={css.pair}>
        <Autocomplete
          aria-label={t('tools.partition')}
          classNames={{ input: 'mono' }}
          data={known}
          value={partition}
          onChange={setPartition}
        />
        <Button
          variant="default"
          leftSection={<IconDatabaseSearch size={15} aria-hidden />}
          disabled={address === null || isBusy || name === ''}
          loading={isStarting}
          onClick={() => address !== null && void start({ address, task: { kind: 'nvs', partition: name, options } })}
        >
          {t('tools.nvs.run')}
        </Button>
      </div>
    </Tool>
  );
}
