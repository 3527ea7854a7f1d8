import { alone, type Grammar, newFacts, RuleTable } from './grammar.ts';

/** A place is one path and one name. */
const MAX_CHARACTERS = 2000;

function where(address: string | undefined, name: string | undefined, file?: string, line?: string): Record<string, unknown> {
  return {
    ...(address === undefined ? {} : { address: Number(address) }),
    ...(name === undefined ? {} : { function: name }),
    ...(file === undefined || file.startsWith('??') ? {} : { file }),
    ...(line === undefined || line === '?' ? {} : { line: Number(line) }),
  };
}

const address = '0x[0-9a-f]{8}';
/** `symbol at file:line`, `symbol in ROM`. Windows paths have a colon of their own. */
const place = String.raw`(\S.*?)(?: at (.+?):(\d+|\?)(?: \(discriminator \d+\))?| in ROM| at \?\?:\?\?)`;

const rules = new RuleTable([
  // esp-idf-monitor: `0x400d0018: app_main at main.c:12`, since 1.0 with `--- ` in front.
  {
    pattern: new RegExp(`^(?:--- )?(${address}): ${place}\\s*$`, 'i'),
    event: 'backtrace.decoded',
    payload: ([, ...found]) => where(...(found as [string, string])),
  },
  {
    pattern: new RegExp(`^\\(inlined by\\) ${place}\\s*$`, 'i'),
    event: 'backtrace.decoded',
    payload: ([, name, file, line]) => where(undefined, name, file, line),
  },
  // PlatformIO: `#0  0x400E0DC4:0x3FFB06F0 in f at file:12`.
  {
    pattern: new RegExp(`^#\\d+\\s+(${address})(?::${address})? in ${place}\\s*$`, 'i'),
    event: 'backtrace.decoded',
    payload: ([, ...found]) => where(...(found as [string, string])),
  },
  // espflash: `0x40875720 - _bss_end`, then `    at file:12`.
  { pattern: new RegExp(`^(${address}) - (\\S+)\\s*$`, 'i'), event: 'backtrace.decoded', payload: ([, at, name]) => where(at, name) },
  { pattern: /^at (?:\?\?:\?\?|\S.*:\d+)\s*$/ },
  { pattern: /^--- (?:idf_monitor|esp-idf-monitor|Quit:|Error:|Warning:|Waiting for)/ },
]);

/** What monitors and tools of others have added to a copied log: addresses they had decoded. */
export const espMonitor: Grammar = {
  name: 'esp-monitor',
  begins: rules.rules.map(({ pattern }) => pattern),
  match(text) {
    if (text.length > MAX_CHARACTERS) return null;
    const facts = newFacts(text);
    return rules.read(text, facts) ? alone(facts) : null;
  },
};
