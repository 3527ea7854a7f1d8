import { useTranslation } from 'react-i18next';
import { BluetoothChooser } from './bluetooth-chooser.tsx';
import { BoardLog } from './board-log.tsx';
import { RunCard } from './run-card.tsx';
import { SetupForm } from './setup-form.tsx';
import { useWifiSetupRuns } from './use-setup.ts';
import css from './wifi-setup.module.css';

/** Bringing a flashed board into a Wi-Fi network (配网): the form, and every run of it, newest first. */
export function WifiSetupPanel() {
  const { t } = useTranslation();
  const runs = useWifiSetupRuns() ?? [];
  return (
    <div className={css.panel}>
      <div className={css.side}>
        <SetupForm isRunning={(method) => runs.some((run) => run.method === method && run.state === 'running')} />
        <BoardLog />
      </div>
      <div className={css.runs}>
        {runs.length === 0 && (
          <div className={css.nothing}>
            <h3>{t('wifiSetup.nothing')}</h3>
            <p className="quiet">{t('wifiSetup.nothingNext')}</p>
          </div>
        )}
        {runs.map((run) => (
          <RunCard key={run.runId} run={run} />
        ))}
      </div>
      <BluetoothChooser />
    </div>
  );
}
