import type { CheckEvidence } from '../../../../preload/contract/checks.ts';
import { Plot } from '../../../components/plot.tsx';
import { useCheckWords } from '../check-words.ts';

/** A curve as it was measured: `x` and `y` say what its axes are. */
export function EvidenceCurve({ evidence: { label, x, y, points } }: { evidence: Extract<CheckEvidence, { kind: 'curve' }> }) {
  const words = useCheckWords();
  if (points.length === 0) return null;
  const title = words.label(label);
  const [xs, ys] = [points.map(([at]) => at), points.map(([, value]) => value)];
  const yRange = extent(ys);
  const room = (yRange[1] - yRange[0]) * 0.06 || 1;
  const isBytes = y.toLowerCase().endsWith('bytes');
  const text = (value: number): string => (isBytes ? `${Math.round(value / 1024)} K` : shortText(value));
  return (
    <Plot
      title={title}
      hint={`${words.label(y)} / ${words.label(x)}`}
      x={{ domain: extent(xs), text: shortText }}
      y={{ domain: [yRange[0] - room, yRange[1] + room], text }}
      heightPx={150}
      readings={points.map(([at, value]) => ({ x: at, text: `${words.label(x)} ${shortText(at)}: ${words.label(y)} ${shortText(value)}` }))}
      table={{ columns: [words.label(x), words.label(y)], rows: points.map(([at, value]) => [shortText(at), shortText(value)]) }}
    >
      {(scales) => (
        <path
          d={points
            .map(([at, value], i) => `${i === 0 ? 'M' : 'L'} ${scales.x.at(at).toFixed(1)} ${scales.y.at(value).toFixed(1)}`)
            .join(' ')}
          fill="none"
          stroke="var(--user)"
          strokeWidth={1.6}
        />
      )}
    </Plot>
  );
}

function extent(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function shortText(value: number): string {
  return Math.abs(value) >= 100_000 ? `${Math.round(value / 1000)}k` : String(Number(value.toPrecision(4)));
}
