import type { Resimulation, SimulatedFigures, SimulatedTurn, TurnPair } from '../../preload/contract/replay.ts';
import { ms } from './latency-text.ts';

/** What `replay --resimulate` prints for people: tables of text, tabs between the columns. */
export function resimulationText({ conversations, before, after, sweep, changes }: Resimulation): string {
  const isChanged = Object.keys(changes).length > 0;
  const told = conversations.flatMap(({ sessionId, conversationId, pairs, fidelity, notes, vad }) => [
    `${sessionId} ${conversationId}\t${vad}`,
    `  fidelity\t${fidelity.matched} of ${fidelity.recordedTurns} recorded turns came again (${fidelity.simulatedTurns} simulated)` +
      `\tcommit off by ${ms(fidelity.commitMedianMs)} ms, at most ${ms(fidelity.commitMaxMs)}\tv2v off by ${ms(fidelity.v2vMedianMs)} ms, at most ${ms(fidelity.v2vMaxMs)}`,
    ...notes.map(({ kind, count }) => `  note\t${kind} ${count}`),
    ...pairs.map((pair) => `  ${pairText(pair, isChanged)}`),
  ]);
  return [
    ...told,
    '',
    figuresText(isChanged ? 'before' : 'as recorded', before),
    ...(isChanged ? [figuresText('after', after)] : []),
    ...(sweep === null
      ? []
      : [
          '',
          sweep.key,
          ...sweep.points.map(
            (point) => `${figuresText(String(point.value), point.figures)}\tmerged ${point.merged}\tsplit ${point.split}`,
          ),
        ]),
  ].join('\n');
}

function pairText(pair: TurnPair, isChanged: boolean): string {
  const { change, before, after } = pair;
  if (!isChanged) return before.map(turnText).join(' | ');
  const differences = [
    pair.committedByMs === null ? '' : `commit ${signed(pair.committedByMs)} ms`,
    pair.v2vByMs === null ? '' : `v2v ${signed(pair.v2vByMs)} ms`,
    pair.interruptionsGained > 0 ? `interrupted +${pair.interruptionsGained}` : '',
    pair.interruptionsLost > 0 ? `interrupted -${pair.interruptionsLost}` : '',
  ].filter((text) => text !== '');
  const words =
    change === 'same' ? before.map(turnText).join(' | ') : `${before.map(turnText).join(' | ')}\t→ ${after.map(turnText).join(' | ')}`;
  return `${change}\t${differences.join(', ')}\t${words}`;
}

function turnText({ turnId, initiator, userText, v2vMs, outcome, modelled }: SimulatedTurn): string {
  const said = userText === '' ? initiator : userText;
  const marks = modelled.length === 0 ? '' : ` [modelled: ${modelled.join(', ')}]`;
  return `${turnId} ${said} (${outcome ?? 'open'}${v2vMs === null ? '' : `, ${ms(v2vMs)} ms`})${marks}`;
}

function figuresText(
  name: string,
  { v2v, endpoint, userTurns, interruptions, falseInterruptions, earlyCuts, unanswered }: SimulatedFigures,
): string {
  return (
    `${name}\tv2v p50 ${ms(v2v.p50)} p95 ${ms(v2v.p95)} ms (n=${v2v.n}${v2v.censored > 0 ? `, ${v2v.censored} unanswered` : ''})` +
    `\tendpoint p50 ${ms(endpoint.p50)} p95 ${ms(endpoint.p95)} ms\tturns ${userTurns}\tearly cuts ${earlyCuts}` +
    `\tinterruptions ${interruptions} (false ${falseInterruptions})\tunanswered ${unanswered}`
  );
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(0)}`;
}
