import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { applyRules, type Block, type Grammar, type GrammarMatch, type LineFacts } from './grammar.ts';
import { sdkMessages, taskMessage } from './twetalk-messages.ts';

/**
 * The Tencent IoT and TWeTalk C SDK's log (reference/twetalk.md §10): `LVL|time|file|function(line): message`. The time is
 * ticks in ms, a date and time, a date and time with ticks in parentheses, or seconds with ms.
 */
const sdkLine = /^(DIS|ERR|WRN|INF|DBG)\|([\d:. -]+?)(?: \((\d+)\))?\|([^|]*)\|([^|(]*)\((\d+)\): ?(.*)$/s;
/** Longer than any copy's breaks; what a board prints by itself after an SDK line must not be claimed for ever. */
const MAX_WRAPPED_ROWS = 6;
/** As far as a wrapped copy shows of one. */
const sdkLineBegun = /^(DIS|ERR|WRN|INF|DBG)\|(.*)$/s;
const taskLine = /^\[(DIS|ERR|WRN|INF|DBG)\] (.*)$/s;
const hexDump = /^([\d:. -]+)\|([^|]+)\|([^|(]+)\((\d+)\) (.*?) length : (\d+), data : ?$/;
const hexDumpLine = /^(?:offset: |[0-9a-f]{4,8}h: )/i;
const bannerRule = /^={4,}\s*$/;
const bannerTitle = /^TWeTalk Device Information\s*$/;
const bannerField = /^(current version|build time|device_id|version|device id|device|product)\s*: (.+?)\s*$/i;

const levels: Record<string, LogLevel> = { ERR: 'error', WRN: 'warn', INF: 'info', DBG: 'debug', DIS: 'verbose' };

export const twetalk: Grammar = {
  name: 'twetalk',
  match(text, block) {
    if (sdkLineBegun.test(text) || taskLine.test(text)) return { facts: factsOf(text) ?? { message: text }, opens: 'line' };
    return matchHexDump(text, block) ?? matchBanner(text, block) ?? matchWrapped(text, block);
  },
};

function factsOf(text: string): LineFacts | null {
  const line = sdkLine.exec(text);
  if (line !== null) {
    const [, letters, time = '', ticks, file = '', name = '', number, message = ''] = line;
    return {
      ...levelOf(letters),
      ...timeFacts(time, ticks),
      file,
      function: name,
      line: Number(number),
      message,
      ...applyRules(sdkMessages, message),
    };
  }
  const task = taskLine.exec(text);
  if (task !== null) return { ...levelOf(task[1]), message: task[2] ?? '', ...applyRules([taskMessage], task[2] ?? '') };
  const begun = sdkLineBegun.exec(text);
  return begun === null ? null : { ...levelOf(begun[1]), message: begun[2] ?? '' };
}

function levelOf(letters: string | undefined): LineFacts {
  const level = levels[letters ?? ''];
  return level === undefined ? {} : { level };
}

function timeFacts(time: string, ticks: string | undefined): LineFacts {
  if (/^\d+$/.test(time)) return { deviceMs: Number(time) };
  if (/^\d+\.\d{3}$/.test(time)) return { deviceMs: Math.round(Number(time) * 1000) };
  return { deviceTime: time, ...(ticks === undefined ? {} : { deviceMs: Number(ticks) }) };
}

function matchHexDump(text: string, block: Block | null): GrammarMatch | null {
  const head = hexDump.exec(text);
  if (head !== null) {
    const [, time = '', file = '', name = '', number, title, bytes] = head;
    return {
      facts: {
        ...timeFacts(time, undefined),
        file,
        function: name,
        line: Number(number),
        message: `${title} length : ${bytes}`,
        event: 'twetalk.hex-dump',
        payload: { name: title, bytes: Number(bytes) },
      },
      opens: 'hex-dump',
    };
  }
  return block?.name === 'hex-dump' && hexDumpLine.test(text) ? { facts: { message: text }, continues: {} } : null;
}

function matchBanner(text: string, block: Block | null): GrammarMatch | null {
  const isInBanner = block?.name === 'banner';
  if (bannerTitle.test(text)) return { facts: { message: text, event: 'twetalk.banner' }, opens: 'banner' };
  if (bannerRule.test(text))
    return isInBanner ? { facts: { message: text }, continues: {} } : { facts: { message: text }, opens: 'banner' };
  const field = isInBanner ? bannerField.exec(text) : null;
  if (field === null) return null;
  const [, key = '', value] = field;
  return { facts: { message: text, event: 'twetalk.banner', payload: { key: key.toLowerCase(), value } }, continues: {} };
}

/**
 * Copies of a log out of a PDF break a line into two to four, even inside the time. What has no prefix and follows an SDK
 * line is its rest; the rest carries what only the whole line tells.
 */
function matchWrapped(text: string, block: Block | null): GrammarMatch | null {
  if (block === null || block.name !== 'line' || block.gap > 0 || block.rows >= MAX_WRAPPED_ROWS || text.trim() === '') return null;
  const whole = joinWrapped(block.text, text);
  const { event, payload, level, ...facts } = factsOf(whole) ?? {};
  const isNewEvent = event !== undefined && event !== block.event;
  const isNewPayload = payload !== undefined && JSON.stringify(payload) !== JSON.stringify(block.payload);
  return {
    facts: {
      ...facts,
      ...(level === undefined ? {} : { level }),
      message: text,
      ...(isNewEvent ? { event } : {}),
      ...(isNewEvent || isNewPayload ? { payload } : {}),
    },
    continues: { text: whole },
  };
}

function joinWrapped(first: string, rest: string): string {
  // A break stands for the blank it replaced, except inside a field or a URL.
  return /[|?&=]$/.test(first) ? first + rest : `${first.trimEnd()} ${rest}`;
}
