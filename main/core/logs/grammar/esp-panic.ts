import type { Grammar, GrammarMatch, LineFacts, Rule } from './grammar.ts';

/**
 * The panic handler's output (reference/esp.md §4). Its first line opens a block that the rest, up to "Rebooting...",
 * continues. A panic may cut into an unfinished line, so the first lines are looked for anywhere.
 */
const openings: readonly Rule[] = [
  {
    pattern: /Guru Meditation Error: Core\s+(\d+) panic'ed \(([^)]*)\)/,
    event: 'panic',
    facts: ([, core, reason]) => ({ payload: { reason, core: Number(core) } }),
  },
  {
    pattern: /abort\(\) was called at PC (0x[0-9a-f]{8})(?: on core (\d+))?/i,
    event: 'panic',
    facts: ([, pc, core]) => ({ payload: { reason: 'abort', pc: Number(pc), ...(core === undefined ? {} : { core: Number(core) }) } }),
  },
  {
    pattern: /assert failed: (\S+) (\S+):(\d+)(?: \((.*)\))?/,
    event: 'panic.assert',
    facts: ([, name, file, line, expression = '']) => ({ payload: { function: name, file, line: Number(line), expression } }),
  },
  {
    pattern: /assertion "(.*)" failed: file "([^"]*)", line (\d+)(?:, function: (\w+))?/,
    event: 'panic.assert',
    facts: ([, expression, file, line, name]) => ({
      payload: { expression, file, line: Number(line), ...(name === undefined ? {} : { function: name }) },
    }),
  },
  { pattern: /Stack smashing protect failure!/, event: 'panic', facts: () => ({ payload: { reason: 'stack-smashing' } }) },
  {
    pattern: /A stack overflow in task (.+?) has been detected/,
    event: 'panic',
    facts: ([, task]) => ({ payload: { reason: 'stack-overflow', task } }),
  },
  { pattern: /Brownout detector was triggered/, event: 'brownout' },
  { pattern: /^Task watchdog got triggered/, event: 'watchdog', facts: () => ({ payload: { kind: 'task' } }) },
  { pattern: /CORRUPT HEAP: (.*)/, event: 'heap-corrupt', facts: ([, detail]) => ({ payload: { detail } }) },
];

const register = /([A-Z][A-Z0-9]*(?:\/[A-Z]+)?)\s*: (0x[0-9a-f]{8})/gi;
const registerLine = /^(?:[A-Z][A-Z0-9]*(?:\/[A-Z]+)?\s*: 0x[0-9a-f]{8}\s*)+$/i;
const frame = /(0x[0-9a-f]{8}):(0x[0-9a-f]{8})/gi;

const continuations: readonly Rule[] = [
  { pattern: /^Core\s+\d+ register dump:/ },
  {
    pattern: registerLine,
    event: 'panic.registers',
    facts: ([text]) => ({
      payload: { registers: Object.fromEntries([...text.matchAll(register)].map(([, name = '', value]) => [name, Number(value)])) },
    }),
  },
  {
    pattern: /^Backtrace:(.*)$/,
    event: 'backtrace',
    facts: ([, rest = '']) => ({
      payload: {
        // Exactly eight digits each, so pairs that were printed without a blank between them come apart.
        frames: [...rest.matchAll(frame)].map(([, pc, sp]) => ({ pc: Number(pc), sp: Number(sp) })),
        isCorrupted: rest.includes('CORRUPTED'),
      },
    }),
  },
  { pattern: /^ELF file SHA256:\s+([0-9a-f]+)/i, event: 'elf-sha', facts: ([, sha256]) => ({ payload: { sha256 } }) },
  { pattern: /^Stack memory:/ },
  {
    pattern: /^([0-9a-f]{8}): ((?:0x[0-9a-f]{8}\s*)+)$/i,
    event: 'stack-memory',
    facts: ([, address = '', words = '']) => ({
      payload: { address: Number.parseInt(address, 16), words: words.trim().split(/\s+/).map(Number) },
    }),
  },
  { pattern: /^Rebooting\.\.\./, event: 'panic.rebooting' },
  { pattern: /^=+ CORE DUMP START =+/, event: 'coredump.start' },
  { pattern: /^=+ CORE DUMP END =+/, event: 'coredump.end' },
  {
    pattern:
      /^(?:Debug exception reason|Memory dump at|Setting breakpoint at|Re-entered|Entering gdb stub|Tasks currently running:|CPU \d: \w+$)/,
  },
];

/** A word of every opening and continuation: one look spares most lines a dozen. */
const hint =
  /Guru Med|abort\(\)|assert|smashing|overflow in|Brownout|watchdog got|CORRUPT HEAP|: 0x|Backtrace|register dump|SHA256|Stack memory|Reboot|CORE DUMP|^(?:Debug ex|Memory d|Setting b|Re-ent|Entering g|Tasks cur|CPU \d)/i;

export const espPanic: Grammar = {
  name: 'esp-panic',
  match(text, block) {
    if (!hint.test(text)) return null;
    const opening = factsOf(openings, text);
    // "assert failed", then "abort()", are one crash.
    if (opening !== null) return block === null ? { facts: opening, opens: 'panic' } : { facts: opening, continues: {} };
    const facts = factsOf(continuations, text);
    if (facts === null) return null;
    const match: GrammarMatch = block === null ? { facts, opens: 'panic' } : { facts, continues: {} };
    return match;
  },
};

function factsOf(rules: readonly Rule[], text: string): LineFacts | null {
  for (const { pattern, event, facts } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return { level: 'error', message: text, ...(event === undefined ? {} : { event }), ...facts?.(match) };
  }
  return null;
}
