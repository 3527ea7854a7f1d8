import { compilePattern } from '../../../preload/contract/log-pattern.ts';
import type { LogFilter, LogLevel, LogPattern, LogRow } from '../../../preload/contract/logs.ts';

const severity: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'verbose'];

/**
 * Whether rows pass a filter, for showing the others pale. What is in a view is the core's decision; this is the same rule for the few
 * rows on the screen. A faulty expression makes nothing pale: the field says what is wrong with it.
 */
export function judgeOf(filter: LogFilter): (row: LogRow) => boolean {
  const wanted = filter.pattern === undefined ? null : testOf(filter.pattern);
  const unwanted = (filter.exclude ?? []).map(testOf).filter((test) => test !== null);
  return (row) => {
    if (filter.directions !== undefined && !filter.directions.includes(row.direction)) return false;
    if (row.atUs < (filter.fromUs ?? Number.NEGATIVE_INFINITY) || row.atUs > (filter.toUs ?? Number.POSITIVE_INFINITY)) return false;
    const tag = row.tag ?? row.file;
    if (filter.tags !== undefined && (tag === undefined || !filter.tags.includes(tag))) return false;
    const threshold = (tag === undefined ? undefined : filter.tagLevels?.[tag]) ?? filter.minimumLevel;
    if (threshold === 'off') return false;
    if (threshold !== undefined) {
      if (row.level === undefined ? filter.keepPlain !== true : severity.indexOf(row.level) > severity.indexOf(threshold)) return false;
    }
    if (filter.events !== undefined && !isWantedEvent(row.event, filter.events)) return false;
    return (wanted?.(row.text) ?? true) && !unwanted.some((test) => test(row.text));
  };
}

function isWantedEvent(event: string | undefined, prefixes: readonly string[]): boolean {
  return event !== undefined && (prefixes.length === 0 || prefixes.some((prefix) => event.startsWith(prefix)));
}

function testOf(pattern: LogPattern): ((text: string) => boolean) | null {
  try {
    const expression = compilePattern(pattern);
    return (text) => expression.test(text);
  } catch {
    return null;
  }
}
