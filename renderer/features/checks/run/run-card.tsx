import type { CheckRun } from '../../../../preload/contract/checks.ts';
import { setParameters } from '../../../lib/location.ts';
import { shortAddress } from '../../../lib/log-columns.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { useInLanguage } from './in-language.ts';
import { progressOf } from './progress.ts';
import css from './run.module.css';

/** One board being checked, or that was: how far it is, and whether it asks somebody. */
export function RunCard({ run: kept, isShown }: { run: CheckRun; isShown: boolean }) {
  const words = useCheckWords();
  const run = useInLanguage(kept);
  const asking = run.results.find(({ state }) => state === 'asking');
  const current = asking ?? run.results.find(({ state }) => state === 'running');
  const failed = run.results.find(({ state }) => state === 'failed');
  const told = run.state === 'running' ? current : failed;
  return (
    <button
      type="button"
      className={css.card}
      data-state={asking === undefined ? run.state : 'asking'}
      aria-current={isShown}
      onClick={() => setParameters({ run: run.id, check: null })}
    >
      <b className="truncate" title={boardNameOf(run)}>
        {boardNameOf(run)}
      </b>
      <progress
        className={shared.progress}
        data-over={run.state !== 'running' || undefined}
        value={progressOf(run)}
        max={1}
        aria-label={words.runState(run.state)}
      />
      <span className={css.cardFoot}>
        <span className={shared.verdictWord} data-state={asking === undefined ? run.state : 'asking'}>
          {asking === undefined ? words.runState(run.state) : words.state('asking')}
        </span>
        <small className="quiet truncate">{told === undefined ? run.listName : words.title(told)}</small>
      </span>
    </button>
  );
}

/** What to call the board: by its serial number, else as a device, else by its port. */
export function boardNameOf({ serialNumber, deviceName, port }: Pick<CheckRun, 'serialNumber' | 'deviceName' | 'port'>): string {
  if (serialNumber !== '') return serialNumber;
  return deviceName ?? (port === null ? '—' : shortAddress(port));
}
