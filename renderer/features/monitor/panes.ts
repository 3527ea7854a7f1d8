import type { LogFilter, LogLevel, LogPattern } from '../../../preload/contract/logs.ts';
import { hasTime } from './filter-parts.ts';

/** The merged log of all ports, where a port's address could stand. */
export const allPorts = '*';
export const maximumPanes = 4;

/** One log on the screen: whose, under which filter, and what is looked for in it. */
export interface Pane {
  /** A port's address, `*` for all of them, or null: the first that is open. */
  source: string | null;
  /** Without `ports`, which follow from `source`. */
  filter: LogFilter;
  /** hide: rows that do not pass are out · dim: they stay, pale. */
  mode: 'hide' | 'dim';
  /** The whole log above, what passes the filter below. */
  isBeside: boolean;
  find: LogPattern | null;
  /** Of which log the filter's stretch of time is: the wall time it began at, in ms. Null: not known yet, or there is none. */
  timeOf: number | null;
}

export const plainPane: Pane = { source: null, filter: {}, mode: 'hide', isBeside: false, find: null, timeOf: null };

export interface PaneLayout {
  panes: readonly Pane[];
  /** The pane that tools and keys act on. */
  active: number;
}

/** A pattern in a link: `words`, or `r/words`, `c/words`, `rc/words` for a regular expression or exact case. */
export function patternToText(pattern: LogPattern): string {
  const flags = `${pattern.isRegexp ? 'r' : ''}${pattern.isCaseSensitive ? 'c' : ''}`;
  if (flags === '' && !/^(r|c|rc|-)\//.test(pattern.text)) return pattern.text;
  return `${flags === '' ? '-' : flags}/${pattern.text}`;
}

export function patternFromText(text: string): LogPattern {
  const [, flags = '', words = text] = /^(r|c|rc|-)\/(.*)$/s.exec(text) ?? [];
  return { text: words, isRegexp: flags.includes('r'), isCaseSensitive: flags.includes('c') };
}

const levelNames: readonly string[] = ['error', 'warn', 'info', 'debug', 'verbose', 'off'];
const paneKeys = [
  'port',
  'level',
  'plain',
  'tags',
  'tag',
  'event',
  'match',
  'not',
  'repeats',
  'sent',
  'from',
  'to',
  'began',
  'mode',
  'beside',
  'find',
] as const;
type PaneKey = (typeof paneKeys)[number];

/** The first pane's parameters carry no number, so that `#/monitor?port=COM7` is a whole link. */
function keyOf(name: PaneKey, index: number): string {
  return index === 0 ? name : `${name}.${index + 1}`;
}

export function readLayout(parameters: URLSearchParams): PaneLayout {
  const count = Math.min(maximumPanes, Math.max(1, Number(parameters.get('panes')) || 1));
  const panes = Array.from({ length: count }, (_, index) => readPane(parameters, index));
  const active = Math.min(count, Math.max(1, Number(parameters.get('pane')) || 1)) - 1;
  return { panes, active };
}

function readPane(parameters: URLSearchParams, index: number): Pane {
  const one = (name: PaneKey): string | null => parameters.get(keyOf(name, index));
  const many = (name: PaneKey): string[] => parameters.getAll(keyOf(name, index));
  const filter: LogFilter = {};
  const level = one('level');
  if (level !== null && levelNames.includes(level) && level !== 'off') filter.minimumLevel = level as LogLevel;
  if (one('plain') === '1') filter.keepPlain = true;
  const tagLevels = many('tags').flatMap((text): [string, LogLevel | 'off'][] => {
    const [, tag, wanted] = /^(.*):(\w+)$/s.exec(text) ?? [];
    return tag !== undefined && wanted !== undefined && levelNames.includes(wanted) ? [[tag, wanted as LogLevel]] : [];
  });
  if (tagLevels.length > 0) filter.tagLevels = Object.fromEntries(tagLevels);
  if (many('tag').length > 0) filter.tags = many('tag');
  const events = many('event');
  if (events.length > 0) filter.events = events.filter((event) => event !== '*');
  const match = one('match');
  if (match !== null) filter.pattern = patternFromText(match);
  if (many('not').length > 0) filter.exclude = many('not').slice(0, 50).map(patternFromText);
  if (one('repeats') === '1') filter.collapseRepeats = true;
  if (one('sent') === '0') filter.directions = ['received', 'notice'];
  const [fromUs, toUs] = [wholeNumber(one('from')), wholeNumber(one('to'))];
  if (fromUs !== null) filter.fromUs = fromUs;
  if (toUs !== null) filter.toUs = toUs;
  const find = one('find');
  return {
    source: one('port'),
    filter,
    mode: one('mode') === 'dim' ? 'dim' : 'hide',
    isBeside: one('beside') === '1',
    find: find === null ? null : patternFromText(find),
    timeOf: hasTime(filter) ? wholeNumber(one('began')) : null,
  };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The parameters with another layout in them; what is not the layout's stays. */
export function writeLayout(parameters: URLSearchParams, { panes, active }: PaneLayout): URLSearchParams {
  const written = new URLSearchParams(parameters);
  for (let index = 0; index < maximumPanes; index++) for (const name of paneKeys) written.delete(keyOf(name, index));
  written.delete('panes');
  written.delete('pane');
  for (const [index, pane] of panes.entries()) {
    const add = (name: PaneKey, value: string): void => written.append(keyOf(name, index), value);
    const { filter } = pane;
    if (pane.source !== null) add('port', pane.source);
    if (filter.minimumLevel !== undefined) add('level', filter.minimumLevel);
    if (filter.keepPlain === true) add('plain', '1');
    for (const [tag, level] of Object.entries(filter.tagLevels ?? {})) add('tags', `${tag}:${level}`);
    for (const tag of filter.tags ?? []) add('tag', tag);
    if (filter.events !== undefined) for (const event of filter.events.length === 0 ? ['*'] : filter.events) add('event', event);
    if (filter.pattern !== undefined) add('match', patternToText(filter.pattern));
    for (const pattern of filter.exclude ?? []) add('not', patternToText(pattern));
    if (filter.collapseRepeats === true) add('repeats', '1');
    if (filter.directions !== undefined) add('sent', '0');
    if (filter.fromUs !== undefined) add('from', String(filter.fromUs));
    if (filter.toUs !== undefined) add('to', String(filter.toUs));
    if (hasTime(filter) && pane.timeOf !== null) add('began', String(pane.timeOf));
    if (pane.mode === 'dim') add('mode', 'dim');
    if (pane.isBeside) add('beside', '1');
    if (pane.find !== null) add('find', patternToText(pane.find));
  }
  if (panes.length > 1) {
    written.set('panes', String(panes.length));
    if (active > 0) written.set('pane', String(active + 1));
  }
  return written;
}
