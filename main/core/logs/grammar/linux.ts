import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, type Grammar, type LineFacts, newFacts, RuleTable } from './grammar.ts';

/**
 * A Linux board whose log a command tails: syslog and `journalctl` (short and ISO), `dmesg`, and the stamp of spdlog. A `<N>` in
 * front is syslog's priority.
 */
const priority = /^<(\d{1,3})>/;
const syslog =
  /^((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?) (\S{1,64}) ([^\s:[]{1,64})(?:\[\d+\])?: ?(.*)$/s;
const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)) (\S{1,64}) ([^\s:[]{1,64})(?:\[\d+\])?: ?(.*)$/s;
const kernel = /^(?:(\w+) *: ?(\w+) *: )?\[ *(\d{1,9})\.(\d{6})\] ?(.*)$/s;
const spdlog = /^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6})\] (?:\[([^\]]{1,64})\] )?\[(trace|debug|info|warning|error|critical)\] (.*)$/s;

const BRACKET = 0x5b;

const levels: ReadonlyMap<string, LogLevel> = new Map<string, LogLevel>([
  ['emerg', 'error'],
  ['alert', 'error'],
  ['crit', 'error'],
  ['critical', 'error'],
  ['err', 'error'],
  ['error', 'error'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['notice', 'info'],
  ['info', 'info'],
  ['debug', 'debug'],
  ['trace', 'verbose'],
]);
/** By syslog's severity, 0 to 7. */
const severities: readonly LogLevel[] = ['error', 'error', 'error', 'error', 'warn', 'info', 'info', 'debug'];

const messages = new RuleTable([
  {
    pattern: /^Kernel panic - not syncing: (.*)$/,
    event: 'panic',
    level: 'error',
    payload: ([, reason]) => ({ reason }),
  },
  {
    pattern: /^(?:Unable to handle kernel .*|BUG: .*|Internal error: Oops.*)$/,
    event: 'panic',
    level: 'error',
    payload: ([reason]) => ({ reason }),
  },
  { pattern: /^(?:Out of memory|Memory cgroup out of memory): /, event: 'out-of-memory', level: 'error' },
  { pattern: /^Linux version (\S+)/, event: 'boot.rom', payload: ([, version]) => ({ rom: `Linux ${version}` }) },
  { pattern: /^watchdog: BUG: (.*)$/, event: 'watchdog', level: 'error', payload: ([, kind]) => ({ kind }) },
  { pattern: /^\S+: CTRL-EVENT-CONNECTED /, event: 'wifi.connected' },
  {
    pattern: /^\S+: CTRL-EVENT-DISCONNECTED .*?reason=(\d+)/,
    event: 'wifi.disconnected',
    payload: ([, reason]) => ({ reason }),
  },
  {
    pattern: /^(?:\S+: )?(?:leased|bound to|DHCPACK (?:of|from)) (\d+\.\d+\.\d+\.\d+)/,
    event: 'net.up',
    payload: ([, ip]) => ({ ip }),
  },
]);

export const linux: Grammar = {
  name: 'linux',
  begins: [priority, /^\[ *\d/, syslog, iso, /^[\dJFMASONDkusdl]\w* *: ?\w+ *: ?\[/],
  match(text) {
    const found = text.charCodeAt(0) === 0x3c ? priority.exec(text) : null;
    const facts = factsOf(found === null ? text : text.slice(found[0].length));
    if (facts === null) return null;
    if (found !== null) facts.level ??= severities[Number(found[1]) & 7];
    return alone(facts);
  },
};

function factsOf(text: string): LineFacts | null {
  if (text.charCodeAt(0) === BRACKET) return kernelFacts(text) ?? spdlogFacts(text);
  const line = syslog.exec(text) ?? iso.exec(text);
  if (line === null) return kernelFacts(text);
  const [, time = '', , program = '', message = ''] = line;
  const facts = newFacts(message);
  facts.deviceTime = time;
  facts.tag = program;
  messages.read(message, facts);
  return facts;
}

function kernelFacts(text: string): LineFacts | null {
  const ring = kernel.exec(text);
  if (ring === null) return null;
  const [, facility, severity = '', seconds, microseconds, message = ''] = ring;
  const level = levels.get(severity);
  if (facility !== undefined && level === undefined) return null;
  const facts = newFacts(message);
  facts.level = level;
  facts.deviceMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  facts.tag = facility === undefined || facility === 'kern' ? 'kernel' : facility;
  messages.read(message, facts);
  return facts;
}

function spdlogFacts(text: string): LineFacts | null {
  const logged = spdlog.exec(text);
  if (logged === null) return null;
  const [, time = '', name, word = '', message = ''] = logged;
  const facts = newFacts(message);
  facts.level = levels.get(word);
  facts.deviceTime = time;
  facts.tag = name;
  messages.read(message, facts);
  return facts;
}
