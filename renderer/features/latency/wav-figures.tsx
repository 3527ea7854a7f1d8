import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingAnalysis } from '../../../preload/contract/latency.ts';
import { instantText } from '../../lib/quantities.ts';
import { CdfPlot, HistogramPlot, type NamedDistribution } from './distribution-plots.tsx';
import { FiguresTable } from './figures-table.tsx';
import css from './latency.module.css';
import { msText } from './latency-words.ts';
import { WavLanes } from './wav-lanes.tsx';

/** Turns, gaps, overlaps and stop times of a recording. */
export function WavFigures({ analysis }: { analysis: RecordingAnalysis }) {
  const { t } = useTranslation();
  const [selected, setSelected] = useState<number | null>(null);
  const { turns, overlaps, statistics } = analysis;
  const cutOff = turns.filter(({ gapMs }) => gapMs !== null && gapMs < 0).length;
  const names = { gap: t('latency.gap'), stop: t('latency.stopTime') };
  const rows = statistics.filter(({ n, censored }) => n + censored > 0).map((figures) => ({ name: names[figures.metric], figures }));
  const gaps = distributionOf(
    turns.flatMap(({ gapMs }) => gapMs ?? []),
    analysis.unanswered,
  );
  const marked = selected === null ? null : (turns[selected]?.gapMs ?? null);
  const marks = marked === null ? [] : [{ ms: marked, text: t('latency.gapOf', { number: (selected ?? 0) + 1, ms: msText(marked) }) }];
  return (
    <>
      <FiguresTable head="ms" rows={rows} />
      {cutOff > 0 && <p className={css.warning}>{t('latency.cutOff', { count: cutOff })}</p>}
      <WavLanes analysis={analysis} selected={selected} onSelect={setSelected} />
      <div className={css.columns}>
        <CdfPlot groups={[gaps]} />
        <HistogramPlot group={gaps} title={`${t('latency.histogram')} · ${t('latency.gap')}`} marks={marks} />
      </div>
      <div className={css.columns}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is scrolled by key */}
        <section className={css.tableBox} aria-label={t('latency.tab.turns')} tabIndex={0} style={{ maxHeight: 320 }}>
          <table className={css.figures} data-testid="latency-wav-turns">
            <thead>
              <tr>
                <th data-left scope="col">
                  {t('latency.turn')}
                </th>
                <th scope="col">{t('latency.from')}</th>
                <th scope="col">{t('latency.to')}</th>
                <th scope="col">{t('latency.answeredAt')}</th>
                <th scope="col">{t('latency.gap')} ms</th>
              </tr>
            </thead>
            <tbody>
              {turns.map(({ userFromMs, userToMs, agentFromMs, gapMs }, i) => (
                <tr key={userFromMs} aria-current={selected === i || undefined}>
                  <th scope="row">
                    <button type="button" className={css.plain} onClick={() => setSelected(selected === i ? null : i)}>
                      {i + 1}
                    </button>
                  </th>
                  <td>{instantText(userFromMs * 1000)}</td>
                  <td>{instantText(userToMs * 1000)}</td>
                  <td>{agentFromMs === null ? '—' : instantText(agentFromMs * 1000)}</td>
                  <td data-bad={gapMs === null || gapMs < 0 || undefined}>{gapMs === null ? t('latency.unanswered') : msText(gapMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {overlaps.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is scrolled by key
          <section className={css.tableBox} aria-label={t('latency.overlaps')} tabIndex={0} style={{ maxHeight: 320 }}>
            <table className={css.figures}>
              <thead>
                <tr>
                  <th data-left scope="col">
                    {t('latency.overlaps')}
                  </th>
                  <th scope="col">{t('latency.stopTime')} ms</th>
                </tr>
              </thead>
              <tbody>
                {overlaps.map(({ atMs, overlapMs, stopMs }) => (
                  <tr key={atMs}>
                    <th scope="row">{t('latency.overlapAt', { at: instantText(atMs * 1000), ms: msText(overlapMs) })}</th>
                    <td>{stopMs === null ? t('latency.spokeOn') : msText(stopMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </div>
    </>
  );
}

const buckets = 30;

/** As the core makes it of sessions; a recording has few enough turns for the page. */
function distributionOf(values: readonly number[], censored: number): NamedDistribution {
  const sorted = values.toSorted((one, other) => one - other);
  const total = sorted.length + censored;
  const [fromMs, toMs] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const bucketMs = (toMs - fromMs) / buckets;
  const counts = new Array<number>(bucketMs > 0 ? buckets : Math.min(1, sorted.length)).fill(0);
  for (const value of sorted) {
    const bucket = bucketMs > 0 ? Math.min(buckets - 1, Math.floor((value - fromMs) / bucketMs)) : 0;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const cdf = sorted.flatMap((ms, i) => (sorted[i + 1] === ms ? [] : [{ ms, share: (i + 1) / total }]));
  return { name: 'all', n: sorted.length, censored, cdf, histogram: { fromMs, bucketMs, counts, beyond: 0 } };
}
