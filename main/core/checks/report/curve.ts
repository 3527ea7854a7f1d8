import { html, type Markup } from '../../sessions/export/html.ts';

const WIDTH = 560;
const HEIGHT = 180;
const LEFT = 64;
const BOTTOM = 34;
const TOP = 10;
const RIGHT = 12;

/** Beyond any quantity; the difference of two is still a number. */
const LIMIT = 1e150;

type Point = readonly [x: number, y: number];

/** A curve with its axes named, least and greatest value at their ends. */
export function curvePlot(given: readonly Point[], axes: { label: string; x: string; y: string }): Markup {
  const points = given.filter((point) => point.every((value) => Math.abs(value) < LIMIT));
  if (points.length === 0) return html``;
  const [fromX, toX] = extent(points, 0);
  const [fromY, toY] = extent(points, 1);
  const place = ([x, y]: Point): Point => [
    round(LEFT + ((x - fromX) / (toX - fromX || 1)) * (WIDTH - LEFT - RIGHT)),
    round(HEIGHT - BOTTOM - ((y - fromY) / (toY - fromY || 1)) * (HEIGHT - BOTTOM - TOP)),
  ];
  const path = steepest(points.map(place))
    .map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`)
    .join('');
  const [left, right, low, high] = [LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, TOP];
  // A single point is no line: a dot shows where it is.
  const dot = points.length === 1 ? html`<circle cx="${left}" cy="${low}" r="3"/>` : html``;
  return html`<svg role="img" class="plot" aria-label="${axes.label}" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"><line class="axis" x1="${left}" x2="${right}" y1="${low}" y2="${low}"/><line class="axis" x1="${left}" x2="${left}" y1="${high}" y2="${low}"/><text x="${left - 4}" y="${high + 9}" text-anchor="end">${tick(toY)}</text><text x="${left - 4}" y="${low}" text-anchor="end">${tick(fromY)}</text><text x="${left}" y="${low + 14}">${tick(fromX)}</text><text x="${right}" y="${low + 14}" text-anchor="end">${tick(toX)}</text><text x="${(left + right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${axes.x}</text><text transform="translate(12 ${(low + high) / 2}) rotate(-90)" text-anchor="middle">${axes.y}</text><path class="curve" d="${path}"/>${dot}</svg>`;
}

/** Of points that share a pixel column the lowest and the highest: a spike is seen however many points there are. */
function steepest(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (let i = 0; i < points.length; ) {
    const first = points[i] as Point;
    let [low, high, end] = [first, first, i + 1];
    for (; end < points.length && Math.floor((points[end] as Point)[0]) === Math.floor(first[0]); end++) {
      const point = points[end] as Point;
      if (point[1] > low[1]) low = point;
      if (point[1] < high[1]) high = point;
    }
    const last = points[end - 1] as Point;
    kept.push(...new Set([first, ...(low[0] <= high[0] ? [low, high] : [high, low]), last]));
    i = end;
  }
  return kept;
}

function extent(points: readonly Point[], axis: 0 | 1): [from: number, to: number] {
  return points.reduce<[number, number]>(
    ([from, to], point) => [Math.min(from, point[axis]), Math.max(to, point[axis])],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function tick(value: number): string {
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
