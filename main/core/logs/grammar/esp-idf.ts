import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { applyRules, type Grammar, type LineFacts, type Rule } from './grammar.ts';

/**
 * ESP-IDF console lines, versions 1 and 2 (reference/esp.md §4): `I (123) tag: message`, where the time may also be
 * `HH:MM:SS.mmm`, `YY-MM-DD HH:MM:SS.mmm`, milliseconds of the Unix epoch, or absent. The Wi-Fi driver prints no blank after
 * its colon. A tag without a time must be one word, or prose would match.
 */
const line = /^([EWIDV]) (?:\(([\d:. -]+)\) ([^:]{1,64})|([\w.\-/]{1,64})):(?: |(?=\S)|$)(.*)$/s;

const levels: Record<string, LogLevel> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose' };

/** Ticks since boot are below this; the Unix epoch in milliseconds is above (from 2001 on). */
const EPOCH_MS = 1_000_000_000_000;

const messages: readonly Rule[] = [
  { pattern: /^Calling app_main\(\)/, event: 'boot.app-started' },
  { pattern: /^ESP-IDF (\S+) 2nd stage bootloader/, event: 'boot.bootloader', facts: ([, idfVersion]) => ({ payload: { idfVersion } }) },
  {
    pattern: /^Loaded app from partition at offset (0x[0-9a-f]+)/i,
    event: 'boot.app-loaded',
    facts: ([, offset]) => ({ payload: { offset: Number(offset) } }),
  },
  {
    pattern: /^(Project name|App version|Compile time|ELF file SHA256|ESP-IDF|Min chip rev|Max chip rev|Chip rev):\s+(.*?)\s*$/,
    event: 'boot.app-info',
    facts: ([, key, value]) => ({ payload: { key, value } }),
  },
  {
    pattern: /^(No bootable app partitions|Factory app partition is not bootable|OTA app partition slot \d+ is not bootable).*/,
    event: 'boot.invalid-image',
    facts: ([detail]) => ({ payload: { detail } }),
  },
  { pattern: /^Task watchdog got triggered/, event: 'watchdog', facts: () => ({ payload: { kind: 'task' } }) },
  {
    pattern: /^connected with (.+?), aid = \d+, channel (\d+)/,
    event: 'wifi.connected',
    facts: ([, ssid, channel]) => ({ payload: { ssid, channel: Number(channel) } }),
  },
  { pattern: /^sta ip: ([\d.]+)/, event: 'wifi.got-ip', facts: ([, ip]) => ({ payload: { ip } }) },
  { pattern: /^[Gg]ot ip:\s?([\d.]+)/, event: 'wifi.got-ip', facts: ([, ip]) => ({ payload: { ip } }) },
  {
    pattern: /^state: run -> init \((\w+)\)/,
    event: 'wifi.disconnected',
    facts: ([, reason]) => ({ payload: { reason } }),
  },
];

const twetalkMessages: readonly Rule[] = [
  { pattern: /^wakeup start/, event: 'twetalk.wakeup' },
  { pattern: /^vad start/, event: 'twetalk.vad-start' },
  { pattern: /^vad end/, event: 'twetalk.vad-end' },
];

export const espIdf: Grammar = {
  name: 'esp-idf',
  match(text) {
    const found = line.exec(text);
    if (found === null) return null;
    const [, letter = '', time, timedTag, plainTag, message = ''] = found;
    const tag = timedTag ?? plainTag ?? '';
    const level = levels[letter];
    const facts: LineFacts = {
      ...(level === undefined ? {} : { level }),
      tag,
      message,
      ...timeFacts(time),
      ...applyRules(tag === 'TWETALK' ? twetalkMessages : messages, message),
    };
    return { facts };
  },
};

function timeFacts(time: string | undefined): LineFacts {
  if (time === undefined) return {};
  const ticks = Number(time);
  return /^\d+$/.test(time) && ticks < EPOCH_MS ? { deviceMs: ticks } : { deviceTime: time };
}
