import type { AtCommandInfo } from '../../../preload/contract/at.ts';

export interface Completion {
  /** What stands in the line when it is taken. */
  text: string;
  id: string;
  timeoutMs: number;
}

const MOST = 60;

/**
 * What may be meant by `typed`: of a line of several commands the last counts. Whoever does not begin with AT is looking for a
 * command by its name or by what it is for (`about`).
 */
export function completionsFor(typed: string, commands: readonly AtCommandInfo[], about: (id: string) => string): Completion[] {
  const split = typed.lastIndexOf(';') + 1;
  const [before, last] = [typed.slice(0, split), typed.slice(split).trim()];
  if (last === '') return [];
  const wanted = last.toLowerCase();
  const isCommand = wanted.startsWith('at') || split > 0;
  const found = commands.flatMap((command) =>
    command.forms.map((form) => ({ text: split > 0 ? form.replace(/^AT/, '') : form, id: command.id, timeoutMs: command.timeoutMs })),
  );
  const starts = found.filter(({ text }) => text.toLowerCase().startsWith(wanted));
  const rest = isCommand
    ? []
    : found.filter(({ text, id }) => text.toLowerCase().includes(wanted) || about(id).toLowerCase().includes(wanted));
  // What lists the values a command takes is asked for rarely: after all others, and by who types that far.
  const unique = [...new Map([...starts, ...rest].map((each) => [each.text, each])).values()];
  const isTest = ({ text }: Completion): boolean => text.endsWith('=?');
  return [...unique.filter((each) => !isTest(each)), ...unique.filter(isTest)]
    .slice(0, MOST)
    .map((each) => ({ ...each, text: `${before}${each.text}` }));
}

/** Commands that ask for more after a prompt. */
export function asksForData(command: string): boolean {
  return /\+(?:CMGS|CMGW|ECSMSSEND|ECCMGS|CIPSEND|SKTSENDT|ECSOSTT|FSWRITE|FSAPPEND)\b/i.test(command);
}
