import type { BreakdownPart, TurnRecord } from '../../../../preload/contract/sessions.ts';
import { html, type Markup } from './html.ts';
import type { ReportWords } from './report-words.ts';

const WIDTH = 420;
const BAR_HEIGHT = 16;
const CURVE_HEIGHT = 120;
const MARGIN = 26;

/** Parts of one turn side by side; all bars of a table are to one scale. */
export function waterfall(parts: readonly BreakdownPart[], longestUs: number, words: ReportWords): Markup {
  const originUs = parts[0]?.fromUs ?? 0;
  const scale = WIDTH / Math.max(1, longestUs, (parts.at(-1)?.toUs ?? originUs) - originUs);
  const bars = parts.map(
    ({ key, owner, fromUs, durationUs }) =>
      html`<rect class="${owner}" x="${round((fromUs - originUs) * scale)}" y="0" width="${round(Math.max(0.5, durationUs * scale))}" height="${BAR_HEIGHT}"><title>${words.partNames[key]}: ${Math.round(durationUs / 1000)} ms (${words.owners[owner]})</title></rect>`,
  );
  const label = parts.map(({ key, durationUs }) => `${words.partNames[key]} ${Math.round(durationUs / 1000)} ms`).join(', ');
  return html`<svg role="img" aria-label="${label}" width="${WIDTH}" height="${BAR_HEIGHT}" viewBox="0 0 ${WIDTH} ${BAR_HEIGHT}">${bars}</svg>`;
}

export function legend(words: ReportWords): Markup {
  const entry = ([owner, name]: [string, string]) =>
    html`<span><svg width="12" height="12" aria-hidden="true"><rect class="${owner}" width="12" height="12"/></svg> ${name}</span> `;
  return html`<p class="quiet legend">${Object.entries(words.owners).map(entry)}</p>`;
}

/** Which share of the turns was answered within which time; a turn without an answer keeps the curve from reaching the top. */
export function latencyCurve(turns: readonly TurnRecord[], words: ReportWords): Markup {
  const asked = turns.filter(({ initiator }) => initiator === 'user-speech');
  const totals = asked.flatMap(({ breakdown }) => (breakdown.totalUs === null ? [] : breakdown.totalUs / 1000)).sort((a, b) => a - b);
  const longest = totals.at(-1);
  if (longest === undefined || totals.length < 2) return html``;
  const x = (ms: number) => round(MARGIN + (ms / longest) * (WIDTH - MARGIN));
  const y = (share: number) => round(CURVE_HEIGHT - MARGIN - share * (CURVE_HEIGHT - MARGIN - 6));
  const steps = totals.map((ms, i) => `H${x(ms)}V${y((i + 1) / asked.length)}`).join('');
  const ticks = [0, 0.5, 1].map(
    (share) =>
      html`<line class="axis" x1="${MARGIN}" x2="${WIDTH}" y1="${y(share)}" y2="${y(share)}"/><text x="0" y="${y(share) + 4}">${share * 100}%</text>`,
  );
  return html`<svg role="img" aria-label="${words.share}" width="${WIDTH}" height="${CURVE_HEIGHT}" viewBox="0 0 ${WIDTH} ${CURVE_HEIGHT}">${ticks}<path class="curve" d="M${MARGIN} ${y(0)}${steps}"/><text x="${MARGIN}" y="${CURVE_HEIGHT - 8}">0</text><text x="${WIDTH}" y="${CURVE_HEIGHT - 8}" text-anchor="end">${Math.round(longest)} ms</text></svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
