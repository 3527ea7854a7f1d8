import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import { isExpression, matchesWhole } from '../whole-match.ts';

/** What serial numbers of a list's boards look like. */
export interface SerialNumberRule {
  /** A regular expression for the whole of it. */
  matches: string;
  /** One that is right: it is what an operator is told, who reads no expressions. */
  example: string;
}

/** What is wrong with a rule, and in which member. Null for a good one. */
export function serialNumberFault({ matches, example }: SerialNumberRule): { member: keyof SerialNumberRule; reason: string } | null {
  if (!isExpression(matches)) return { member: 'matches', reason: 'not a regular expression' };
  if (isNestedRepetition(matches))
    return {
      member: 'matches',
      reason: 'a group with + or * (or alternatives) in it is itself repeated without end, which can take forever: write it without',
    };
  try {
    return matchesWhole(example, matches) ? null : { member: 'example', reason: `${example} does not match ${matches}` };
  } catch (error) {
    if (!isTalkError(error, 'timeout')) throw error;
    return { member: 'matches', reason: 'takes too long over its own example' };
  }
}

/**
 * Before a run begins. Throws TalkError 'check/no-serial-number' {matches, example}, 'check/serial-number' {serialNumber, matches, example};
 * 'check/bad-list' for an expression that does not end over this one.
 */
export function requireSerialNumber({ matches, example }: SerialNumberRule, serialNumber: string): void {
  if (serialNumber === '') throw new TalkError('check/no-serial-number', { matches, example });
  let isRight: boolean;
  try {
    isRight = matchesWhole(serialNumber, matches);
  } catch (error) {
    if (!isTalkError(error, 'timeout')) throw error;
    throw new TalkError('check/bad-list', { reason: `serialNumber.matches: takes too long over ${serialNumber}` }, { cause: error });
  }
  if (!isRight) throw new TalkError('check/serial-number', { serialNumber, matches, example });
}

const endless = /^(?:[*+]|\{\d+,\})/u;

/**
 * Whether what is repeated without end holds something that is, or alternatives: the forms that double their work with each letter. A scan, not a
 * proof: what passes is still ended by the deadline of `matchesWhole`.
 */
function isNestedRepetition(source: string): boolean {
  const groups = [false];
  let isInClass = false;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (isInClass) isInClass = character !== ']';
    else if (character === '[') isInClass = true;
    else if (character === '(') groups.push(false);
    else if (character === '|' || endless.test(source.slice(at))) groups[groups.length - 1] = true;
    else if (character === ')') {
      const isOpen = groups.pop() === true;
      const isEndless = endless.test(source.slice(at + 1));
      if (isOpen && isEndless) return true;
      if (isOpen) groups[groups.length - 1] = true;
    }
  }
  return false;
}
