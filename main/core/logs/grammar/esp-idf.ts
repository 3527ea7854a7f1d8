import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { EPOCH_MS, numberAt } from './digits.ts';
import { alone, type Grammar, type LineFacts, newFacts, type Rule, RuleTable } from './grammar.ts';

const levels: Record<string, LogLevel> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose' };

const MAX_TAG = 64;

/** Of ESP-IDF's example of SNTP, under whatever tag an application took it over. */
const timeSynced: Rule = {
  pattern: /^Notification of a time synchronization event,? sec=(\d{9,10})\b/,
  event: 'time.synced',
  payload: ([, seconds]) => ({ unixSeconds: Number(seconds) }),
};

const messages: readonly Rule[] = [
  { pattern: /^Calling app_main\(\)/, event: 'boot.app-started' },
  { pattern: /^ESP-IDF (\S+) 2nd stage bootloader/, event: 'boot.bootloader', payload: ([, idfVersion]) => ({ idfVersion }) },
  {
    pattern: /^Loaded app from partition at offset (0x[0-9a-f]+)/i,
    event: 'boot.app-loaded',
    payload: ([, offset]) => ({ offset: Number(offset) }),
  },
  {
    pattern: /^(Project name|App version|Compile time|ELF file SHA256|ESP-IDF|Min chip rev|Max chip rev|Chip rev):\s+(\S(?:.*\S)?|)\s*$/,
    event: 'boot.app-info',
    payload: ([, key, value]) => ({ key, value }),
  },
  {
    pattern:
      /^(No bootable app partitions|Factory app partition is not bootable|OTA app partition slot \d+ is not bootable|Image hash failed|Checksum failed|invalid segment length|image at 0x[0-9a-f]+ has invalid magic byte|load partition table error|Secure Boot verification failed|secure boot v2 verification failed).*/i,
    event: 'boot.invalid-image',
    payload: ([detail]) => ({ detail }),
  },
  { pattern: /^Task watchdog got triggered/, event: 'watchdog', payload: () => ({ kind: 'task' }) },
  {
    pattern: /^connected with (.+?), aid = \d+, channel (\d+)/,
    event: 'wifi.connected',
    payload: ([, ssid, channel]) => ({ ssid, channel: Number(channel) }),
  },
  { pattern: /^sta ip: ([\d.]+)/, event: 'wifi.got-ip', payload: ([, ip]) => ({ ip }) },
  { pattern: /^[Gg]ot ip:\s?([\d.]+)/, event: 'wifi.got-ip', payload: ([, ip]) => ({ ip }) },
  timeSynced,
  {
    pattern: /^state: run -> init \((\w+)\)/,
    event: 'wifi.disconnected',
    payload: ([, reason]) => ({ reason }),
  },
];

const twetalkMessages: readonly Rule[] = [
  { pattern: /^wakeup start/, event: 'twetalk.wakeup' },
  { pattern: /^vad start/, event: 'twetalk.vad-start' },
  { pattern: /^vad end/, event: 'twetalk.vad-end' },
  timeSynced,
];

/** Which task did not feed the watchdog, and what ran instead. */
const watchdogMessages: readonly Rule[] = [
  { pattern: /^\s*- (\S.*?) \(CPU ([\d/]+)\)/, payload: ([, task, cpu]) => ({ task, cpu }) },
  { pattern: /^CPU (\d): (\S+)/, payload: ([, cpu, running]) => ({ cpu, running }) },
];

const securityMessages: readonly Rule[] = [
  {
    pattern:
      /^(?:flash encryption (?:is enabled|mode is|completed)|Generating new flash encryption key|bootloader encrypted successfully|Encrypting (?:bootloader|partition)|Resetting with flash encryption|Secure boot (?:is|V2|permanently|enabled)|Verif(?:ying|ied)|Enabling secure boot|secure boot (?:v2 )?(?:is )?(?:already )?enabled)/i,
    event: 'boot.security',
    payload: ({ input }) => ({ detail: input.trimEnd() }),
  },
];

const bootSecurity = new RuleTable([...messages, ...securityMessages]);
const tablesOfTags: ReadonlyMap<string, RuleTable> = new Map([
  ['TWETALK', new RuleTable(twetalkMessages)],
  ['task_wdt', new RuleTable([...messages, ...watchdogMessages])],
  ['flash_encrypt', new RuleTable(securityMessages)],
  ['secure_boot', bootSecurity],
  ['secure_boot_v1', bootSecurity],
  ['secure_boot_v2', bootSecurity],
]);
const anyTag = new RuleTable(messages);
/** How the tags with messages of their own begin: hashing every tag takes longer. */
const ownFirsts = new Set([...tablesOfTags.keys()].map((tag) => tag.charCodeAt(0)));

function tableOf(tag: string): RuleTable {
  return (ownFirsts.has(tag.charCodeAt(0)) ? tablesOfTags.get(tag) : undefined) ?? anyTag;
}

/**
 * ESP-IDF console lines, versions 1 and 2 (reference/esp.md §4): `I (123) tag: message`, where the time may also be
 * `HH:MM:SS.mmm`, `YY-MM-DD HH:MM:SS.mmm`, milliseconds of the Unix epoch, or absent. The Wi-Fi driver prints no blank after
 * its colon. A tag without a time must be one word, or prose would match.
 */
export const espIdf: Grammar = {
  name: 'esp-idf',
  begins: [/^[EWIDV] /],
  match(text) {
    const level = levels[text.charAt(0)];
    if (level === undefined || text.charAt(1) !== ' ') return null;
    const facts = newFacts('');
    facts.level = level;
    let tagAt = 2;
    if (text.charAt(2) === '(') {
      const close = text.indexOf(') ', 3);
      if (close < 0 || close > 40 || !addTime(facts, text.slice(3, close))) return null;
      tagAt = close + 2;
    }
    const colon = text.indexOf(':', tagAt);
    if (colon <= tagAt || colon - tagAt > MAX_TAG) return null;
    const tag = text.slice(tagAt, colon);
    if (tagAt === 2 && !/^[\w.\-/]+$/.test(tag)) return null;
    facts.tag = tag;
    facts.message = text.slice(text.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1);
    tableOf(tag).read(facts.message, facts);
    return alone(facts);
  },
};

/** False when it is not a time. */
function addTime(facts: LineFacts, time: string): boolean {
  const ticks = numberAt(time, 0, time.length);
  if (Number.isInteger(ticks) && time.trim() !== '') {
    if (ticks < EPOCH_MS) facts.deviceMs = ticks;
    else facts.deviceTime = time;
    return ticks >= 0;
  }
  facts.deviceTime = time;
  return /^\d[\d:. -]*$/.test(time.trimStart());
}
