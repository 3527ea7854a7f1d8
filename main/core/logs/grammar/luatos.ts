import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { continuing, factsWith, type Grammar, type GrammarMatch, type LineFacts, newFacts, opening } from './grammar.ts';
import { readLuatosMessage } from './luatos-messages.ts';

/**
 * LuatOS on cellular and Wi-Fi modules (reference/cat1.md §6.4). `[date time]` is the recording tool's, `[s.ms]` the device's;
 * chips of several processors put `[CPU1][CAPP/N]` between. The rest is `L/tag text`, `function line:text` or bare text.
 */
const stamped =
  /^(?:\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\])?((?:\[(?:CPU\d|[A-Z!]{2,6}\/[A-Z])\])*)(?:\[(\d{1,9})\.(\d{3})\]:?)? ?(.*)$/s;
const levelled = /^([EWIDV])\/(\S{1,200})(?:[ \t]+(.*))?$/s;
/** Scripts and the firmware use lower-case tags; Android's have a process number behind them, RT-Thread's a colon. */
const bareLevelled = /^[EWIDV]\/[a-z]\S{0,200}(?<!:)(?:[ \t]|$)/;
const inFunction = /^([A-Za-z_]\w{1,60}) (\d{1,5}):(.*)$/s;
const bareFunction =
  /^(?:main_entry|__start|am_\w+|self_info|bsp_\w+|BSP_\w+|luat_\w+|soc_\w+|network_\w+|dns_\w+|prvSimCheck|Uart_\w+|I2C_\w+|SPI_\w+|GPIO_\w+|ADC_\w+) \d{1,5}:/;
const status =
  /^(?:BASEINFO:|\+SOC[A-Z]+:|\+(?:MEM|FW|HW|WIFI_FW|PDP|NETSTAT|NETDRV):|soc poweron:|net\.NET_UPD_NET_MODE|UART Boot Completed)/;
const tool = /^(?:工具提示:|trace lost \d)/;
const traceback = /^(?:stack traceback:|\S{1,200}:\d+: in |\[C\]: in |\.\.\.\s*\(|\(\.\.\.tail calls\.\.\.\))/;
const tracebackHead = /^stack traceback:/;
/** Every stamped line that is LuatOS's begins so. */
const stampedHead = /^\[(?:\d{4}-\d\d-|CPU\d\]|[A-Z!]{2,6}\/|\d{1,9}\.)/;

const SLASH = 0x2f;

const levels: Readonly<Record<string, LogLevel>> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose', N: 'info' };

export const luatos: Grammar = {
  name: 'luatos',
  begins: [stampedHead, bareLevelled, bareFunction, status, tracebackHead],
  match(text, block) {
    if (text.charCodeAt(0) === 0x5b) {
      const facts = stampedFacts(text);
      if (facts !== null) return opening('line', facts);
    } else {
      const facts = bareFacts(text);
      if (facts !== null) return opening('line', facts);
    }
    if (block !== null ? traceback.test(text) : tracebackHead.test(text)) return tracebackRow(text, block !== null);
    return null;
  },
};

function stampedFacts(text: string): LineFacts | null {
  const found = stamped.exec(text);
  if (found === null) return null;
  const [, time, units = '', seconds, milliseconds, rest = ''] = found;
  // A tool's stamp alone says nothing of who printed the line.
  if (seconds === undefined && units === '' && (time === undefined || !tool.test(rest))) return null;
  const facts = bodyFacts(rest, units === '' ? undefined : unitOf(units));
  facts.deviceTime = time;
  if (seconds !== undefined) facts.deviceMs = Number(seconds) * 1000 + Number(milliseconds);
  return facts;
}

function bareFacts(text: string): LineFacts | null {
  const isOurs = text.charCodeAt(1) === SLASH ? bareLevelled.test(text) : bareFunction.test(text) || status.test(text) || tool.test(text);
  return isOurs ? bodyFacts(text, undefined) : null;
}

/** `[CPU1][CAPP/N]`: which part of the firmware speaks, and its level. */
function unitOf(units: string): { tag: string; letter: string } | undefined {
  const slash = units.lastIndexOf('/');
  if (slash < 0) return undefined;
  return { tag: units.slice(units.lastIndexOf('[', slash) + 1, slash), letter: units.charAt(slash + 1) };
}

/** The line after its stamps, which the old BK7258 form shares. */
export function bodyFacts(rest: string, unit: { tag: string; letter: string } | undefined): LineFacts {
  if (rest.charCodeAt(1) === SLASH) {
    const line = levelled.exec(rest);
    if (line !== null) return levelledFacts(line);
  }
  const facts = newFacts(rest);
  if (unit !== undefined) {
    facts.tag = unit.tag;
    facts.level = levels[unit.letter];
  }
  const called = inFunction.exec(rest);
  if (called === null) {
    readLuatosMessage(undefined, rest, facts);
    return facts;
  }
  const [, name = '', line, message = ''] = called;
  facts.function = name;
  facts.line = Number(line);
  facts.message = message;
  readLuatosMessage(name, message, facts);
  return facts;
}

function levelledFacts([, letter = '', tag = '', message]: RegExpExecArray): LineFacts {
  const facts = newFacts(message ?? '');
  facts.tag = tag;
  facts.level = levels[letter];
  if (message !== undefined) readLuatosMessage(tag, message, facts);
  // log.info("words") without a second argument prints the words where the tag stands.
  else if (tag.startsWith('user.')) {
    facts.tag = 'user';
    facts.message = tag.slice('user.'.length);
  }
  return facts;
}

function tracebackRow(text: string, isContinuation: boolean): GrammarMatch {
  const facts = factsWith(text, { level: 'error' });
  return isContinuation ? continuing(facts) : opening('traceback', facts);
}
