import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import type { CauseStage } from '../../../../preload/contract/timeline.ts';
import { useReply } from '../../../lib/actions.ts';
import { millisecondsText } from '../../../lib/quantities.ts';
import { usToX } from '../../../lib/time-axis.ts';
import { useSessionView } from '../session-view.ts';
import css from '../timeline.module.css';
import type { Row } from './lane-places.ts';
import type { Stretch } from './snapping.ts';
import type { Measure } from './use-measure.ts';

export interface OverlayProps {
  sessionId: string;
  turn: TurnRecord | null;
  rows: readonly Row[];
  width: number;
  height: number;
  scrollTop: number;
  measure: Measure | null;
  gap: (Stretch & { isOverlap: boolean }) | null;
  /** While a range is drawn: which of its edges stand on something's edge. */
  snapped: readonly number[];
}

/** What is laid over the lanes: the range, what is measured, and the arrows from cause to effect of the selected turn. */
export function Overlay(props: OverlayProps) {
  const { width, height, measure, gap, snapped } = props;
  const { t } = useTranslation();
  const view = useSessionView((state) => state.view);
  const range = useSessionView((state) => state.range);
  const x = (us: number): number => Math.min(width + 4, Math.max(-4, usToX(view, width, us)));
  const middle = gap === null ? 0 : (x(gap.fromUs) + x(gap.toUs)) / 2;
  return (
    <svg className={css.overlay} width={width} height={height} aria-hidden="true">
      <defs>
        <marker id="timeline-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
          <path d="M0 0 L8 4 L0 8 z" fill="var(--text)" />
        </marker>
      </defs>
      {range !== null && (
        <rect className={css.range} x={x(range.fromUs)} y={0} width={Math.max(1, x(range.toUs) - x(range.fromUs))} height={height} />
      )}
      {snapped.map((us) => (
        <line key={us} className={css.snapped} x1={x(us)} x2={x(us)} y1={0} y2={height} />
      ))}
      <CauseArrows sessionId={props.sessionId} turn={props.turn} rows={props.rows} width={width} scrollTop={props.scrollTop} />
      {measure !== null &&
        [measure.first, measure.second].map(
          (stretch) =>
            stretch !== null && (
              <g key={`${stretch.fromUs} ${stretch.toUs}`} className={css.measured}>
                <line x1={x(stretch.fromUs)} x2={x(stretch.fromUs)} y1={0} y2={height} />
                <line x1={x(stretch.toUs)} x2={x(stretch.toUs)} y1={0} y2={height} />
              </g>
            ),
        )}
      {gap !== null && (
        <g className={css.gap} data-overlap={gap.isOverlap}>
          <rect x={x(gap.fromUs)} y={0} width={Math.max(1, x(gap.toUs) - x(gap.fromUs))} height={height} />
          <line x1={x(gap.fromUs)} x2={x(gap.toUs)} y1={13} y2={13} markerStart="url(#timeline-arrow)" markerEnd="url(#timeline-arrow)" />
          <Tag x={Math.min(width - 60, Math.max(60, middle))} y={30}>
            {t(gap.isOverlap ? 'timeline.overlap' : 'timeline.gap', { time: exactText(gap.toUs - gap.fromUs) })}
          </Tag>
        </g>
      )}
    </svg>
  );
}

const laneOfStage: Record<CauseStage, readonly string[]> = {
  'speech-end': ['speech', 'uplink'],
  transcript: ['transcript'],
  'first-token': ['llm'],
  'first-audio': ['tts'],
  'first-frame': ['heard'],
  audible: ['downlink', 'heard'],
};

/** Between neighbours nearer than this there is no room for how long it took. */
const labelPx = 46;

type CauseProps = Pick<OverlayProps, 'sessionId' | 'turn' | 'rows' | 'width' | 'scrollTop'>;

/** Asks once a turn: what is panned and zoomed are only the arrows. */
const CauseArrows = memo(({ sessionId, turn, ...places }: CauseProps) => {
  const causes = useReply(
    'timeline.causes',
    { id: sessionId, conversationId: turn?.conversationId ?? '', turnId: turn?.turnId ?? 0 },
    { isEnabled: turn !== null, version: `${turn?.turnId} ${turn?.endedUs}` },
  );
  const links = turn === null ? undefined : causes.data?.links;
  return links === undefined || links.length === 0 ? null : <Arrows links={links} {...places} />;
});

type Links = CallReply<'timeline.causes'>['links'];

function Arrows({ links, rows, width, scrollTop }: Omit<CauseProps, 'sessionId' | 'turn'> & { links: Links }) {
  const { t } = useTranslation();
  const view = useSessionView((state) => state.view);
  const points = links.flatMap(({ stage, atUs }) => {
    const row = laneOfStage[stage].map((lane) => rows.find((each) => each.kind === 'lane' && each.key === lane)).find(Boolean);
    if (row === undefined) return [];
    const y = row.top + row.height / 2 - (row.isPinned ? 0 : scrollTop);
    return [{ stage, atUs, x: usToX(view, width, atUs), y }];
  });
  return points.map((point, i) => {
    const from = points[i - 1];
    if (from === undefined) return null;
    if (Math.max(from.x, point.x) < 0 || Math.min(from.x, point.x) > width) return null;
    const bend = Math.max(6, (point.x - from.x) / 2);
    return (
      <g key={point.stage} className={css.cause}>
        <path
          d={`M${from.x} ${from.y} C${from.x + bend} ${from.y} ${point.x - bend} ${point.y} ${point.x} ${point.y}`}
          markerEnd="url(#timeline-arrow)"
        />
        {point.x - from.x >= labelPx && (
          <Tag x={(from.x + point.x) / 2} y={(from.y + point.y) / 2}>
            {t(`timeline.stage.${point.stage}`)} {millisecondsText(point.atUs - from.atUs)}
          </Tag>
        )}
      </g>
    );
  });
}

/** Words on a ground of their own: lanes beneath have every colour. */
function Tag({ x, y, children }: { x: number; y: number; children: React.ReactNode }) {
  return (
    <foreignObject x={x - 90} y={y - 9} width={180} height={18} className={css.tagPlace}>
      <div className={css.tag}>
        <span>{children}</span>
      </div>
    </foreignObject>
  );
}

/** To a tenth of a millisecond: what is measured by eye is compared with numbers. */
export function exactText(us: number): string {
  return Math.abs(us) < 10_000_000 ? `${(us / 1000).toFixed(1)} ms` : millisecondsText(us);
}
