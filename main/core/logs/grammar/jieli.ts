import type { LogLevel } from '../../../../preload/contract/logs.ts';
import { alone, type Grammar, newFacts } from './grammar.ts';

/**
 * The log of Jieli's SDKs (AC79 and kin): `[Info]: [TAG]text`, in older ones `<Info> :[TAG]text`. The stamp some builds put in
 * front is taken for a recorder's. The TWeTalk demo on these chips prints captions letter by letter without any prefix
 * (reference/twetalk.md §10): those are plain rows.
 */
const line =
  /^(?:\[(\d\d:\d\d:\d\d\.\d{3})\] ?)?(?:cpu\d:? ?)?[<[](Info|Debug|Warn|Warning|Error)[>\]] ?:? ?(?:\[([^\]]{1,40})\] ?)?(.*)$/s;

const levels: Readonly<Record<string, LogLevel>> = { Info: 'info', Debug: 'debug', Warn: 'warn', Warning: 'warn', Error: 'error' };

export const jieli: Grammar = {
  name: 'jieli',
  begins: [line],
  match(text) {
    const found = line.exec(text);
    if (found === null) return null;
    const [, time, word = '', tag, message = ''] = found;
    const facts = newFacts(message);
    facts.level = levels[word];
    facts.deviceTime = time;
    facts.tag = tag;
    return alone(facts);
  },
};
