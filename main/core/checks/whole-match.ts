import { withDeadline } from '../logs/deadline.ts';

/** Lists are passed on: an expression may take longer than the universe over what a board says. */
const LONGEST_MATCH_MS = 200;

/** Whether the expression of a list matches the whole of a text. Throws TalkError 'timeout' for one without end. */
export function matchesWhole(text: string, expression: string): boolean {
  let isFound = false;
  withDeadline('limit', LONGEST_MATCH_MS, () => {
    isFound = new RegExp(`^(?:${expression})$`, 'u').test(text);
  });
  return isFound;
}

export function isExpression(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
