import { useTranslation } from 'react-i18next';
import type { BreakdownPart, PercentileRow } from '../../../preload/contract/sessions.ts';
import { useReply } from '../../lib/actions.ts';
import { millisecondsText } from '../../lib/quantities.ts';
import { useSessionList } from '../../lib/streams.ts';
import css from './engines.module.css';

export type LatencyPart = BreakdownPart['key'];

/** What a stage's engine takes of a turn, and what the settings of a group do. */
export const partsOf: Readonly<Record<string, readonly LatencyPart[]>> = {
  vad: ['vad_silence'],
  stt: ['asr_final_wait'],
  llm: ['llm_ttft', 'text_agg'],
  tts: ['tts_ttfb', 'tts_lead_silence'],
  turns: ['vad_silence', 'asr_final_wait', 'eou_wait'],
  agent: ['llm_ttft', 'text_agg'],
  voice: ['tts_ttfb', 'tts_lead_silence'],
  downlink: ['send_wait', 'transport_device'],
  engines: ['asr_final_wait', 'llm_ttft', 'tts_ttfb'],
};

const lookedAt = 20;
const fewTurns = 20;

/** What settings and engines cost in latency, from turns that were really held. How many stands beside every figure. */
export function LatencyCost({ parts, isHiddenEmpty = false }: { parts: readonly LatencyPart[]; isHiddenEmpty?: boolean }) {
  const { t } = useTranslation();
  const sessions = (useSessionList() ?? []).filter((session) => session.turnCount > 0).slice(0, lookedAt);
  const ids = sessions.map((session) => session.id);
  // A session being recorded has more turns the next time.
  const version = sessions.reduce((sum, session) => sum + session.turnCount, 0);
  const latency = useReply('sessions.latency', { ids }, { isEnabled: ids.length > 0, version });
  const rows = [...parts, 'v2v_device'].flatMap((key) => latency.data?.percentiles.find((row) => row.key === key) ?? []);
  const total = rows.at(-1);
  const isEmpty = ids.length === 0 || total === undefined || rows.every((row) => row.n === 0);
  if (isEmpty && isHiddenEmpty) return null;
  return (
    <section className={css.card} aria-label={t('engines.cost.title')} data-testid="latency-cost">
      <h2>{t('engines.cost.title')}</h2>
      {isEmpty ? (
        <div className="quiet">{t('engines.cost.none')}</div>
      ) : (
        <>
          <div className="quiet">
            {t('engines.cost.hint', { sessions: ids.length })} {total.n < fewTurns && <b>{t('engines.cost.few')}</b>}
          </div>
          <table className={css.cost}>
            <thead>
              <tr>
                <th scope="col">{t('engines.cost.part')}</th>
                <th scope="col">{t('engines.cost.p50')}</th>
                <th scope="col">{t('engines.cost.p95')}</th>
                <th scope="col">{t('engines.cost.n')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <CostRow key={row.key} row={row} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function CostRow({ row }: { row: PercentileRow }) {
  const { t } = useTranslation();
  const isTotal = row.key === 'v2v_device';
  const figure = (ms: number | null): string => (ms === null ? '—' : millisecondsText(ms * 1000));
  return (
    <tr data-total={isTotal || undefined}>
      <th scope="row" title={isTotal ? undefined : t(`session.partHint.${row.key as LatencyPart}`)}>
        {isTotal ? t('engines.cost.total') : t(`session.part.${row.key as LatencyPart}`)}
      </th>
      <td>{figure(row.p50)}</td>
      <td>{figure(row.p95)}</td>
      <td>
        {row.n}
        {row.censored > 0 && <span className="quiet"> · {t('engines.cost.censored', { count: row.censored })}</span>}
      </td>
    </tr>
  );
}
