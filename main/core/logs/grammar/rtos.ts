import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, type Grammar, type LineFacts, newFacts } from './grammar.ts';

/**
 * Logs of other systems that voice boards run: Zephyr, RT-Thread (ulog and rtdbg) and Winner Micro's SDK, which is under LuatOS on
 * an Air6208.
 */
const zephyr = /^(?:uart:~\$ )?\[(\d\d):(\d\d):(\d\d)\.(\d{3}),\d{3}\] <(err|wrn|inf|dbg)> ([\w.-]{1,64}): ?(.*)$/s;
const winnerMicro = /^\[([EWIDV])\] \((\d{1,10})\) ([^:]{1,64}): ?(.*)$/s;
const ulog = /^(?:(\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) )?([AEWID])\/([\w.-]{1,32}): (.*)$/s;
const rtdbg = /^\[([EWID])\/([\w.-]{1,32})\] ?(.*)$/s;

const levels: Readonly<Record<string, LogLevel>> = {
  err: 'error',
  wrn: 'warn',
  inf: 'info',
  dbg: 'debug',
  A: 'error',
  E: 'error',
  W: 'warn',
  I: 'info',
  D: 'debug',
  V: 'verbose',
};

export const rtos: Grammar = {
  name: 'rtos',
  begins: [zephyr, winnerMicro, ulog, rtdbg],
  match(text) {
    const facts = text.charCodeAt(0) === 0x5b || text.startsWith('uart') ? bracketFacts(text) : ulogFacts(text);
    return facts === null ? null : alone(facts);
  },
};

function bracketFacts(text: string): LineFacts | null {
  const stamped = zephyr.exec(text);
  if (stamped !== null) {
    const [, hours, minutes, seconds, milliseconds, level, tag, message] = stamped;
    const deviceMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(milliseconds);
    return rowFacts(level, tag, message, { deviceMs });
  }
  const ticked = winnerMicro.exec(text);
  if (ticked !== null) return rowFacts(ticked[1], ticked[3], ticked[4], { deviceMs: Number(ticked[2]) });
  const short = rtdbg.exec(text);
  return short === null ? null : rowFacts(short[1], short[2], short[3]);
}

function ulogFacts(text: string): LineFacts | null {
  const found = ulog.exec(text);
  return found === null ? null : rowFacts(found[2], found[3], found[4], { deviceTime: found[1] });
}

function rowFacts(word = '', tag = '', message = '', time: Pick<LineFacts, 'deviceMs' | 'deviceTime'> = {}): LineFacts {
  const facts = newFacts(message);
  facts.level = levels[word];
  facts.deviceMs = time.deviceMs;
  facts.deviceTime = time.deviceTime;
  facts.tag = tag;
  return facts;
}
