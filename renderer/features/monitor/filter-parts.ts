import type { LogFilter, LogLevel, LogPattern } from '../../../preload/contract/logs.ts';

/** One condition of a filter, as a chip shows it and takes it away. */
export type FilterPart =
  | { kind: 'level'; level: LogLevel }
  | { kind: 'plain' }
  | { kind: 'tagLevel'; tag: string; level: LogLevel | 'off' }
  | { kind: 'tag'; tag: string }
  | { kind: 'anyEvent' }
  | { kind: 'event'; event: string }
  | { kind: 'pattern'; pattern: LogPattern }
  | { kind: 'exclude'; pattern: LogPattern }
  | { kind: 'repeats' }
  | { kind: 'directions' }
  | { kind: 'time'; fromUs: number | undefined; toUs: number | undefined };

export function partsOf(filter: LogFilter): FilterPart[] {
  return [
    ...(filter.minimumLevel === undefined ? [] : [{ kind: 'level' as const, level: filter.minimumLevel }]),
    ...(filter.keepPlain === true ? [{ kind: 'plain' as const }] : []),
    ...Object.entries(filter.tagLevels ?? {}).map(([tag, level]) => ({ kind: 'tagLevel' as const, tag, level })),
    ...(filter.tags ?? []).map((tag) => ({ kind: 'tag' as const, tag })),
    ...(filter.events?.length === 0 ? [{ kind: 'anyEvent' as const }] : []),
    ...(filter.events ?? []).map((event) => ({ kind: 'event' as const, event })),
    ...(filter.pattern === undefined ? [] : [{ kind: 'pattern' as const, pattern: filter.pattern }]),
    ...(filter.exclude ?? []).map((pattern) => ({ kind: 'exclude' as const, pattern })),
    ...(filter.collapseRepeats === true ? [{ kind: 'repeats' as const }] : []),
    ...(filter.directions === undefined ? [] : [{ kind: 'directions' as const }]),
    ...(hasTime(filter) ? [{ kind: 'time' as const, fromUs: filter.fromUs, toUs: filter.toUs }] : []),
  ];
}

/** Conditions that say which rows are wanted. Collapsing repeats is not one: it hides nothing new. */
export function isSelective(filter: LogFilter): boolean {
  return partsOf(filter).some((part) => part.kind !== 'repeats' && part.kind !== 'plain');
}

export function withoutPart(filter: LogFilter, part: FilterPart): LogFilter {
  const rest = { ...filter };
  switch (part.kind) {
    case 'level':
      delete rest.minimumLevel;
      return rest;
    case 'plain':
      delete rest.keepPlain;
      return rest;
    case 'tagLevel':
      return withTagLevel(rest, part.tag, null);
    case 'tag':
      return listed(
        rest,
        'tags',
        rest.tags?.filter((tag) => tag !== part.tag),
      );
    case 'anyEvent':
      delete rest.events;
      return rest;
    case 'event':
      return listed(
        rest,
        'events',
        rest.events?.filter((event) => event !== part.event),
      );
    case 'pattern':
      delete rest.pattern;
      return rest;
    case 'exclude':
      return listed(
        rest,
        'exclude',
        rest.exclude?.filter((pattern) => pattern !== part.pattern),
      );
    case 'repeats':
      delete rest.collapseRepeats;
      return rest;
    case 'directions':
      delete rest.directions;
      return rest;
    case 'time':
      return withTime(rest, null);
  }
}

export function hasTime({ fromUs, toUs }: LogFilter): boolean {
  return fromUs !== undefined || toUs !== undefined;
}

/** Only rows of a stretch of session time; null: of any time. */
export function withTime(filter: LogFilter, time: Pick<LogFilter, 'fromUs' | 'toUs'> | null): LogFilter {
  const { fromUs: _from, toUs: _to, ...rest } = filter;
  if (time === null) return rest;
  // A stretch drawn on the screen has no whole microseconds: none of its rows may be left out.
  return {
    ...rest,
    ...(time.fromUs === undefined ? {} : { fromUs: Math.floor(time.fromUs) }),
    ...(time.toUs === undefined ? {} : { toUs: Math.ceil(time.toUs) }),
  };
}

/** A list of conditions; an empty one is none. */
function listed<Name extends 'tags' | 'events' | 'exclude'>(filter: LogFilter, name: Name, list: LogFilter[Name]): LogFilter {
  const { [name]: _, ...rest } = filter;
  return list === undefined || list.length === 0 ? rest : { ...rest, [name]: list };
}

export function withTagLevel(filter: LogFilter, tag: string, level: LogLevel | 'off' | null): LogFilter {
  const { tagLevels, ...rest } = filter;
  const levels = Object.entries(tagLevels ?? {}).filter(([each]) => each !== tag);
  if (level !== null) levels.push([tag, level]);
  return levels.length === 0 ? rest : { ...rest, tagLevels: Object.fromEntries(levels) };
}

export function withOnlyTag(filter: LogFilter, tag: string, isWanted: boolean): LogFilter {
  const tags = (filter.tags ?? []).filter((each) => each !== tag);
  return listed(filter, 'tags', isWanted ? [...tags, tag] : tags);
}

export function withPattern(filter: LogFilter, pattern: LogPattern | null): LogFilter {
  const { pattern: _, ...rest } = filter;
  return pattern === null || pattern.text === '' ? rest : { ...rest, pattern };
}

export function withExcluded(filter: LogFilter, text: string): LogFilter {
  const pattern = { text, isRegexp: false, isCaseSensitive: true };
  if (text === '' || (filter.exclude ?? []).some((each) => each.text === text)) return filter;
  return { ...filter, exclude: [...(filter.exclude ?? []), pattern].slice(-50) };
}

export function withMinimumLevel(filter: LogFilter, level: LogLevel | null): LogFilter {
  const { minimumLevel: _, ...rest } = filter;
  return level === null ? rest : { ...rest, minimumLevel: level };
}

export function withFlag(filter: LogFilter, flag: 'keepPlain' | 'collapseRepeats', isOn: boolean): LogFilter {
  const { [flag]: _, ...rest } = filter;
  return isOn ? { ...rest, [flag]: true } : rest;
}

export function withEvents(filter: LogFilter, events: string[] | null): LogFilter {
  const { events: _, ...rest } = filter;
  return events === null ? rest : { ...rest, events };
}

export function withSent(filter: LogFilter, isShown: boolean): LogFilter {
  const { directions: _, ...rest } = filter;
  return isShown ? rest : { ...rest, directions: ['received', 'notice'] };
}
