import { type Block, continuing, type Grammar, type LineFacts, newFacts, opening, RuleTable } from './grammar.ts';
import { PatternFilter } from './pattern-filter.ts';

/**
 * The panic handler's output (reference/esp.md §4). Its first line opens a block that the rest, up to "Rebooting...",
 * continues. A panic may cut into an unfinished line, so the first lines are looked for anywhere.
 */
const openings = new RuleTable([
  {
    pattern: /Guru Meditation Error: Core\s+(\d+) panic'ed \(([^)]*)\)/,
    event: 'panic',
    payload: ([, core, reason]) => ({ reason, core: Number(core) }),
  },
  {
    pattern: /abort\(\) was called at PC (0x[0-9a-f]{8})(?: on core (\d+))?/i,
    event: 'panic',
    payload: ([, pc, core]) => ({ reason: 'abort', pc: Number(pc), ...(core === undefined ? {} : { core: Number(core) }) }),
  },
  {
    pattern: /assert failed: (\S+) (\S+):(\d+)(?: \((.*)\))?/,
    event: 'panic.assert',
    payload: ([, name, file, line, expression = '']) => ({ function: name, file, line: Number(line), expression }),
  },
  {
    pattern: /assertion "(.*)" failed: file "([^"]*)", line (\d+)(?:, function: (\w+))?/,
    event: 'panic.assert',
    payload: ([, expression, file, line, name]) => ({
      expression,
      file,
      line: Number(line),
      ...(name === undefined ? {} : { function: name }),
    }),
  },
  {
    pattern: /Assert failed in (.+?), (\S+):(\d+) \((.*)\)/,
    event: 'panic.assert',
    payload: ([, name, file, line, expression]) => ({ function: name, file, line: Number(line), expression }),
  },
  {
    pattern: /ESP_ERROR_CHECK failed: esp_err_t (0x[0-9a-f]+) \((\w+)\)(?: at (0x[0-9a-f]{8}))?/i,
    event: 'panic',
    payload: ([, code, error, pc]) => ({
      reason: 'ESP_ERROR_CHECK',
      code: Number(code),
      error,
      ...(pc === undefined ? {} : { pc: Number(pc) }),
    }),
  },
  { pattern: /Stack smashing protect failure!/, event: 'panic', payload: () => ({ reason: 'stack-smashing' }) },
  {
    pattern: /A stack overflow in task (.+?) has been detected/,
    event: 'panic',
    payload: ([, task]) => ({ reason: 'stack-overflow', task }),
  },
  {
    pattern: /Undefined behavior of type (\w+)/,
    event: 'panic',
    payload: ([, type]) => ({ reason: 'undefined-behavior', type }),
  },
  {
    // ESP8266, and the "Fatal exception" of its RTOS SDK.
    pattern: /^(?:Fatal exception|Exception) \(?(\d+)\)?(?:\((\w+)\))?:/,
    event: 'panic',
    payload: ([, cause, name]) => ({ reason: name ?? `exception ${cause}`, cause: Number(cause) }),
  },
  { pattern: /^(?:Soft|Hardware) WDT reset/i, event: 'watchdog', payload: () => ({ kind: 'soft' }) },
  { pattern: /Brownout detector was triggered/, event: 'brownout' },
  { pattern: /^Task watchdog got triggered/, event: 'watchdog', payload: () => ({ kind: 'task' }) },
  { pattern: /CORRUPT HEAP: (.*)/, event: 'heap-corrupt', payload: ([, detail]) => ({ detail }) },
]);
/**
 * Every opening that may stand anywhere has one of these in it, at a place where they have a blank in common: the search for them all
 * jumps from blank to blank. The others are known by how they begin.
 */
