import { Button } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { useReply } from '../../../lib/actions.ts';
import { errorSentences } from '../../../lib/errors.ts';
import { goTo } from '../../../lib/location.ts';
import { useCheckLists, useCheckRuns, useEndedRuns } from '../check-streams.ts';
import { useCheckWords } from '../check-words.ts';
import { todayFromMs } from '../history/filter.ts';
import { percentText } from '../history/yield-figures.tsx';
import { useHandKeys } from '../run/question-keys.ts';
import { listFor, stationBoards } from '../start/candidates.ts';
import { useChosen, useStation } from '../start/start-choices.ts';
import { useCandidates } from '../start/use-candidates.ts';
import { useStart } from '../start/use-start.ts';
import css from './operator.module.css';
import { OperatorRun } from './operator-run.tsx';
import { keptQuestion, keyOfPlace, type Place, placesAfter } from './places.ts';
import { useStay } from './stay.ts';

/** A station of a line: scan, wait, read PASS or FAIL, next. Nothing else can be done here, and nothing by accident. */
export function OperatorScreen() {
  const { t } = useTranslation();
  const candidates = useCandidates();
  const words = useCheckWords();
  const lists = useCheckLists();
  const runs = useCheckRuns() ?? [];
  const { listId, ports } = useStation();
  const { start, isBusy } = useStart();
  const [serialNumber, setSerialNumber] = useState('');
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const [answeredId, setAnsweredId] = useState<string | null>(null);
  const [notice, setNotice] = useState<'noSerial' | 'busy' | 'noBoard' | null>(null);
  const [refusal, setRefusal] = useState<TalkErrorValue | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const letGo = useStay();

  const ticked = useChosen(({ keys }) => keys) ?? [];
  const boards = stationBoards(candidates ?? [], ticked.length > 0 ? ticked : ports);
  const list = lists?.find(({ id }) => id === listId) ?? listFor(lists ?? [], boards[0]?.kind ?? '');
  const shown = places.flatMap(({ runId }) => runs.find((run) => run.id === runId) ?? []);
  const isKnown = candidates !== null && lists !== null;
  const free = boards.find(({ runId }) => runId === null);
  const asking = shown.filter(({ results }) => results.some(({ state }) => state === 'asking')).map(({ id }) => id);
  const isAsking = asking.length > 0;
  const answered = keptQuestion(answeredId, asking);
  if (answered !== answeredId) setAnsweredId(answered);
  // Half a barcode that a question came into is none, and nothing that the next one may be added to.
  if (isAsking && serialNumber !== '') setSerialNumber('');

  // The scanner types wherever the focus is: it is back in the field whatever was clicked.
  useEffect(() => {
    if (isAsking || isLeaving || isBusy || !isKnown) return;
    const focus = (): void => field.current?.focus();
    focus();
    window.addEventListener('pointerup', focus);
    window.addEventListener('focus', focus);
    const timer = setInterval(focus, 500);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pointerup', focus);
      window.removeEventListener('focus', focus);
    };
  }, [isAsking, isLeaving, isBusy, isKnown]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setLeaving((is) => !is);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  function leave(): void {
    letGo();
    goTo('/checks');
  }
  useHandKeys((key) => {
    if (key.toLowerCase() === 'l') leave();
  }, isLeaving);

  const stationKeys = boards.map(({ key }) => key);
  const isRunning = (runId: string): boolean => runs.some(({ id, state }) => id === runId && state === 'running');
  const show = (place: Place): void => setPlaces((before) => placesAfter(before, place, stationKeys, isRunning));
  // What runs on the station's boards though this page did not begin it, or was loaded again since: it may ask, and it has to be stopped somewhere.
  for (const { key, runId } of boards) if (runId !== null && places.every((place) => place.runId !== runId)) show({ key, runId });

  async function onScan(event: FormEvent): Promise<void> {
    event.preventDefault();
    const scanned = serialNumber.trim();
    setSerialNumber('');
    const refused =
      scanned === '' ? 'noSerial' : boards.length === 0 || list === undefined ? 'noBoard' : free === undefined ? 'busy' : null;
    setNotice(refused);
    setRefusal(null);
    if (refused !== null || free === undefined || list === undefined) return;
    const [begun] = await start({ list: { id: list.id }, boards: [free], serialNumberOf: () => scanned, onError: setRefusal });
    if (begun === undefined) return;
    // From its first check on a station keeps to its boards: the next number is never given to another one.
    useStation.setState({ ports: boards.flatMap(({ address }) => address ?? []) });
    useChosen.setState({ keys: null });
    show({ key: free.key, runId: begun });
  }
  const isFirst = shown.length === 0;
  const hint = isAsking
    ? t('checks.operator.answer')
    : candidates === null || (free !== undefined && boards.length === 1)
      ? t('checks.operator.scanHint')
      : boards.length === 0
        ? t('checks.operator.noBoard')
        : free === undefined
          ? t('checks.operator.busy')
          : t('checks.operator.scanFor', { board: free.name });
  // Said of a scan that came too soon, for as long as it is so.
  const isPast = (notice === 'busy' && free !== undefined) || (notice === 'noBoard' && boards.length > 0);
  const problem = isPast ? null : notice;
  const station =
    list === undefined
      ? ''
      : t('checks.operator.station', { list: words.list(list), board: boards.map(({ name }) => name).join(', ') || '—' });
  return (
    <div className={css.operator} data-testid="operator">
      <header className={css.bar}>
        <h1>{t('checks.operator.title')}</h1>
        <span className="truncate" title={station}>
          {station}
        </span>
        <Today />
        <Button variant="default" size="sm" onClick={() => setLeaving(true)}>
          {t('checks.operator.leave')} <kbd>Esc</kbd>
        </Button>
      </header>
      <form className={css.scan} onSubmit={(event) => void onScan(event)}>
        <label htmlFor="operator-serial">{t(isFirst ? 'checks.operator.scan' : 'checks.operator.scanning')}</label>
        <input
          id="operator-serial"
          ref={field}
          value={serialNumber}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          disabled={isBusy || isAsking || !isKnown}
          aria-describedby="operator-notice"
          aria-invalid={problem !== null || refusal !== null}
          onChange={(event) => setSerialNumber(event.currentTarget.value)}
        />
        <div id="operator-notice" role="status" className={css.notice} data-problem={problem !== null || refusal !== null || undefined}>
          {refusal !== null ? <Refusal error={refusal} /> : problem !== null ? <strong>{t(`checks.operator.${problem}`)}</strong> : hint}
        </div>
      </form>
      <div className={css.places}>
        {isFirst ? (
          <div className={css.ready}>
            {t(!isKnown ? 'frame.loading' : boards.length === 0 ? 'checks.operator.notReady' : 'checks.operator.ready')}
          </div>
        ) : (
          shown.map((run, index) => (
            <OperatorRun key={run.id} run={run} placeKey={keyOfPlace(index)} isAnswered={run.id === answered} isCovered={isLeaving} />
          ))
        )}
      </div>
      {isLeaving && (
        <div className={css.leaving} role="alertdialog" aria-label={t('checks.operator.leaveAsk')}>
          <h2>{t('checks.operator.leaveAsk')}</h2>
          <p>{t('checks.operator.leaveHint')}</p>
          <div>
            <Button size="lg" autoFocus onClick={() => setLeaving(false)}>
              {t('checks.operator.stay')} <kbd>Esc</kbd>
            </Button>
            <Button size="lg" variant="default" onClick={leave}>
              {t('checks.operator.leave')} <kbd>L</kbd>
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

/** Why a scan began nothing, to be read from where the board is held. Who stands here scans labels; expressions are for who writes lists. */
function Refusal({ error }: { error: TalkErrorValue }) {
  const { t } = useTranslation();
  const { serialNumber, example } = error.data;
  const { what, next } =
    error.code === 'check/serial-number'
      ? {
          what: t('checks.operator.wrongSerial', { serial: String(serialNumber) }),
          next: t('checks.operator.wrongSerialNext', { example: String(example) }),
        }
      : errorSentences(t, error);
  return (
    <>
      <strong data-error-code={error.code}>{what}</strong>
      <span>{next}</span>
    </>
  );
}

function Today() {
  const { t } = useTranslation();
  const version = useEndedRuns();
  const [fromWallMs] = useState(todayFromMs);
  const yields = useReply('checks.yield', { fromWallMs }, { version });
  const { boards = 0, passedFirst = 0, passedLast = 0 } = yields.data ?? {};
  return (
    <dl className={css.today} aria-label={t('checks.operator.today')}>
      <div>
        <dt>
          {t('checks.operator.today')} · {t('checks.operator.boards')}
        </dt>
        <dd>{boards}</dd>
      </div>
      <div>
        <dt>{t('checks.operator.firstPass')}</dt>
        <dd>{percentText(passedFirst, boards)}</dd>
      </div>
      <div>
        <dt>{t('checks.operator.inTheEnd')}</dt>
        <dd>{percentText(passedLast, boards)}</dd>
      </div>
    </dl>
  );
}
