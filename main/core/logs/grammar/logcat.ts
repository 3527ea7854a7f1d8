import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, type Grammar, type LineFacts, newFacts, RuleTable } from './grammar.ts';

/** Android's `adb logcat` in its forms threadtime (the default), time and brief. */
const threadTime = /^((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}) +(\d+) +(\d+) ([VDIWEF]) ([^:]{0,100}?) *: ?(.*)$/s;
const timed = /^((?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}) ([VDIWEF])\/([^(]{1,100}?) *\( *(\d+)\): ?(.*)$/s;
const brief = /^([VDIWEF])\/([^(]{1,100}?) *\( *(\d+)\): ?(.*)$/s;
const SLASH = 0x2f;
const divider = /^-{9} (?:beginning of|switch to) \w+/;

const levels: Readonly<Record<string, LogLevel>> = { V: 'verbose', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'error' };

const messages = new RuleTable([
  { pattern: /^FATAL EXCEPTION: (.*)$/, event: 'panic', payload: ([text, task]) => ({ reason: text, task }) },
  { pattern: /^Fatal signal \d+ \((\w+)\)/, event: 'panic', payload: ([, reason]) => ({ reason }) },
]);

export const logcat: Grammar = {
  name: 'logcat',
  begins: [threadTime, timed, brief, divider],
  match(text) {
    const facts = factsOf(text);
    return facts === null ? null : alone(facts);
  },
};

function factsOf(text: string): LineFacts | null {
  if (text.charCodeAt(1) === SLASH) return briefFacts(text);
  if (text.startsWith('---')) return divider.test(text) ? newFacts(text) : null;
  const thread = threadTime.exec(text);
  if (thread !== null) return rowFacts(thread[4], thread[5], thread[6], thread[1]);
  const time = timed.exec(text);
  if (time !== null) return rowFacts(time[2], time[3], time[5], time[1]);
  return null;
}

function briefFacts(text: string): LineFacts | null {
  const found = brief.exec(text);
  return found === null ? null : rowFacts(found[1], found[2], found[4], undefined);
}

function rowFacts(letter = '', tag = '', message = '', time: string | undefined): LineFacts {
  const facts = newFacts(message);
  facts.level = levels[letter];
  facts.deviceTime = time;
  facts.tag = tag;
  messages.read(message, facts);
  return facts;
}