const insideWords = /uru Med|t\(\) was|(?:rt|CK|.") fail|tack s|tack o|ned beh|out det|UPT HEAP/;
const openingHeads = new PatternFilter([[/^(?:Fatal exception|Exception|(?:Soft|Hardware) WDT|Task watchdog)/i]]);
/** A word of every opening. */
const openingHint =
  /Guru Med|abort\(\) was|assert(?: failed|ion "|: Assert failed)|smashing|overflow in task|Undefined beh|xception \(?\d|WDT reset|Brownout|Task watchdog got|CORRUPT HEAP|ESP_ERROR_CHECK/;

const register = /([A-Z][A-Z0-9]*(?:\/[A-Z]+)?)\s*: (0x[0-9a-f]{8})/gi;
/** Registers of both families; a board's own `SIZE: 0x00001000` is no crash. */
const registerLine =
  /^(?:(?:PC|PS|SAR|EXC(?:CAUSE|VADDR)|L(?:BEG|END|COUNT)|M(?:EPC|STATUS|TVEC|CAUSE|TVAL|HARTID)|RA|SP|GP|TP|[AST]\d{1,2}(?:\/FP)?|EPC\d)\s*: 0x[0-9a-f]{8}\s*)+$/i;
const anyRegisterLine = /^(?:[A-Z][A-Z0-9]{0,15}(?:\/[A-Z]{1,8})?\s{0,12}: 0x[0-9a-f]{8}\s*)+$/i;
function registersOf([text]: RegExpExecArray): { registers: Record<string, number> } {
  const registers: Record<string, number> = {};
  for (const [, name = '', value] of text.matchAll(register)) registers[name] = Number(value);
  return { registers };
}
const frame = /(0x[0-9a-f]{8}):(0x[0-9a-f]{8})/gi;

const continuations = new RuleTable([
  { pattern: /^Core\s+\d+ (?:register dump:|was running in ISR context)/ },
  { pattern: registerLine, event: 'panic.registers', payload: registersOf },
  {
    pattern: /^Backtrace:(.*)$/,
    event: 'backtrace',
    payload: ([, rest = '']) => ({
      // Exactly eight digits each, so pairs that were printed without a blank between them come apart.
      frames: [...rest.matchAll(frame)].map(([, pc, sp]) => ({ pc: Number(pc), sp: Number(sp) })),
      isCorrupted: rest.includes('CORRUPTED'),
    }),
  },
  { pattern: /^ELF file SHA256:\s+([0-9a-f]+)/i, event: 'elf-sha', payload: ([, sha256]) => ({ sha256 }) },
  { pattern: /^Stack memory:/ },
  {
    pattern: /^([0-9a-f]{8}): ((?:0x[0-9a-f]{8}\s*)+)$/i,
    event: 'stack-memory',
    payload: ([, address = '', words = '']) => ({ address: Number.parseInt(address, 16), words: words.trim().split(/\s+/).map(Number) }),
  },
  { pattern: /^Rebooting\.\.\./, event: 'panic.rebooting' },
  { pattern: /^Entering gdb stub/, event: 'gdb-stub' },
  // A GDB packet: why the target stopped.
  { pattern: /^\$T[0-9a-f]{2}[^#]*#[0-9a-f]{2}/i, event: 'gdb-stub' },
  {
    pattern: /^Debug exception reason: (.*\S)/,
    payload: ([, debugReason]) => ({ debugReason }),
  },
  {
    pattern:
      /^(?:Memory dump at|Setting breakpoint at|Re-entered|Tasks currently running:|CPU \d: \S+\s*$|Panic handler entered|Cache (?:access )?error|Guru Meditation|Print CPU \d|epc1=0x|(?:>>>stack>>>|<<<stack<<<)|ctx: \w+|sp: [0-9a-f]{8} end: )/,
  },
]);
/** Only in the middle of a crash do these say anything. */
const insideOnly = new RuleTable([
  { pattern: anyRegisterLine, event: 'panic.registers', payload: registersOf },
  { pattern: /^\. Exception was unhandled/ },
  { pattern: /^- (\S.*?) \(CPU ([\d/]+)\)/, payload: ([, task, cpu]) => ({ task, cpu }) },
  { pattern: /^file: "(.*)" line (\d+)/, facts: ([, file = '', line]) => ({ file, line: Number(line) }) },
  { pattern: /^func: (\S+)/, facts: ([, name = '']) => ({ function: name }) },
  { pattern: /^expression: (.*)/, payload: ([, expression]) => ({ expression }) },
  { pattern: /^[0-9a-f]{8}: {1,2}(?:[0-9a-f]{8} ?){1,4}/i, event: 'stack-memory' },
]);

/** Longer lines are no crash, or no line. */
const MAX_CHARACTERS = 16_384;

export const espPanic: Grammar = {
  name: 'esp-panic',
  match(text, block) {
    if (text.length > MAX_CHARACTERS) return null;
    if ((insideWords.test(text) || openingHeads.possible(text) !== 0) && openingHint.test(text)) {
      const facts = factsOf(openings, text);
      // "assert failed", then "abort()", are one crash.
      if (facts !== null) return block === null || isOver(block) ? opening('panic', facts) : continuing(facts);
    }
    const facts = factsOf(continuations, text) ?? (block === null ? null : factsOf(insideOnly, text));
    if (facts === null) return null;
    return block === null ? opening('panic', facts) : continuing(facts);
  },
};

const isOver = (block: Block) => block.event === 'panic.rebooting';

function factsOf(rules: RuleTable, text: string): LineFacts | null {
  if (!rules.mayMatch(text)) return null;
  const facts = newFacts(text);
  facts.level = 'error';
  return rules.read(text, facts) ? facts : null;
}
