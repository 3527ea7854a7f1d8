import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, factsWith, type Grammar, type LineFacts } from './grammar.ts';
import { bodyFacts } from './luatos.ts';
import { readLuatosMessage } from './luatos-messages.ts';

/**
 * Beken's own log on a BK7258 (reference/cat1.md §6.4, tuya.md §8.1): `tag:L(ticks):text`, and with a processor's name for the
 * tag, `ap0:W(ticks):text`. LuatOS prints through it as `luat:D(126):pm:text`, or `luat:U(3343):I/user.tag text` from scripts;
 * a dollar sign is what the boot left before the first line.
 */
const line =
  /^(?:\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\] ?)?\$?(?:([ac]p\d?|cpu\d):)?(?:([A-Za-z_][\w-]{0,31}):)?([EWIDVU]) ?\((\d{1,10})\):(.*)$/s;
const tagged = /^([A-Za-z][\w.-]{0,31}):(.*)$/s;

const levels: Readonly<Record<string, LogLevel>> = { E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose' };

export const bk7258: Grammar = {
  name: 'bk7258',
  begins: [line],
  match(text) {
    const found = line.exec(text);
    if (found === null) return null;
    const [, time, processor, tag, letter = '', ticks, rest = ''] = found;
    if (processor === undefined && tag === undefined) return null;
    const facts = tag === 'luat' ? luatFacts(letter, rest.trimStart()) : factsWith(rest, { tag: tag ?? processor ?? '' });
    facts.level ??= levels[letter];
    facts.deviceMs ??= Number(ticks);
    facts.deviceTime ??= time;
    return alone(facts);
  },
};

function luatFacts(letter: string, rest: string): LineFacts {
  const found = letter === 'U' ? null : tagged.exec(rest);
  if (found === null) return bodyFacts(rest, undefined);
  const [, tag = '', message = ''] = found;
  const facts = factsWith(message, { tag });
  readLuatosMessage(tag, message, facts);
  return facts;
}
