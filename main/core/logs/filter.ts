import { compilePattern } from '../../../preload/contract/log-pattern.ts';
import type { LogDirection, LogFilter, LogLevel } from '../../../preload/contract/logs.ts';

export const logLevels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'verbose'];

/** What of a row a filter looks at. */
export interface Judged {
  port: string;
  atUs: number;
  direction: LogDirection;
  text: string;
  level?: LogLevel | undefined;
  tag?: string | undefined;
  file?: string | undefined;
  event?: string | undefined;
}

/** Everything but `collapseRepeats`, which is the view's business. Throws TalkError 'bad-request' for an expression that is none. */
export function rowMatcher(filter: LogFilter): (row: Judged) => boolean {
  const tests: ((row: Judged) => boolean)[] = [];
  const { ports, directions, tags, events, pattern, exclude, fromUs, toUs } = filter;
  if (ports !== undefined) tests.push(({ port }) => ports.includes(port));
  if (directions !== undefined) tests.push(({ direction }) => directions.includes(direction));
  if (fromUs !== undefined) tests.push(({ atUs }) => atUs >= fromUs);
  if (toUs !== undefined) tests.push(({ atUs }) => atUs <= toUs);
  if (tags !== undefined) tests.push((row) => tags.includes(labelOf(row) ?? ''));
  if (filter.minimumLevel !== undefined || filter.tagLevels !== undefined) tests.push(levelTest(filter));
  if (events !== undefined)
    tests.push(({ event }) => event !== undefined && (events.length === 0 || events.some((name) => event.startsWith(name))));
  if (pattern !== undefined && pattern.text !== '') {
    const expression = compilePattern(pattern);
    tests.push(({ text }) => expression.test(text));
  }
  for (const each of exclude ?? []) {
    if (each.text === '') continue;
    const expression = compilePattern(each);
    tests.push(({ text }) => !expression.test(text));
  }
  return (row) => tests.every((test) => test(row));
}

/** What stands in the tag column. */
export function labelOf(row: { tag?: string | undefined; file?: string | undefined }): string | undefined {
  return row.tag ?? row.file;
}

function levelTest({ minimumLevel, tagLevels = {}, keepPlain = false }: LogFilter): (row: Judged) => boolean {
  return (row) => {
    const label = labelOf(row);
    const own = label === undefined || !Object.hasOwn(tagLevels, label) ? undefined : tagLevels[label];
    if (own === 'off') return false;
    const limit = own ?? minimumLevel;
    if (limit === undefined) return true;
    return row.level === undefined ? keepPlain : logLevels.indexOf(row.level) <= logLevels.indexOf(limit);
  };
}
