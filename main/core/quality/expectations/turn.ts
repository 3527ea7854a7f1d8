import type { FindingPlace } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { measured, recordOf } from '../../analysis/metrics.ts';
import { allMet, type Finding, met, together, unmet } from './finding.ts';
import { factsMatch } from './matcher.ts';
import type { TurnExpectation, TurnSelector } from './schema.ts';

type TurnConditions = Omit<TurnExpectation, 'turn' | 'conversation'>;

/** Turns in their order. A number is the turn's own, of the first conversation unless another is named. */
export function findTurns({ turn: selector, conversation, ...conditions }: TurnExpectation, turns: readonly TurnRecord[]): Finding {
  const own = conversation === undefined ? turns : ofConversation(turns, conversation);
  const chosen = chosenTurns(selector, conversation === undefined && typeof selector === 'number' ? ofConversation(turns, 1) : own);
  if (chosen.length === 0) return unmet('no-such-turn', `turns ${own.length}`);
  const findings = chosen.map((turn) => findTurn(conditions, turn));
  const [first] = findings;
  if (first === undefined || findings.length === 1) return first ?? unmet('no-such-turn', 'turns 0');
  const failed = findings.filter(({ isMet }) => !isMet);
  if (selector === 'any')
    return failed.length < findings.length ? met(`${findings.length - failed.length} of ${findings.length} turns`) : first;
  if (failed[0] === undefined) return met(`all ${findings.length} turns`, first.place);
  return { ...failed[0], found: `${failed.length} of ${findings.length} turns: turn ${failed[0].place?.turnId ?? '?'} ${failed[0].found}` };
}

export function ofConversation(turns: readonly TurnRecord[], number: number): TurnRecord[] {
  const ids = [...new Set(turns.map(({ conversationId }) => conversationId))];
  return turns.filter(({ conversationId }) => conversationId === ids[number - 1]);
}

function chosenTurns(selector: TurnSelector, turns: readonly TurnRecord[]): readonly TurnRecord[] {
  if (selector === 'all' || selector === 'any') return turns;
  if (selector === 'last') return turns.slice(-1);
  if (selector === 'spoken') return turns.filter(({ initiator }) => initiator === 'user-speech');
  if (typeof selector === 'number') return turns.filter(({ turnId }) => turnId === selector);
  return turns.filter((turn) => factsMatch(turn, selector));
}

export function placeOf({ conversationId, turnId, startedUs }: TurnRecord): FindingPlace {
  return { conversationId, turnId, atUs: startedUs };
}

function findTurn({ isCutShort, tool, toolCalls, latency, interruption, ...texts }: TurnConditions, turn: TurnRecord): Finding {
  const { breakdown } = turn;
  const findings: Finding[] = [allMet(texts, turn)];
  if (isCutShort !== undefined) {
    const [whole, heard] = [bare(turn.replyText), bare(turn.heardText)];
    const isCut = heard.length < whole.length && whole.startsWith(heard);
    const found = `heard “${turn.heardText}” of “${turn.replyText}”`;
    findings.push(isCut === isCutShort ? met(found) : unmet('value', found));
  }
  if (tool !== undefined) {
    const isCalled = turn.toolCalls.some((call) => call.name === tool.name && factsMatch(call, tool.where));
    const found = toolsText(turn.toolCalls);
    findings.push(isCalled ? met(found) : unmet('tool-missing', found));
  }
  if (toolCalls !== undefined) findings.push(allMet({ toolCalls }, { toolCalls: turn.toolCalls.length }));
  if (latency !== undefined) {
    const values = recordOf(measured(turn).values);
    const { v2v_device: total } = values;
    findings.push(allMet(latency, { ...values, ...(total !== undefined && { total, v2v: total }) }));
  }
  if (interruption !== undefined) {
    const spans = Object.entries(breakdown.interruption ?? {}).flatMap(([key, us]) =>
      us === null ? [] : [[key.replace(/Us$/u, ''), us / 1000]],
    );
    findings.push(allMet(interruption, Object.fromEntries(spans)));
  }
  return together(findings, placeOf(turn));
}

export function toolsText(calls: TurnRecord['toolCalls']): string {
  return JSON.stringify(calls.map(({ name, arguments: given, isOk, result }) => ({ name, given, isOk, result })));
}

/** Text without what is not spoken: punctuation, spaces, markup. */
function bare(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '');
}
