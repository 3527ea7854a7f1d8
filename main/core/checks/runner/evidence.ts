import type { CheckEvidence } from '../../../../preload/contract/checks.ts';

const LONGEST_LINE = 500;
const MOST_POINTS = 2000;
const MOST_EVIDENCE = 40;

/** As the contract bounds it, and with no secret in what a board or a person said. */
export function presentable(evidence: readonly CheckEvidence[], redact: (text: string) => string): CheckEvidence[] {
  const lines = (texts: readonly string[], most: number) => texts.slice(0, most).map((text) => redact(text).slice(0, LONGEST_LINE));
  return evidence.slice(0, MOST_EVIDENCE).map((each) => {
    if (each.kind === 'rows') return { ...each, lines: lines(each.lines, 20) };
    if (each.kind === 'lines') return { ...each, lines: lines(each.lines, 200) };
    if (each.kind === 'turn') return { ...each, userText: redact(each.userText), replyText: redact(each.replyText) };
    if (each.kind === 'curve') return { ...each, points: thinned(each.points) };
    return each;
  });
}

/** Evenly: the first and the last stay. */
function thinned(points: readonly [number, number][]): [number, number][] {
  if (points.length <= MOST_POINTS) return [...points];
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.round(i * step)] ?? [0, 0]);
}

/** Of a session that is no longer the run's: seqs and indices would point into another one. What can be read stays. */
export function detached(evidence: readonly CheckEvidence[]): CheckEvidence[] {
  return evidence.flatMap((each): CheckEvidence[] => {
    if (each.kind === 'rows') return [{ kind: 'lines', label: each.port.slice(0, 60), lines: each.lines }];
    if (each.kind === 'turn') return [{ kind: 'lines', label: 'turn', lines: [each.userText, each.replyText] }];
    return each.kind === 'packets' ? [] : [each];
  });
}
