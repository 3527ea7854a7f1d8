import { applyRules, type Block, type Grammar, type GrammarMatch, type LineFacts, type Rule } from './grammar.ts';

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
  {
    pattern: /Assert failed in (.+?), (\S+):(\d+) \((.*)\)/,
    event: 'panic.assert',
    facts: ([, name, file, line, expression]) => ({ payload: { function: name, file, line: Number(line), expression } }),
  },
  {
    pattern: /ESP_ERROR_CHECK failed: esp_err_t (0x[0-9a-f]+) \((\w+)\)(?: at (0x[0-9a-f]{8}))?/i,
    event: 'panic',
    facts: ([, code, error, pc]) => ({
      payload: { reason: 'ESP_ERROR_CHECK', code: Number(code), error, ...(pc === undefined ? {} : { pc: Number(pc) }) },
    }),
  },
  { pattern: /Stack smashing protect failure!/, event: 'panic', facts: () => ({ payload: { reason: 'stack-smashing' } }) },
  {
    pattern: /A stack overflow in task (.+?) has been detected/,
    event: 'panic',
    facts: ([, task]) => ({ payload: { reason: 'stack-overflow', task } }),
  },
  {
    pattern: /Undefined behavior of type (\w+)/,
    event: 'panic',
    facts: ([, type]) => ({ payload: { reason: 'undefined-behavior', type } }),
  },
  {
    // ESP8266, and the "Fatal exception" of its RTOS SDK.
    pattern: /^(?:Fatal exception|Exception) \(?(\d+)\)?(?:\((\w+)\))?:/,
    event: 'panic',
    facts: ([, cause, name]) => ({ payload: { reason: name ?? `exception ${cause}`, cause: Number(cause) } }),
  },
  { pattern: /^(?:Soft|Hardware) WDT reset/i, event: 'watchdog', facts: () => ({ payload: { kind: 'soft' } }) },
  { pattern: /Brownout detector was triggered/, event: 'brownout' },
  { pattern: /^Task watchdog got triggered/, event: 'watchdog', facts: () => ({ payload: { kind: 'task' } }) },
  { pattern: /CORRUPT HEAP: (.*)/, event: 'heap-corrupt', facts: ([, detail]) => ({ payload: { detail } }) },
];
/** A word of every opening. */
const openingHint =
  /Guru Med|abort\(\) was|assert(?: failed|ion "|: Assert failed)|smashing|overflow in task|Undefined beh|xception \(?\d|WDT reset|Brownout|Task watchdog got|CORRUPT HEAP|ESP_ERROR_CHECK/;

const register = /([A-Z][A-Z0-9]*(?:\/[A-Z]+)?)\s*: (0x[0-9a-f]{8})/gi;
/** Registers of both families; a board's own `SIZE: 0x00001000` is no crash. */
const registerLine =
  /^(?:(?:PC|PS|SAR|EXC(?:CAUSE|VADDR)|L(?:BEG|END|COUNT)|M(?:EPC|STATUS|TVEC|CAUSE|TVAL|HARTID)|RA|SP|GP|TP|[AST]\d{1,2}(?:\/FP)?|EPC\d)\s*: 0x[0-9a-f]{8}\s*)+$/i;
const anyRegisterLine = /^(?:[A-Z][A-Z0-9]{0,15}(?:\/[A-Z]{1,8})?\s{0,12}: 0x[0-9a-f]{8}\s*)+$/i;
function registersOf([text]: RegExpExecArray): LineFacts {
  const registers: Record<string, number> = {};
  for (const [, name = '', value] of text.matchAll(register)) registers[name] = Number(value);
  return { payload: { registers } };
}
const frame = /(0x[0-9a-f]{8}):(0x[0-9a-f]{8})/gi;

const continuations: readonly Rule[] = [
  { pattern: /^Core\s+\d+ (?:register dump:|was running in ISR context)/ },
  { pattern: registerLine, event: 'panic.registers', facts: registersOf },
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
  { pattern: /^Entering gdb stub/, event: 'gdb-stub' },
  // A GDB packet: why the target stopped.
  { pattern: /^\$T[0-9a-f]{2}[^#]*#[0-9a-f]{2}/i, event: 'gdb-stub' },
  {
    pattern: /^Debug exception reason: (.*\S)/,
    facts: ([, debugReason]) => ({ payload: { debugReason } }),
  },
  {
    pattern:
      /^(?:Memory dump at|Setting breakpoint at|Re-entered|Tasks currently running:|CPU \d: \S+\s*$|Panic handler entered|Cache (?:access )?error|Guru Meditation|Print CPU \d|epc1=0x|(?:>>>stack>>>|<<<stack<<<)|ctx: \w+|sp: [0-9a-f]{8} end: )/,
  },
];
/** Only in the middle of a crash do these say anything. */
const insideOnly: readonly Rule[] = [
  { pattern: anyRegisterLine, event: 'panic.registers', facts: registersOf },
  { pattern: /^\. Exception was unhandled/ },
  { pattern: /^- (\S.*?) \(CPU ([\d/]+)\)/, facts: ([, task, cpu]) => ({ payload: { task, cpu } }) },
  { pattern: /^file: "(.*)" line (\d+)/, facts: ([, file = '', line]) => ({ file, line: Number(line) }) },
  { pattern: /^func: (\S+)/, facts: ([, name = '']) => ({ function: name }) },
  { pattern: /^expression: (.*)/, facts: ([, expression]) => ({ payload: { expression } }) },
  { pattern: /^[0-9a-f]{8}: {1,2}(?:[0-9a-f]{8} ?){1,4}/i, event: 'stack-memory' },
];

/** Longer lines are no crash, or no line. */
const MAX_CHARACTERS = 16_384;

export const espPanic: Grammar = {
  name: 'esp-panic',
  match(text, block) {
    if (text.length > MAX_CHARACTERS) return null;
    if (openingHint.test(text)) {
      const facts = factsOf(openings, text);
      // "assert failed", then "abort()", are one crash.
      if (facts !== null) return block === null || isOver(block) ? { facts, opens: 'panic' } : { facts, continues: {} };
    }
    const facts = factsOf(continuations, text) ?? (block === null ? null : factsOf(insideOnly, text));
    if (facts === null) return null;
    const match: GrammarMatch = block === null ? { facts, opens: 'panic' } : { facts, continues: {} };
    return match;
  },
};

const isOver = (block: Block) => block.event === 'panic.rebooting';

function factsOf(rules: readonly Rule[], text: string): LineFacts | null {
  const facts = applyRules(rules, text);
  return facts === null ? null : { level: 'error', message: text, ...facts };
}
