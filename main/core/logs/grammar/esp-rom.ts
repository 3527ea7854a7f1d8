import { applyRules, type Grammar, type Rule } from './grammar.ts';

/** What the mask ROM and its loader print before any logging library runs (reference/esp.md §3, §4). */
const rules: readonly Rule[] = [
  { pattern: /^\uFFFD*ESP-ROM:(\S+)/, event: 'boot.rom', facts: ([, rom]) => ({ payload: { rom } }) },
  { pattern: /^\uFFFD*ets (\w{3} +\d+ \d{4} [\d:]+)/, event: 'boot.rom', facts: ([, rom]) => ({ payload: { rom: `ets ${rom}` } }) },
  {
    pattern: /^\uFFFD*rst:(0x[0-9a-f]+) \(([^)]*)\),\s?boot:(0x[0-9a-f]+)(?: \(([^)]*)\))?/i,
    event: 'boot.reset',
    facts: ([, reset, reason, boot, bootMode]) => ({
      payload: { resetCode: Number(reset), reason, bootCode: Number(boot), ...(bootMode === undefined ? {} : { bootMode }) },
    }),
  },
  { pattern: /^waiting for download/i, event: 'boot.waiting-for-download' },
  { pattern: /^entry (0x[0-9a-f]{8})/i, event: 'boot.entry', facts: ([, address]) => ({ payload: { address: Number(address) } }) },
  {
    pattern: /^(invalid header: 0x[0-9a-f]+|flash read err, \d+|ets_main\.c \d+|SHA-256 comparison failed:|csum err:.*|Checksum error.*)/i,
    event: 'boot.invalid-image',
    facts: ([, detail]) => ({ level: 'error', payload: { detail } }),
  },
  { pattern: /^Attempting to boot anyway/, facts: () => ({ level: 'warn' }) },
  {
    pattern:
      /^(?:load:0x[0-9a-f]{8},\s?len:|ho \d+ tail \d+ room \d+|configsip: |SPIWP:0x|clk_drv:0x|mode:\w+, clock div:|Build:\w{3} +\d|Saved PC:0x|Calculated: |Expected: |user code done|secure boot|Valid secure boot)/i,
  },
];

export const espRom: Grammar = {
  name: 'esp-rom',
  match(text) {
    const facts = applyRules(rules, text);
    return facts === null ? null : { facts: { message: text, ...facts } };
  },
};
