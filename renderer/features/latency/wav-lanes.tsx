import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingAnalysis } from '../../../preload/contract/latency.ts';
import { Plot } from '../../components/plot.tsx';
import { instantText } from '../../lib/quantities.ts';
import { msText } from './latency-words.ts';

/** What one look holds. */
const shownMs = 60_000;

interface WavLanesProps {
  analysis: RecordingAnalysis;
  selected: number | null;
  onSelect(turn: number | null): void;
}

/** Who spoke when: the user above, what answered below, the gap between them. */
export function WavLanes({ analysis: { turns, overlaps, durationMs }, selected, onSelect }: WavLanesProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(durationMs / shownMs));
  const fromMs = page * shownMs;
  const toMs = Math.min(durationMs, fromMs + shownMs);
  const inSight = turns
    .map((turn, number) => ({ ...turn, number }))
    .filter((turn) => (turn.agentToMs ?? turn.userToMs) >= fromMs && turn.userFromMs <= toMs);
  const clip = (ms: number) => Math.max(fromMs, Math.min(toMs, ms));
  const gapText = (number: number, gapMs: number | null) =>
    gapMs === null
      ? `${t('session.turnNumber', { number: number + 1 })}: ${t('latency.unanswered')}`
      : t('latency.gapOf', { number: number + 1, ms: msText(gapMs) });
  return (
    <div>
      <Plot
        title={t('latency.conversation')}
        x={{ domain: [fromMs, Math.max(fromMs + 1, toMs)], text: (ms) => instantText(ms * 1000, 0) }}
        y={{ domain: [0, 2], ticks: [0.5, 1.5], text: (lane) => t(lane > 1 ? 'latency.userTrack' : 'latency.agentTrack') }}
        heightPx={120}
        readings={inSight.map(({ userToMs, gapMs, number }) => ({ x: userToMs, text: gapText(number, gapMs) }))}
        table={{
          columns: [t('latency.turn'), t('latency.from'), t('latency.to'), t('latency.answeredAt'), t('latency.gap')],
          rows: inSight.map(({ number, userFromMs, userToMs, agentFromMs, gapMs }) => [
            String(number + 1),
            instantText(userFromMs * 1000),
            instantText(userToMs * 1000),
            agentFromMs === null ? '—' : instantText(agentFromMs * 1000),
            gapMs === null ? '—' : msText(gapMs),
          ]),
        }}
      >
        {({ x, y }) => (
          <>
            {inSight.map(({ number, userFromMs, userToMs, agentFromMs, agentToMs, gapMs }) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the table below selects by key
              <g
                key={number}
                onClick={() => onSelect(selected === number ? null : number)}
                opacity={selected === null || selected === number ? 1 : 0.45}
              >
                <title>{gapText(number, gapMs)}</title>
                <rect
                  x={x.at(clip(userFromMs))}
                  width={Math.max(2, x.at(clip(userToMs)) - x.at(clip(userFromMs)))}
                  y={y.at(1.85)}
                  height={y.at(0.3) - y.at(1)}
                  fill="var(--user)"
                />
                {agentFromMs !== null && agentToMs !== null && (
                  <rect
                    x={x.at(clip(agentFromMs))}
                    width={Math.max(2, x.at(clip(agentToMs)) - x.at(clip(agentFromMs)))}
                    y={y.at(0.85)}
                    height={y.at(0.3) - y.at(1)}
                    fill="var(--agent)"
                  />
                )}
                {agentFromMs !== null && (
                  <line
                    x1={x.at(clip(userToMs))}
                    x2={x.at(clip(agentFromMs))}
                    y1={y.at(1)}
                    y2={y.at(1)}
                    stroke={gapMs !== null && gapMs < 0 ? 'var(--danger)' : 'var(--warning)'}
                    strokeWidth={3}
                  />
                )}
              </g>
            ))}
            {overlaps
              .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
              .map(({ atMs }) => (
                <line key={atMs} x1={x.at(atMs)} x2={x.at(atMs)} y1={y.at(2)} y2={y.at(0)} stroke="var(--danger)" />
              ))}
          </>
        )}
      </Plot>
      {pages > 1 && (
        <Button.Group>
          <Button size="compact-sm" variant="default" disabled={page === 0} onClick={() => setPage(page - 1)}>
            {t('latency.earlier')}
          </Button>
          <Button size="compact-sm" variant="default" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
            {t('latency.later')}
          </Button>
        </Button.Group>
      )}
    </div>
  );
}
