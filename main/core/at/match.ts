import type { AtValue } from '../../../preload/contract/at.ts';
import { specOf } from './catalogue.ts';
import { type AtPart, prefixOf } from './command.ts';
import { decodeUnasked, isOnlyUnasked } from './unasked.ts';

/** Whether a line answers what was asked. Told by the command, its form and the number and kind of fields: the same prefix may do both. */
export function answers(parts: readonly AtPart[], line: string, linesBefore: readonly string[]): boolean {
  const prefix = prefixOf(line);
  if (prefix !== null) return parts.some((part) => answersPrefixed(part, prefix));
  return parts.some((part) => isNamedAfter(line, part) || answersBare(part, line, linesBefore));
}

function answersPrefixed(part: AtPart, { name, rest }: { name: string; rest: string }): boolean {
  const spec = specOf(part.name);
  if (!(spec?.prefixes ?? [part.name]).includes(name)) return false;
  const shape = spec?.answer?.[part.form];
  if (shape !== undefined) return shape.test(rest);
  if (part.form === 'test') return true;
  // What is switched on by a set speaks for itself from then on.
  const isReport = part.form !== 'read' && spec?.prefixes === undefined && isOnlyUnasked(name);
  return !isReport && spec?.urc?.test(rest) !== true;
}

/** `+CPOL=1,…` and `+CCHC` are how some answers look. */
function isNamedAfter(line: string, { name }: AtPart): boolean {
  return /^[+*^]/.test(name) && line.toUpperCase().startsWith(name) && /^(?:=|$)/.test(line.slice(name.length));
}

function answersBare(part: AtPart, line: string, linesBefore: readonly string[]): boolean {
  const spec = specOf(part.name);
  if (spec?.bare?.test(line) === true && part.form !== 'read') return isUnnamed(line);
  const last = linesBefore.at(-1);
  if (last !== undefined) {
    // A prefix with nothing after it is a heading: what it announces follows.
    const heading = prefixOf(last);
    const isHeaded = heading !== null && heading.rest === '';
    if (isHeaded || spec?.continues?.test(line) === true)
      return spec?.continues === undefined || spec.continues.test(line) ? isUnnamed(line) : false;
  }
  // Of a command nobody has told us of, any line may be the answer, except one that is known to come by itself.
  if (spec === undefined && part.name !== 'AT') return isUnnamed(line);
  return part.form === 'test' && line.startsWith('(');
}

function isUnnamed(line: string): boolean {
  return !/^[+^*$%]/.test(line) && decodeUnasked(line) === null;
}

/** All that the lines of a finished answer say, each command taking its own. */
export function decodeAnswer(parts: readonly AtPart[], lines: readonly string[]): AtValue[] {
  return parts.flatMap((part) => {
    const own = parts.length === 1 ? lines : lines.filter((line, at) => answers([part], line, lines.slice(0, at)));
    return own.length === 0 ? [] : (specOf(part.name)?.decode?.({ part, lines: own }) ?? []);
  });
}
