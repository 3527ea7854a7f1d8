import type { ErrorCount, SessionComparison, SuiteCheck, SuiteRun, TurnPair } from '../../preload/contract/quality.ts';

const marks = { passed: '✓', failed: '✗', error: '!', skipped: '–', waiting: '…', running: '…' } as const;

/** A line a case, under it what was not met, then how many were. */
export function runText(run: SuiteRun): string {
  const lines = run.cases.flatMap((each) => {
    const took = each.durationMs === null ? '' : ` (${(each.durationMs / 1000).toFixed(1)} s)`;
    const error = each.error === null ? [] : [`  ${each.error.code} ${JSON.stringify(each.error.data)}`];
    const session = each.sessionId === null ? '' : `\tsession ${each.sessionId}`;
    return [`${marks[each.state]} ${each.name}\t${each.how}${took}${session}`, ...error, ...each.checks.flatMap(checkLine)];
  });
  const { passed, failed, errors, skipped } = run.counts;
  const summary = `${passed} met, ${failed} not met, ${errors} could not be run, ${skipped} skipped in ${(run.durationMs / 1000).toFixed(1)} s`;
  return [...lines, ...run.budget.flatMap(checkLine), summary].join('\n');
}

function checkLine({ text, line, isMet, found, reason, place }: SuiteCheck): string[] {
  if (isMet) return [];
  const at = place === null ? '' : `\tat ${(place.atUs / 1e6).toFixed(3)} s`;
  return [`  ✗ ${text}${line === null ? '' : ` (line ${line})`}\tfound ${found.replaceAll('\n', ' ⏎ ')}\t${reason ?? ''}${at}`];
}

export function comparisonText({ golden, candidate, pairs, transcript, replySimilarity, latency }: SessionComparison): string {
  return [
    `golden\t${golden.id}\t${golden.turns} turns, ${golden.unanswered} unanswered`,
    `candidate\t${candidate.id}\t${candidate.turns} turns, ${candidate.unanswered} unanswered`,
    ...pairs.map(pairLine),
    `transcript\terrors ${rateText(transcript.mixed)}\tWER ${rateText(transcript.words)}\tCER ${rateText(transcript.characters)}`,
    `replies\talike ${replySimilarity === null ? '—' : replySimilarity.toFixed(3)}`,
    ...latency.map(({ metric, statistic, a, b, difference, low, high, verdict }) => {
      const interval = low === null && high === null ? '' : ` [${msText(low, '−∞')}, ${msText(high, '∞')}]`;
      return `${metric}.${statistic}\t${msText(a.ms, '—')} → ${msText(b.ms, '—')}\t${difference === null ? '' : signed(difference)}${interval}\t${verdict}`;
    }),
  ].join('\n');
}

function pairLine({ golden, candidate, differences, transcriptPieces, replySimilarity, latency }: TurnPair): string {
  const [before, after] = [golden?.turnId ?? '—', candidate?.turnId ?? '—'];
  const said = transcriptPieces.length > 0 ? transcriptPieces.map(pieceText).join('') : (golden ?? candidate)?.userText;
  const facts = [
    differences.length === 0 ? 'same' : differences.join(', '),
    replySimilarity === null ? '' : `reply ${replySimilarity.toFixed(2)}`,
    latency.v2v_device === undefined ? '' : `v2v ${signed(latency.v2v_device)}`,
  ];
  return `turn ${before} → ${after}\t${facts.filter((fact) => fact !== '').join(', ')}\t${said ?? ''}`;
}

function pieceText({ kind, text }: TurnPair['transcriptPieces'][number]): string {
  return kind === 'same' ? text : kind === 'golden' ? `[-${text}-]` : `{+${text}+}`;
}

function rateText({ rate, reference }: ErrorCount): string {
  return reference === 0 && rate === 0 ? '—' : `${rate === null ? '∞' : `${(rate * 100).toFixed(1)} %`} of ${reference}`;
}

function msText(ms: number | null, none: string): string {
  return ms === null ? none : String(Math.round(ms));
}

function signed(ms: number): string {
  return `${ms >= 0 ? '+' : ''}${Math.round(ms)} ms`;
}
