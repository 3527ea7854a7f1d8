import { Button } from '@mantine/core';
import { IconArrowDown, IconRotateClockwise } from '@tabler/icons-react';
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogFilter, LogLevel, LogRow } from '../../../preload/contract/logs.ts';
import type { PortState } from '../../../preload/contract/ports.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useCopyRows } from '../../components/log-copy.ts';
import { LogList } from '../../components/log-list.tsx';
import { RowDetails } from '../../components/row-details.tsx';
import { useAction } from '../../lib/actions.ts';
import { useParameters } from '../../lib/location.ts';
import { type LogSelection, nothingSelected } from '../../lib/log-selection.ts';
import { filteredView, patternOf, wholeView } from '../../lib/log-view.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useCoreStatus } from '../../lib/streams.ts';
import { useLiveLog, useLogMatches } from './live-log.ts';
import css from './monitor.module.css';
import { MonitorBar } from './monitor-bar.tsx';
import { SendLine } from './send-line.tsx';

/** The port's own rows (opened, reset, …) leave room for a hint while there are so few. */
const silentRows = 6;

/** One port's log: what it shows is chosen here, what it holds is the store's. */
export function PortMonitor({ port }: { port: PortState }) {
  const { t } = useTranslation();
  const log = useLiveLog(port.address);
  const { store } = log;
  useSyncExternalStore(
    useCallback((listener) => store.listen(listener), [store]),
    () => store.version,
  );
  const parameters = useParameters();
  const level = (parameters.get('level') ?? null) as LogLevel | null;
  const words = parameters.get('find') ?? '';
  const isFiltering = parameters.get('filter') === '1';
  const isRegexp = parameters.get('regexp') === '1';

  const find: LogFilter | null =
    words === '' ? null : { text: words, isRegexp, isCaseSensitive: false, ...(level === null ? {} : { minimumLevel: level }) };
  const threshold: LogFilter | null = level === null ? null : { minimumLevel: level, isRegexp: false, isCaseSensitive: false };
  const found = useLogMatches(log, port.address, find);
  const above = useLogMatches(log, port.address, threshold);
  const pattern = useMemo(
    () => (words === '' ? null : patternOf({ text: words, isRegexp, isCaseSensitive: false }, 'g')),
    [words, isRegexp],
  );

  /** Rows before this one are cleared from the view; they stay recorded, and a reload brings them back. */
  const [clearedTo, setClearedTo] = useState(0);
  /** While paused the view ends here. The recording does not. */
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const [isFollowing, setFollowing] = useState(true);
  const [selection, setSelection] = useState<LogSelection>(nothingSelected);
  /** Which match of which search; another search begins anew. */
  const [match, setMatch] = useState({ words: '', index: -1 });
  const matchIndex = match.words === words ? match.index : -1;
  /** How many rows there were when following stopped. */
  const [detachedAt, setDetachedAt] = useState(0);
  const searchField = useRef<HTMLInputElement>(null);

  const totalRows = store.totalRows;
  const isMalformed = words !== '' && pattern === null;
  const isLimited = find !== null && isFiltering && !isMalformed ? found : threshold !== null ? above : null;
  const shownTo = pausedAt ?? totalRows;
  const view =
    isLimited === null
      ? wholeView(shownTo, Math.min(clearedTo, shownTo))
      : filteredView(pausedAt === null ? isLimited.seqs : isLimited.seqs.filter((seq) => seq < pausedAt), clearedTo);
  const isSilent = port.receivedBytes === 0 && isLimited === null && view.length <= silentRows;
  const newRows = totalRows - (pausedAt ?? detachedAt);

  const timeText = useTimeText();
  const lineOf = useCallback((row: LogRow) => `${timeText(row)} ${row.text}`, [timeText]);
  const copy = useCopyRows(store, lineOf);
  const currentSeq = found.seqs[matchIndex] ?? null;

  function step(by: 1 | -1): void {
    const count = found.seqs.length;
    if (count === 0 && !found.isSearching) return;
    follow(false);
    // Asked before the search is done: the first match, when it comes.
    const next = matchIndex < 0 ? (by > 0 ? 0 : count - 1) : (matchIndex + by + count) % Math.max(1, count);
    setMatch({ words, index: Math.max(0, next) });
  }
  function follow(isOn: boolean): void {
    if (isFollowing && !isOn) setDetachedAt(totalRows);
    setFollowing(isOn);
    if (isOn) setPausedAt(null);
  }
  function togglePause(): void {
    setPausedAt(pausedAt === null ? totalRows : null);
    setFollowing(pausedAt !== null);
  }
  const toEnd = (): void => follow(true);
  const previous = (): void => step(-1);
  useShortcuts({
    '/': () => searchField.current?.focus(),
    'Ctrl+f': () => searchField.current?.focus(),
    Space: togglePause,
    End: toEnd,
    'Ctrl+l': () => setClearedTo(totalRows),
    n: () => step(1),
    N: previous,
  });

  const focused = selection.focus === null ? undefined : store.row(selection.focus);
  return (
    <div className={css.monitor}>
      <MonitorBar
        port={port}
        log={log}
        searchField={searchField}
        found={found}
        matchIndex={matchIndex}
        onStep={step}
        isPaused={pausedAt !== null}
        onPause={togglePause}
        onClear={() => {
          setClearedTo(totalRows);
          setSelection(nothingSelected);
        }}
        onCopyAll={() => copy(Array.from({ length: view.length }, (_, index) => view.seqAt(index)))}
      />
      {port.error !== undefined && <ErrorNotice error={port.error} />}
      <div className={css.logArea}>
        <div className={css.logColumn}>
          <LogList
            store={store}
            view={view}
            label={t('monitor.logOf', { port: port.address })}
            selection={selection}
            onSelect={setSelection}
            onCopy={copy}
            timeText={timeText}
            pattern={pattern}
            currentSeq={currentSeq}
            revealSeq={currentSeq}
            isFollowing={isFollowing && pausedAt === null}
            onFollow={follow}
          />
          {view.length === 0 && !isSilent && (
            <div className={css.overlay}>
              <p>
                {isLimited?.isSearching === true ? t('monitor.searching') : t(isLimited === null ? 'monitor.cleared' : 'monitor.noMatch')}
              </p>
            </div>
          )}
          {isSilent && <Silent port={port} />}
          {!(isFollowing && pausedAt === null) && view.length > 0 && (
            <Button
              className={css.newLines}
              size="compact-sm"
              radius="xl"
              leftSection={<IconArrowDown size={14} />}
              onClick={() => follow(true)}
            >
              {newRows > 0 ? t('monitor.newLines', { count: newRows }) : t('monitor.toEnd')}
            </Button>
          )}
        </div>
        {focused !== undefined && (
          <aside className={css.details} aria-label={t('monitor.details')}>
            <RowDetails row={focused} timeText={timeText(focused)} />
          </aside>
        )}
      </div>
      <SendLine address={port.address} isOpen={port.state === 'open'} />
    </div>
  );
}

/** A port that has brought nothing yet. What the board said before it was opened is gone: a reset makes it say it again. */
function Silent({ port }: { port: PortState }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  if (port.state !== 'open') return null;
  return (
    <div className={css.overlay}>
      <p>{t('monitor.silent')}</p>
      <Button
        size="sm"
        variant="default"
        leftSection={<IconRotateClockwise size={15} />}
        loading={isBusy}
        onClick={() => void run('ports.reset', { address: port.address, into: 'run' })}
      >
        {t('monitor.resetInto.run')}
      </Button>
    </div>
  );
}

/** Host time as the wall clock read it, from the instant that the core knows in both times. */
function useTimeText(): (row: LogRow) => string {
  const anchor = useCoreStatus()?.anchor;
  const [wallMs, monoUs] = [anchor?.wallMs ?? 0, anchor?.monoUs ?? 0];
  return useCallback(
    (row) => {
      const at = new Date(wallMs + (row.atUs - monoUs) / 1000);
      const two = (value: number): string => String(value).padStart(2, '0');
      return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
    },
    [wallMs, monoUs],
  );
}
