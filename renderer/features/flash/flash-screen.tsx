import { Button, Select } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashOptions, FlashPlan } from '../../../preload/contract/flash.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction, useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useFlashJobs } from '../../lib/streams.ts';
import { useChosenFirmware } from './chosen-firmware.ts';
import { type Firmware, FirmwareForm, sourceOf } from './firmware-form.tsx';
import css from './flash.module.css';
import { FlashJobView } from './flash-job.tsx';
import { OptionsForm } from './options-form.tsx';
import { PlanTable } from './plan-table.tsx';

/** What the core answered, and to which question: an answer to the one before counts for nothing. */
interface Planned {
  firmware: Firmware;
  options: Partial<FlashOptions>;
  plan: FlashPlan | null;
  problem: unknown;
}

/** Choose a port and a firmware, see what would be written, write it, watch it. */
export function FlashScreen() {
  const { t } = useTranslation();
  const lab = useLab();
  const { run, isBusy } = useAction();
  const ports = useReply('ports.list', {});
  const jobs = useFlashJobs() ?? [];
  const address = useParameters().get('port');
  const { firmware, options, choose } = useChosenFirmware();
  const [planned, setPlanned] = useState<Planned | null>(null);
  const isPlanCurrent = planned?.firmware === firmware && planned.options === options;
  const { plan, problem } = isPlanCurrent ? planned : { plan: null, problem: null };
  // Another board's success beside the chosen port would read as this one's.
  const job = address === null ? jobs.at(-1) : jobs.findLast((each) => each.address === address);
  const isRunning = job?.state === 'running';

  useEffect(() => {
    const source = sourceOf(firmware);
    if (source === null) return;
    const abort = new AbortController();
    function settle(plan: FlashPlan | null, problem: unknown): void {
      if (!abort.signal.aborted) setPlanned({ firmware, options, plan, problem });
    }
    lab.call('flash.plan', { ...source, options }, { signal: abort.signal }).then(
      (plan) => settle(plan, null),
      (error: unknown) => settle(null, error),
    );
    return () => abort.abort();
  }, [lab, firmware, options]);

  async function start(): Promise<void> {
    const source = sourceOf(firmware);
    if (address !== null && source !== null) await run('flash.start', { address, task: { kind: 'write', ...source, options } });
  }

  return (
    <div className={css.screen}>
      <div className={css.setup}>
        <h1>{t('frame.flash')}</h1>
        <Select
          label={t('flash.port')}
          placeholder={t('flash.choosePort')}
          searchable
          data={(ports.data?.ports ?? []).map((port) => ({ value: port.address, label: `${port.label} — ${port.address}` }))}
          value={address}
          onChange={(value) => setParameters({ port: value })}
          nothingFoundMessage={t('monitor.noPorts')}
        />
        {ports.data?.problem !== undefined && <ErrorNotice error={ports.data.problem} />}
        <FirmwareForm firmware={firmware} onChange={(next) => choose(next, options)} />
        {problem !== null && <ErrorNotice error={errorValueOf(problem)} />}
        {plan !== null && <PlanTable plan={plan} />}
        <OptionsForm options={options} onChange={(next) => choose(firmware, next)} />
        <Button
          size="sm"
          leftSection={<IconBolt size={17} />}
          disabled={address === null || plan === null || isRunning}
          loading={isBusy}
          onClick={() => void start()}
        >
          {t('flash.start')}
        </Button>
        {(address === null || plan === null) && <p className={css.fine}>{t('flash.startHint')}</p>}
      </div>
      <div className={css.result}>
        {job === undefined ? (
          <div className={css.empty}>
            <h2>{t('flash.nothing')}</h2>
            <p className="quiet">{t('flash.nothingHint')}</p>
          </div>
        ) : (
          <FlashJobView job={job} />
        )}
      </div>
    </div>
  );
}
