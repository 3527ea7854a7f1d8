import type { CheckLimit, CheckValue } from '../../../../preload/contract/checks.ts';
import type { Bench } from '../bench.ts';
import type { Check, Measured } from '../check.ts';
import { judge } from '../runner/judge.ts';
import { explains } from './explains.ts';
import type { Lateness } from './lateness.ts';

/** Shown of the times in which the bench was late. */
const MOST_LINES = 20;
const LONGEST_LINE = 500;

export interface Steadily {
  check: Check;
  parameters: Record<string, unknown>;
  limits: Readonly<Record<string, CheckLimit | null>>;
  timeoutMs: number;
}

/** What failed while the bench was late, as lines for people. */
type Spoilt = readonly string[];

/**
 * Measures; once more where all that failed it may be the bench's own lateness, as long as there is time for it; 'bench-busy' where it still
 * may, or where the second time decided nothing. What passes has passed: lateness makes no board better; but that a first time failed is in its
 * evidence. Of a time that does not count no fact stays.
 */
export async function measureSteadily(bench: Bench, steadily: Steadily): Promise<Measured> {
  const { check, parameters, timeoutMs } = steadily;
  const sinceUs = bench.clock.nowUs();
  const known = new Map(bench.facts);
  const first = await check.measure(bench, parameters);
  const firstSpoilt = spoilt(bench, steadily, first, { fromUs: sinceUs, sinceUs });
  if (firstSpoilt === null) return first;
  restore(bench.facts, known);
  const againUs = bench.clock.nowUs();
  const isTime = (againUs - sinceUs) / 1000 < timeoutMs * 0.45;
  const second = isTime ? await decided(bench, steadily) : null;
  const secondSpoilt = second === null ? null : spoilt(bench, steadily, second, { fromUs: againUs, sinceUs });
  const lines = [...told('1', firstSpoilt), ...told('2', secondSpoilt ?? [])];
  const late = { kind: 'lines' as const, label: 'benchLate', lines };
  if (second !== null && secondSpoilt === null) return { ...second, evidence: [...(second.evidence ?? []), late] };
  restore(bench.facts, known);
  return { skipped: 'bench-busy', evidence: [...((second ?? first).evidence ?? []), late] };
}

/** The second time, where it says something of the board: one that could not be carried out takes nothing back. */
async function decided(bench: Bench, { check, parameters, limits }: Steadily): Promise<Measured | null> {
  try {
    const measured = await check.measure(bench, parameters);
    const { state } = judge(check, limits, measured);
    return state === 'passed' || state === 'failed' ? measured : null;
  } catch (error) {
    if (bench.signal.aborted) throw error;
    return null;
  }
}

function restore(facts: Bench['facts'], known: Bench['facts']): void {
  facts.clear();
  for (const [name, value] of known) facts.set(name, value);
}

/** Null where the board is to be told what was measured: it passed, or failed by more than the bench's lateness. */
function spoilt(
  bench: Bench,
  { check, limits }: Steadily,
  measured: Measured,
  { fromUs, sinceUs }: { fromUs: number; sinceUs: number },
): Spoilt | null {
  const lateness = bench.lateness(fromUs);
  if (lateness.sumMs === 0) return null;
  const { state, values } = judge(check, limits, measured);
  if (state !== 'failed') return null;
  const unmet = values.filter(({ limit, isMet }) => limit !== null && isMet !== true);
  const moments = 'moments' in measured ? measured.moments : undefined;
  const { speaker } = bench.voice;
  const isExplained = unmet.every((value) =>
    explains(lateness, value, check.values.find(({ name }) => name === value.name)?.isTimed, { moments: moments?.[value.name], speaker }),
  );
  return isExplained ? [unmet.map(inWords).join(' · '), ...linesOf(lateness, sinceUs)] : null;
}

/** 'waitMs 400 ms (max 300)' */
function inWords({ name, value, unit, limit }: CheckValue): string {
  const asked = Object.entries(limit ?? {}).map((member) => member.join(' '));
  return `${name} ${value}${unit === undefined ? '' : ` ${unit}`} (${asked.join(', ')})`;
}

function told(time: string, lines: Spoilt): string[] {
  return lines.map((line, i) => `${i === 0 ? `${time}.` : '  '} ${line}`.slice(0, LONGEST_LINE));
}

function linesOf({ spans, longestMs, percent }: Lateness, sinceUs: number): string[] {
  const longest = spans.toSorted((one, other) => other.toUs - other.fromUs - (one.toUs - one.fromUs)).slice(0, MOST_LINES);
  return [
    `${percent.toFixed(1)} %, ≤ ${Math.round(longestMs)} ms`,
    ...longest
      .toSorted((one, other) => one.fromUs - other.fromUs)
      .map(({ fromUs, toUs }) => `${((fromUs - sinceUs) / 1e6).toFixed(3)} s  ${Math.round((toUs - fromUs) / 1000)} ms`),
  ];
}
