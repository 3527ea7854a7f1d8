import type { CallReply } from '../../preload/contract/index.ts';
import type { LatencyCheck, LatencyDifference, LatencyGroup, LatencyRow, RecordingAnalysis } from '../../preload/contract/latency.ts';
import type { BreakdownPart } from '../../preload/contract/sessions.ts';

/** What `latency` prints for people: tables of text, tabs between the columns. */

const owners: Record<BreakdownPart['owner'], string> = { setting: 'setting', engine: 'engine', pipeline: 'us', device: 'device' };

const whyNone = { 'no-values': 'none', 'too-few': 'too few', censored: 'unanswered' } as const;

export function ms(value: number | null): string {
  return value === null ? '—' : value.toFixed(0);
}

function valueText({ ms: value, reason }: LatencyGroup['statistics'][number]['p50']): string {
  return reason === null ? ms(value) : whyNone[reason];
}

export function rowText(row: LatencyRow): string {
  const parts = (row.breakdown?.parts ?? []).map((part) => `${part.key} ${ms(part.durationUs / 1000)} (${owners[part.owner]})`);
  const unexplained = row.values.unexplained ?? 0;
  if (unexplained > 0) parts.push(`unexplained ${ms(unexplained)}`);
  const missing = row.breakdown !== undefined && row.breakdown.missing.length > 0 ? `missing ${row.breakdown.missing.join(', ')}` : '';
  const total = row.isCensored ? (row.outcome ?? '') : `${ms(row.values.v2v_device ?? null)} ms`;
  return `turn ${row.turnId}\t${total}\t${[parts.join(' + '), missing].filter((text) => text !== '').join('; ')}\t${row.userText}`;
}

type StatisticRow = Omit<LatencyGroup['statistics'][number], 'metric'> & { metric: string };

export function statisticText(row: StatisticRow): string {
  const few = row.isFew && row.n > 0 ? '\tfew' : '';
  return (
    `${row.metric}\tn=${row.n} censored=${row.censored}\tp50 ${valueText(row.p50)}\tp90 ${valueText(row.p90)}` +
    `\tp95 ${valueText(row.p95)}\tp99 ${valueText(row.p99)}\tmax ${ms(row.max)}${few}`
  );
}

export function groupText(group: LatencyGroup): string[] {
  return [`${group.name}: ${group.turns} turns, ${group.unanswered} unanswered`, ...group.statistics.map(statisticText)];
}

export function checkText({ isMet, text, group, found, reason, n, censored }: LatencyCheck): string {
  const what = reason === null ? `found ${found === null ? '—' : Number(found.toFixed(3))}` : `no figure: ${whyNone[reason]}`;
  return `${isMet ? 'ok' : 'FAILED'}\t${text}\t${group}\t${what}\tn=${n} censored=${censored}`;
}

const verdicts: Record<LatencyDifference['verdict'], string> = {
  'b-faster': 'B is faster',
  'b-slower': 'B is slower',
  undecided: 'no difference shown',
  'too-few': 'too few turns to say',
};

function signed(value: number | null): string {
  return value === null ? '…' : `${value > 0 ? '+' : ''}${value.toFixed(0)}`;
}

export function comparisonText(reply: CallReply<'latency.compare'>): string {
  const differences = reply.differences.map(
    ({ metric, statistic, a, b, difference, low, high, verdict }) =>
      `${metric}.${statistic}\t${valueText(a)} → ${valueText(b)}\t${signed(difference)} ms` +
      `${verdict === 'too-few' ? '' : ` (95 %: ${signed(low)} … ${signed(high)})`}\t${verdicts[verdict]}`,
  );
  const configuration = reply.configuration.map(({ key, a, b }) => `${key}\t${a.join(', ') || '—'} → ${b.join(', ') || '—'}`);
  return [
    `A: ${reply.a.turns} turns, ${reply.a.unanswered} unanswered`,
    `B: ${reply.b.turns} turns, ${reply.b.unanswered} unanswered`,
    '',
    ...(configuration.length === 0 ? ['no recorded setting, engine or firmware differs'] : configuration),
    '',
    ...differences,
    ...reply.checks.map(checkText),
  ].join('\n');
}

export function soundCheckText(reply: CallReply<'latency.check'>): string {
  const turns = reply.conversations.flatMap(({ conversationId, turns: own }) => [
    conversationId,
    ...own.map(
      (turn) =>
        `turn ${turn.turnId}\tevents ${ms(turn.eventsMs)} ms\tsound ${ms(turn.soundMs)} ms\t${signed(turn.differenceMs)} ms` +
        ` (speech end ${signed(turn.speechEndDifferenceMs)}, reply start ${signed(turn.replyStartDifferenceMs)})\t${turn.verdict}`,
    ),
  ]);
  return [...turns, `compared ${reply.compared}, median difference ${ms(reply.medianDifferenceMs)} ms`].join('\n');
}

export function recordingText(analysis: RecordingAnalysis): string {
  const seconds = (value: number) => (value / 1000).toFixed(2);
  return [
    ...analysis.turns.map(
      ({ userFromMs, userToMs, gapMs }, i) =>
        `turn ${i + 1}\tuser ${seconds(userFromMs)} – ${seconds(userToMs)} s\t${gapMs === null ? 'unanswered' : `answered after ${ms(gapMs)} ms`}`,
    ),
    ...analysis.overlaps.map(
      ({ atMs, overlapMs, stopMs }) =>
        `both at ${seconds(atMs)} s for ${ms(overlapMs)} ms\t${stopMs === null ? 'the agent spoke on' : `the agent was silent after ${ms(stopMs)} ms`}`,
    ),
    ...analysis.statistics.filter(({ n, censored }) => n + censored > 0).map(statisticText),
    `unanswered ${analysis.unanswered}; sound from ${analysis.thresholdDb.user.toFixed(0)} dBFS (user), ${analysis.thresholdDb.agent.toFixed(0)} dBFS (agent)`,
  ].join('\n');
}
