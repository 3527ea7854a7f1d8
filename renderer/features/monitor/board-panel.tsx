import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle, IconCircleDotted, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DeviceState, HealthNotice, LoggedTurn, StepState } from '../../../preload/contract/device-state.ts';
import { bytesText, millisecondsText } from '../../lib/quantities.ts';
import css from './board-panel.module.css';

export interface BoardPanelProps {
  device: DeviceState;
  name: string;
  timeText(us: number): string;
  onShow(seq: number): void;
  /** Goes to the first error since the board's last boot. */
  onFirstError(): void;
}

/** What the board's log alone says of the board: how far it has come, how it is, what it talked. */
export function BoardPanel({ device, name, timeText, onShow, onFirstError }: BoardPanelProps) {
  const { t } = useTranslation();
  const notices = device.notices.toReversed();
  return (
    <div className={css.board}>
      <p className={css.condition}>
        <b>{name}</b> · <span data-condition={device.condition}>{t(`board.condition.${device.condition}`)}</span>
      </p>
      <ol className={css.steps} aria-label={t('board.progress')}>
        {device.steps.map((step) => (
          <Step key={step.step} step={step} timeText={timeText} onShow={onShow} />
        ))}
      </ol>

      <h3 className={css.heading}>{t('board.health')}</h3>
      {device.notices.length === 0 && <p className={css.quiet}>{t('board.healthy')}</p>}
      {notices.map((notice, index) => (
        <Notice
          key={`${notice.kind} ${notice.firstSeq}`}
          notice={notice}
          isAdvised={notices.findIndex((each) => each.kind === notice.kind) === index}
          onShow={onShow}
        />
      ))}
      <Button size="compact-xs" variant="default" onClick={onFirstError}>
        {t('board.firstError')}
      </Button>

      <Heap samples={device.heap} />

      <h3 className={css.heading}>{t('board.turns')}</h3>
      <Turns turns={device.turns} onShow={onShow} timeText={timeText} />

      {device.boots.length > 0 && (
        <>
          <h3 className={css.heading}>
            {t('board.boots')} ({device.boots.length})
          </h3>
          <ul className={css.boots}>
            {[...device.boots]
              .reverse()
              .slice(0, 12)
              .map((boot) => (
                <li key={boot.seq}>
                  <button type="button" className={css.link} onClick={() => onShow(boot.seq)}>
                    {timeText(boot.atUs)}
                  </button>{' '}
                  <span className="mono">{boot.reason}</span>
                </li>
              ))}
          </ul>
        </>
      )}

      <Facts facts={device.facts} />
    </div>
  );
}

const stepIcons = { none: IconCircleDotted, active: IconCircle, done: IconCheck, failed: IconX };

function Step({ step, timeText, onShow }: { step: StepState } & Pick<BoardPanelProps, 'timeText' | 'onShow'>) {
  const { t } = useTranslation();
  const Icon = stepIcons[step.state];
  const { seq, atUs } = step;
  const title = `${t(`board.step.${step.step}`)}: ${t(`board.stepState.${step.state}`)}${atUs === undefined ? '' : ` · ${timeText(atUs)}`}`;
  return (
    <li data-state={step.state}>
      <button type="button" title={title} aria-label={title} disabled={seq === undefined} onClick={() => seq !== undefined && onShow(seq)}>
        <span className={css.stepMark}>
          <Icon size={13} aria-hidden />
        </span>
        {t(`board.step.${step.step}`)}
      </button>
    </li>
  );
}

const noticeIcons = { info: IconInfoCircle, warning: IconAlertTriangle, error: IconAlertTriangle };

/** `isAdvised`: with its cause and what to do; the same advice is given once. */
function Notice({ notice, isAdvised, onShow }: { notice: HealthNotice; isAdvised: boolean; onShow(seq: number): void }) {
  const { t } = useTranslation();
  const Icon = noticeIcons[notice.severity];
  const kind = notice.kind as 'boot-loop'; // every kind has the same three sentences, with its own facts in them
  const facts = { reason: '—', detail: '', task: '—', bytes: '—', kind: '', code: '—', where: '—', state: '—', ...notice.data } as {
    reason: string;
  };
  return (
    <div className={css.notice} data-severity={notice.severity} data-kind={notice.kind}>
      <Icon size={15} aria-hidden />
      <div>
        <b>{t(`board.notices.${kind}.what`, facts)}</b>{' '}
        {notice.count > 1 && <span className={css.quiet}>{t('board.times', { count: notice.count })}</span>}
        {isAdvised && (
          <>
            <div>{t(`board.notices.${kind}.cause`, facts)}</div>
            <div>→ {t(`board.notices.${kind}.next`, facts)}</div>
          </>
        )}
        <button type="button" className={css.link} onClick={() => onShow(notice.lastSeq)}>
          {t('board.goToRow')}
        </button>
      </div>
    </div>
  );
}

function Turns({ turns, onShow, timeText }: { turns: readonly LoggedTurn[] } & Pick<BoardPanelProps, 'onShow' | 'timeText'>) {
  const { t } = useTranslation();
  if (turns.length === 0) return <p className={css.quiet}>{t('board.noTurns')}</p>;
  return (
    <table className={css.turns}>
      <thead>
        <tr>
          <th>#</th>
          <th>{t('board.said')}</th>
          <th>{t('board.answered')}</th>
          <th className={css.number}>{t('board.latency')}</th>
        </tr>
      </thead>
      <tbody>
        {[...turns].reverse().map((turn) => (
          <tr key={turn.number}>
            <td>
              <button type="button" className={css.link} title={timeText(turn.startedUs)} onClick={() => onShow(turn.seq)}>
                {turn.number}
              </button>
            </td>
            <td>{turn.userText || '—'}</td>
            <td>
              {turn.botText || '—'}
              {turn.isInterrupted && <span className={css.quiet}> ({t('board.interrupted')})</span>}
            </td>
            <td className={css.number} title={turn.latencyClock === undefined ? '' : t(`board.latencyHint.${turn.latencyClock}`)}>
              {turn.latencyUs === null ? '—' : millisecondsText(turn.latencyUs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heap({ samples }: { samples: DeviceState['heap'] }) {
  const { t } = useTranslation();
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2) return null;
  const bytes = samples.map((sample) => sample.freeBytes);
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
  const x = (us: number): number => ((us - first.atUs) / Math.max(1, last.atUs - first.atUs)) * 280;
  const y = (value: number): number => 38 - ((value - least) / Math.max(1, most - least)) * 34;
  const points = samples.map((sample) => `${x(sample.atUs).toFixed(1)},${y(sample.freeBytes).toFixed(1)}`).join(' ');
  const range = t('board.heapRange', { least: bytesText(least), most: bytesText(most) });
  return (
    <>
      <h3 className={css.heading}>
        {t('board.heap')}: {bytesText(last.freeBytes)} <span className={css.quiet}>{range}</span>
      </h3>
      <svg className={css.heap} viewBox="0 0 280 40" preserveAspectRatio="none" role="img" aria-label={`${t('board.heap')} ${range}`}>
        <polyline points={points} />
      </svg>
    </>
  );
}

function Facts({ facts }: { facts: DeviceState['facts'] }) {
  const { t, i18n } = useTranslation();
  const entries = Object.entries(facts);
  if (entries.length === 0) return null;
  return (
    <>
      <h3 className={css.heading}>{t('board.facts')}</h3>
      <dl className={css.facts}>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{i18n.exists(`board.fact.${name}`) ? t(`board.fact.${name as 'chip'}`) : name}</dt>
            <dd className="mono" title={String(value)}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
