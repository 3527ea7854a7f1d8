import { type Block, continuing, type GrammarMatch, newFacts } from './grammar.ts';
import { readSdkLine } from './twetalk-line.ts';

/** What the lines of one log have shown of how it was copied. */
export interface Copying {
  /** It was wrapped at a page's width: a prefix broke, which no board does. */
  isWrapped: boolean;
}

/** Longer than any copy's breaks. */
const MAX_WRAPPED_ROWS = 6;
/** No document breaks shorter lines than this, save before a long word, which a broken prefix is. */
const MIN_BROKEN_CHARACTERS = 45;

/** SDK messages that have begun and are not over (reference/twetalk.md §10.5, 7, 8). */
const begunMessages: readonly RegExp[] = [
  /^(?:\S{1,4} )?\[\d+\]$/,
  /^calling(?: roomid:)?$/,
  /^user$/,
  /^user (?:answer|hangup)(?!.*openid:\s+\S)/,
  /^(?:mqtt|mqtt connect with id:(?: \S+)?|connected|connected with(?: TCP(?: server:)?)?)$/,
  /^SDK_Ver:(?!.*Device_Name:\s*\S)/,
  /^created task (?!.*Kbytes)/,
  /^subscribe(?: topic_name=[^|]*)?$/,
  /^publish(?: qos=\d[^{]*)?$/,
  /^(?:receive \w+ message:|twecall message arrived:)$/,
  /^ws url (?!.*connect : -?\d)/,
  /^Received Ping, auto-replied Pong$/,
  // A URL or a list of fields broke.
  /[?&=|]$/,
];

/**
 * Copies of a log out of a PDF break a line into two to four, even inside the time. What follows an SDK line that is visibly
 * not over, or any long one in a copy that is known to be wrapped, is its rest; the rest carries what only the whole line tells.
 */
export function matchWrapped(text: string, block: Block | null): GrammarMatch | null {
  if (block === null || block.name !== 'line' || block.gap > 0 || block.rows >= MAX_WRAPPED_ROWS || text.trim() === '') return null;
  const copying = block.state as Copying;
  const openness = opennessOf(block.text);
  if (openness === 'whole' || (openness === 'unknown' && !(copying.isWrapped && block.text.length >= MIN_BROKEN_CHARACTERS))) return null;
  if (openness === 'prefix') copying.isWrapped = true;
  const whole = joinWrapped(block.text, text);
  const facts = readSdkLine(whole)?.facts ?? newFacts(text);
  const { event, payload } = facts;
  const isNewEvent = event !== undefined && event !== block.event;
  const isNewPayload = payload !== undefined && JSON.stringify(payload) !== JSON.stringify(block.payload);
  facts.message = text;
  if (!isNewEvent) facts.event = undefined;
  if (!isNewEvent && !isNewPayload) facts.payload = undefined;
  return continuing(facts, { text: whole });
}

/** 'prefix': it broke before its message; 'message': the message is not over; 'whole': it is; 'unknown': any text may be. */
function opennessOf(text: string): 'prefix' | 'message' | 'whole' | 'unknown' {
  const line = readSdkLine(text);
  const message = line?.facts.message.trimEnd() ?? '';
  if (line?.isWhole !== true || message === '' || /^(?:\S{1,4} )?\[\d+\]$/.test(message)) return 'prefix';
  if (begunMessages.some((begun) => begun.test(message)) || hasOpenBrace(message)) return 'message';
  return line.facts.event === undefined ? 'unknown' : 'whole';
}

function hasOpenBrace(message: string): boolean {
  if (!message.includes('{"')) return false;
  let depth = 0;
  for (const brace of message) depth += brace === '{' ? 1 : brace === '}' ? -1 : 0;
  return depth > 0;
}

function joinWrapped(first: string, rest: string): string {
  // A break stands for the blank it replaced, except inside a field or a URL.
  return /[|?&=]$/.test(first) ? first + rest : `${first.trimEnd()} ${rest}`;
}
