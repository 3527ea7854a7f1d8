import { withDeadline } from '../logs/deadline.ts';

/** Lists are passed on: an expression may take longer than the universe over what a board says. */
const LONGEST_MATCH_MS = 200;

/** A machine that others keep busy may hold a match up that takes no time itself. */
const MOST_TRIES = 5;

/** Whether the expression of a list matches the whole of a text. Throws TalkError 'timeout' for one without end. */
export function matchesWhole(text: string, expression: string): boolean {
  const pattern = new RegExp(`^(?:${expression})$`, 'u');
  for (let tries = 1; ; tries += 1) {
    const before = process.threadCpuUsage();
    try {
      return isMatch(pattern, text);
    } catch (error) {
      const { user, system } = process.threadCpuUsage(before);
      if (tries === MOST_TRIES || (user + system) / 1000 > LONGEST_MATCH_MS / 2) throw error;
    }
  }
}

function isMatch(pattern: RegExp, text: string): boolean {
  let isFound = false;
  withDeadline('limit', LONGEST_MATCH_MS, () => {
    isFound = pattern.test(text);
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
