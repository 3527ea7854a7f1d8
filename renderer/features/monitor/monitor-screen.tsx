import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useBoards, useDemoProgress, usePortStates, useSessionList } from '../../lib/streams.ts';
import { DemoSteps, isDemoRunning } from '../first-run/demo-steps.tsx';
import { FirstRun } from '../first-run/first-run.tsx';
import css from './monitor.module.css';
import { NoPortOpen } from './no-port-open.tsx';
import { PortList } from './port-list.tsx';
import { PortMonitor } from './port-monitor.tsx';

/** Ports on the left; the log of the chosen one beside, with a tab for each that is open. */
export function MonitorScreen() {
  const { t } = useTranslation();
  const states = usePortStates();
  const sessions = useSessionList();
  const boards = useBoards();
  const wanted = useParameters().get('port');
  const shown = (states ?? []).filter((port) => port.state !== 'closed' || port.address === wanted);
  const current = shown.find((port) => port.address === wanted) ?? shown[0];
  const demo = useDemoProgress();
  const isEmptyBench = states?.length === 0 && sessions?.length === 0 && boards?.length === 0;

  return (
    <div className={css.screen}>
      <PortList states={states ?? []} currentAddress={current?.address ?? null} onOpened={(port) => setParameters({ port })} />
      <div className={css.main}>
        {!isEmptyBench && demo !== null && isDemoRunning(demo) && <DemoSteps progress={demo} isBand />}
        {shown.length > 1 && (
          <div className={css.tabs} role="tablist" aria-label={t('monitor.openPorts')}>
            {shown.map((port) => (
              <button
                key={port.address}
                type="button"
                role="tab"
                aria-selected={port === current}
                className={css.tab}
                onClick={() => setParameters({ port: port.address })}
              >
                <span className={css.dot} data-state={port.state} />
                {port.address}
              </button>
            ))}
          </div>
        )}
        {current !== undefined ? (
          <PortMonitor key={current.address} port={current} />
        ) : isEmptyBench ? (
          <FirstRun />
        ) : (
          <NoPortOpen onOpened={(port) => setParameters({ port })} />
        )}
      </div>
    </div>
  );
}
