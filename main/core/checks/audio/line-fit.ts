import { quantile } from './decibels.ts';

/** A straight line through points, robust against some that lie far off: its slope, and half the width of its 95 % interval. */
export interface LineFit {
  slope: number;
  halfWidth: number;
  /** What the height changed by at once and for good, taken out before the slope was. */
  steps: number[];
}

/** More would take long and tell no more. */
const MOST_POINTS = 400;
const LEAST_POINTS = 5;

/**
 * Theil–Sen: the median of the slopes between all pairs of points, in stretches between steps (a change from one point to the next that
 * exceeds `step` and stays), each with a height of its own. Undefined of fewer than five points. The interval is that of least squares with
 * the residuals' spread taken from their median (Student's t): points that lie off widen it little.
 */
export function fitLine(points: readonly (readonly [x: number, y: number])[], step: number): LineFit | undefined {
  const thinned = points.length <= MOST_POINTS ? points : points.filter((_, index) => index % Math.ceil(points.length / MOST_POINTS) === 0);
  if (thinned.length < LEAST_POINTS) return undefined;
  const { stretches, steps } = stretchesOf(thinned, step);
  const usable = stretches.filter((stretch) => stretch.length >= 3);
  const slopes = usable.flatMap((stretch) =>
    stretch.flatMap(([x, y], index) => stretch.slice(index + 1).map(([laterX, laterY]) => (laterY - y) / (laterX - x))),
  );
  if (slopes.length === 0) return undefined;
  const slope = quantile(slopes, 0.5);
  let spreadX = 0;
  const residuals: number[] = [];
  for (const stretch of usable) {
    const meanX = stretch.reduce((sum, [x]) => sum + x, 0) / stretch.length;
    const height = quantile(
      stretch.map(([x, y]) => y - slope * x),
      0.5,
    );
    for (const [x, y] of stretch) {
      spreadX += (x - meanX) ** 2;
      residuals.push(Math.abs(y - slope * x - height));
    }
  }
  const freedom = Math.max(1, residuals.length - usable.length - 1);
  // The median of a normal distribution's magnitudes is 0.6745 of its deviation; heights taken from the same points make it look smaller.
  const deviation = (quantile(residuals, 0.5) / 0.6745) * Math.sqrt(residuals.length / freedom);
  return { slope, halfWidth: (studentT(freedom) * deviation * 1.1) / Math.sqrt(spreadX), steps };
}

type Point = readonly [x: number, y: number];

/** What comes back at once was one point that lies off, no step: both neighbours of a change have to agree with it. Nor is there one just after another. */
function stretchesOf(points: readonly Point[], step: number): { stretches: Point[][]; steps: number[] } {
  const stretches: Point[][] = [[]];
  const steps: number[] = [];
  points.forEach((point, index) => {
    const before = levelOf(points.slice(Math.max(0, index - 3), index));
    const after = levelOf(points.slice(index, index + 3));
    const previous = points[index - 1];
    const isStep =
      previous !== undefined &&
      Math.abs(after - before) > step &&
      Math.abs(point[1] - previous[1]) > step &&
      (stretches.at(-1)?.length ?? 0) > 1;
    if (isStep) {
      stretches.push([]);
      steps.push(after - before);
    }
    stretches.at(-1)?.push(point);
  });
  return { stretches, steps };
}

function levelOf(points: readonly Point[]): number {
  return quantile(
    points.map(([, y]) => y),
    0.5,
  );
}

/** 97.5 % point of Student's t (Abramowitz and Stegun 26.7.5, its first two terms). */
function studentT(freedom: number): number {
  const z = 1.96;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
