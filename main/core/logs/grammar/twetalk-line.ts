import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { EPOCH_MS, numberAt } from './digits.ts';
import { type LineFacts, newFacts, RuleTable } from './grammar.ts';
import { sdkMessages, taskMessage } from './twetalk-messages.ts';

const levels: ReadonlyArray<readonly [word: string, level: LogLevel]> = [
  ['INF', 'info'],
  ['DBG', 'debug'],
  ['DIS', 'verbose'],
  ['WRN', 'warn'],
  ['ERR', 'error'],
];
const BAR = 0x7c;
const taskMessages = new RuleTable([taskMessage]);

/** What an SDK line says; `isWhole` when its prefix is there to the end. */
export interface SdkLine {
  facts: LineFacts;
  isWhole: boolean;
}

/**
 * A line of the Tencent IoT and TWeTalk C SDK's log (reference/twetalk.md §10): `LVL|time|file|function(line): message`, or without a
 * time `[LVL] message`. Null when it is neither, nor the beginning of one that a copy broke.
 */
export function readSdkLine(text: string): SdkLine | null {
  if (text.charCodeAt(3) === BAR) {
    const level = levelAt(text, 0);
    if (level === undefined) return null;
    const facts = newFacts('');
    facts.level = level;
    const messageAt = readPrefix(text, facts);
    facts.message = text.slice(messageAt ?? 4);
    if (messageAt !== null) sdkMessages.read(facts.message, facts);
    return { facts, isWhole: messageAt !== null };
  }
  if (!text.startsWith('[') || !text.startsWith('] ', 4)) return null;
  const level = levelAt(text, 1);
  if (level === undefined) return null;
  const facts = newFacts(text.slice(6));
  facts.level = level;
  taskMessages.read(facts.message, facts);
  return { facts, isWhole: true };
}

function levelAt(text: string, at: number): LogLevel | undefined {
  for (const [word, level] of levels) if (text.startsWith(word, at)) return level;
  return undefined;
}

/** Time, file, function and line from behind the level; where the message begins, or null when the prefix is not whole. */
function readPrefix(text: string, facts: LineFacts): number | null {
  const timeEnd = text.indexOf('|', 4);
  const fileEnd = timeEnd < 0 ? -1 : text.indexOf('|', timeEnd + 1);
  const open = fileEnd < 0 ? -1 : text.indexOf('(', fileEnd + 1);
  const close = open < 0 ? -1 : text.indexOf('):', open + 1);
  if (close < 0) return null;
  const name = text.slice(fileEnd + 1, open);
  const line = numberAt(text, open + 1, close);
  if (name.includes('|') || close === open + 1 || !Number.isInteger(line) || !addTime(facts, text.slice(4, timeEnd))) return null;
  facts.file = text.slice(timeEnd + 1, fileEnd);
  facts.function = name;
  facts.line = line;
  return text.charCodeAt(close + 2) === 0x20 ? close + 3 : close + 2;
}

const wallTime = /^(\d[\d:. -]*\d)(?: \((\d+)\))?$/;

/** Ticks in ms, a date and time, a date and time with ticks in parentheses, or seconds with ms. False when it is none. */
export function addTime(facts: LineFacts, time: string): boolean {
  const value = numberAt(time, 0, time.length);
  const isSeconds = /^\d+\.\d{3}$/.test(time);
  if (isSeconds || (Number.isInteger(value) && time !== '')) {
    const ms = isSeconds ? Math.round(value * 1000) : value;
    if (ms < EPOCH_MS) facts.deviceMs = ms;
    else facts.deviceTime = time;
    return true;
  }
  const [, wall, ticks] = wallTime.exec(time) ?? [];
  if (wall === undefined) return false;
  facts.deviceTime = wall;
  if (ticks !== undefined) facts.deviceMs = Number(ticks);
  return true;
}
