import { InvalidArgumentError } from 'commander';
import { type LogFilter, type LogLevel, logLevel, logPattern } from '../../../preload/contract/logs.ts';

export interface FilterOptions {
  level?: LogLevel;
  filter?: string;
  grep?: string;
  regexp?: boolean;
  exclude?: string[];
  events?: string;
}

const letters: Record<string, LogLevel | 'off'> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose', N: 'off' };

/**
 * esp-idf-monitor's print filter: `tag:L` with L of E W I D V, or N for nothing, parted by blanks, the last for a tag counting; `*:L` is
 * for every other line. As there, a line without a level is printed unless `*:N`. Throws commander's InvalidArgumentError.
 */
export function parsePrintFilter(text: string): Pick<LogFilter, 'minimumLevel' | 'tagLevels' | 'keepPlain' | 'tags'> {
  const tagLevels: Record<string, LogLevel | 'off'> = {};
  let rest: LogLevel | 'off' | undefined;
  for (const item of text.split(/\s+/).filter((word) => word !== '')) {
    const colon = item.lastIndexOf(':');
    const tag = colon < 0 ? item : item.slice(0, colon);
    const level = colon < 0 ? 'verbose' : letters[item.slice(colon + 1).toUpperCase()];
    if (tag === '' || level === undefined) throw new InvalidArgumentError(`want tag:L with L one of E W I D V N, not ${item}`);
    if (tag === '*') rest = level;
    else tagLevels[tag] = level;
  }
  if (rest === 'off') {
    const shown = Object.keys(tagLevels).filter((tag) => tagLevels[tag] !== 'off');
    return { tags: shown, tagLevels };
  }
  return { tagLevels, keepPlain: true, ...(rest === undefined ? {} : { minimumLevel: rest }) };
}

export function parseLevel(text: string): LogLevel {
  const found = logLevel.options.find((level) => level === text.toLowerCase() || level.startsWith(text.toLowerCase()));
  if (found === undefined) throw new InvalidArgumentError(`want one of ${logLevel.options.join(', ')}`);
  return found;
}

/** The same record that the window's filter makes. */
export function filterOf(options: FilterOptions): LogFilter {
  const pattern = (text: string) => logPattern.parse({ text, isRegexp: options.regexp === true });
  return {
    ...(options.level === undefined ? {} : { minimumLevel: options.level }),
    ...(options.filter === undefined ? {} : parsePrintFilter(options.filter)),
    ...(options.grep === undefined ? {} : { pattern: pattern(options.grep) }),
    ...(options.exclude === undefined ? {} : { exclude: options.exclude.map(pattern) }),
    ...(options.events === undefined ? {} : { events: options.events.split(',').filter((name) => name !== '') }),
  };
}
