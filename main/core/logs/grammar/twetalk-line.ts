import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { applyRules, type LineFacts } from './grammar.ts';
import { sdkMessages, taskMessage } from './twetalk-messages.ts';

/**
 * A line of the Tencent IoT and TWeTalk C SDK's log (reference/twetalk.md §10): `LVL|time|file|function(line): message`. The time is
 * ticks in ms, a date and time, a date and time with ticks in parentheses, or seconds with ms.
 */
const sdkLine = /^(DIS|ERR|WRN|INF|DBG)\|([\d:. -]+)(?: \((\d+)\))?\|([^|]*)\|([^|(]*)\((\d+)\): ?/;
/** As far as a wrapped copy shows of one. */
const sdkLineBegun = /^(DIS|ERR|WRN|INF|DBG)\|/;
const taskLine = /^\[(DIS|ERR|WRN|INF|DBG)\] /;

const levels: Readonly<Record<string, LogLevel>> = { ERR: 'error', WRN: 'warn', INF: 'info', DBG: 'debug', DIS: 'verbose' };

/** What an SDK line says, `isWhole` when its prefix is there to the end. Null when it is not a line of the SDK. */
export function readSdkLine(text: string): { facts: LineFacts; isWhole: boolean } | null {
  const line = sdkLine.exec(text);
  if (line !== null) {
    const [prefix, letters = '', time = '', ticks, file = '', name = '', number] = line;
    const facts: LineFacts = { file, function: name, line: Number(number) };
    setLevel(facts, letters);
    addTime(facts, time, ticks);
    tell(facts, text.slice(prefix.length), sdkMessages);
    return { facts, isWhole: true };
  }
  const task = taskLine.exec(text);
  const begun = task ?? sdkLineBegun.exec(text);
  if (begun === null) return null;
  const facts: LineFacts = {};
  setLevel(facts, begun[1] ?? '');
  tell(facts, text.slice(begun[0].length), task === null ? [] : taskMessages);
  return { facts, isWhole: task !== null };
}

const taskMessages = [taskMessage];

function setLevel(facts: LineFacts, letters: string): void {
  const level = levels[letters];
  if (level !== undefined) facts.level = level;
}

function tell(facts: LineFacts, message: string, rules: typeof sdkMessages): void {
  facts.message = message;
  const told = applyRules(rules, message);
  if (told?.event !== undefined) facts.event = told.event;
  if (told?.payload !== undefined) facts.payload = told.payload;
}

export function addTime(facts: LineFacts, time: string, ticks: string | undefined): void {
  const value = Number(time);
  if (Number.isInteger(value)) facts.deviceMs = value;
  else if (/^\d+\.\d{3}$/.test(time)) facts.deviceMs = Math.round(value * 1000);
  else {
    facts.deviceTime = time;
    if (ticks !== undefined) facts.deviceMs = Number(ticks);
  }
}
