import type { FindingPlace, FindingReason } from '../../../../preload/contract/quality.ts';
import { distanceText, type Matcher, matches } from './matcher.ts';

/** What became of an expectation. `found` in the words of events and settings, the same in every language. */
export interface Finding {
  isMet: boolean;
  found: string;
  /** Why not; null when it is met. */
  reason: FindingReason | null;
  /** Where to look; null when nothing of it has a place. */
  place: FindingPlace | null;
}

/** Texts of a turn may be long, and a report holds many. */
const LONGEST_FOUND = 600;

export function met(found: string, place: FindingPlace | null = null): Finding {
  return { isMet: true, found: shortened(found), reason: null, place };
}

export function unmet(reason: FindingReason, found: string, place: FindingPlace | null = null): Finding {
  return { isMet: false, found: shortened(found), reason, place };
}

export function shortened(text: string): string {
  return text.length <= LONGEST_FOUND ? text : `${beginningOf(text, LONGEST_FOUND)}…`;
}

/** At most so many characters, and no word of ASCII in part: the half of a key that a cut leaves is known to no redaction. */
export function beginningOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  return inWord.test(text.charAt(most)) ? cut.replace(lastOfWord, '') : cut;
}

const inWord = /[!#-~]/;
const lastOfWord = /[!#-~]{1,200}$/;

/** Every fact fits. A fact that is not known fits no condition on a number: `not-measured`. */
export function allMet(wanted: Readonly<Record<string, Matcher | undefined>>, facts: object, place: FindingPlace | null = null): Finding {
  const values = facts as Readonly<Record<string, unknown>>;
  const conditions = Object.entries(wanted).filter((entry): entry is [string, Matcher] => entry[1] !== undefined);
  const found = conditions
    .map(([key, condition]) => `${key} ${JSON.stringify(values[key]) ?? 'unknown'}${distanceText(values[key], condition)}`)
    .join(', ');
  const failed = conditions.filter(([key, condition]) => !matches(values[key], condition));
  if (failed.length === 0) return met(found, place);
  return unmet(failed.every(([key]) => values[key] === undefined) ? 'not-measured' : 'value', found, place);
}

/** Several findings about one thing: met when all are, with the reason of the first that is not. */
export function together(findings: readonly Finding[], place: FindingPlace | null = null): Finding {
  const found = findings
    .map((finding) => finding.found)
    .filter((text) => text !== '')
    .join('; ');
  const failed = findings.find(({ isMet }) => !isMet);
  return failed === undefined ? met(found, place) : unmet(failed.reason ?? 'value', found, failed.place ?? place);
}
