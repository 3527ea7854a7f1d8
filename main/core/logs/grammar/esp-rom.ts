import { lookup } from '../../../../pipeline/lookup.ts';
import { alone, type Grammar, newFacts, RuleTable } from './grammar.ts';

export type ResetCause =
  | 'power-on'
  | 'external'
  | 'software'
  | 'watchdog'
  | 'brownout'
  | 'deep-sleep'
  | 'usb'
  | 'jtag'
  | 'sdio'
  | 'lockup'
  | 'efuse'
  | 'power-glitch'
  | 'intrusion';

/** Why chips say they were reset, by what their names for it have in common; the number behind a name differs from chip to chip. */
const causes: ReadonlyArray<readonly [RegExp, ResetCause]> = [
  [/BROWN/, 'brownout'],
  [/GLITCH/, 'power-glitch'],
  [/WDT/, 'watchdog'],
  [/SLEEP/, 'deep-sleep'],
  [/USB/, 'usb'],
  [/JTAG/, 'jtag'],
  [/SDIO/, 'sdio'],
  [/LOCKUP/, 'lockup'],
  [/EFUSE/, 'efuse'],
  [/INTRUSION/, 'intrusion'],
  [/^EXT/, 'external'],
  [/POWER/, 'power-on'],
  [/SW/, 'software'],
];

/** What the ROM's name of a reset means. Absent for names of chips to come. */
function causeOf(reason: string): { cause?: ResetCause } {
  const cause = causes.find(([pattern]) => pattern.test(reason))?.[1];
  return cause === undefined ? {} : { cause };
}

/** The ESP8266 prints only numbers. */
const causes8266 = lookup<ResetCause>({ 1: 'power-on', 2: 'external', 3: 'software', 4: 'watchdog' });

/** What the mask ROM and its loader print before any logging library runs (reference/esp.md §3, §4). */
const rules = new RuleTable([
  { pattern: /^ESP-ROM:(\S+)/, event: 'boot.rom', payload: ([, rom]) => ({ rom }) },
  {
    pattern: /^ets (\w{3} +\d+ \d{4}),rst cause:(\d+), boot mode:\((\d+),\d+\)/,
    event: 'boot.reset',
    payload: ([, , reset = '', boot]) => ({
      resetCode: Number(reset),
      reason: causes8266[reset] ?? reset,
      bootCode: Number(boot),
      ...(causes8266[reset] === undefined ? {} : { cause: causes8266[reset] }),
    }),
  },
  { pattern: /^ets (\w{3} +\d+ \d{4} [\d:]+)/, event: 'boot.rom', payload: ([, rom]) => ({ rom: `ets ${rom}` }) },
  {
    pattern: /^rst:(0x[0-9a-f]+) \(([^)]*)\),\s?boot:(0x[0-9a-f]+)(?: \(([^)]*)\)?)?/i,
    event: 'boot.reset',
    payload: ([, reset, reason = '', boot, bootMode]) => ({
      resetCode: Number(reset),
      reason,
      ...causeOf(reason),
      bootCode: Number(boot),
      ...(bootMode === undefined ? {} : { bootMode }),
    }),
  },
  { pattern: /^waiting for download/i, event: 'boot.waiting-for-download' },
  { pattern: /^wait (?:usb|uart) download/i, event: 'boot.waiting-for-download' },
  { pattern: /^entry (0x[0-9a-f]{8})/i, event: 'boot.entry', payload: ([, address]) => ({ address: Number(address) }) },
  {
    pattern:
      /^(invalid header: 0x[0-9a-f]+|flash read err, \d+|ets_main\.c \d+|SHA-256 comparison failed:|csum err:.*|Checksum error.*|No bootable app.*|(?:Secure boot|Signature) (?:V\d )?verification failed.*|secure boot (?:verification|check) fail.*|SECURE_BOOT.*fail.*)/i,
    event: 'boot.invalid-image',
    level: 'error',
    payload: ([, detail]) => ({ detail }),
  },
  { pattern: /^Attempting to boot anyway/, level: 'warn' },
  {
    pattern:
      /^(?:Valid secure boot key blocks?: .*|secure boot verification succeeded|use (?:legacy efuse|KM derived) key|use sector0 for km info)/i,
    event: 'boot.security',
    payload: ([detail]) => ({ detail }),
  },
  {
    pattern:
      /^(?:load:0x[0-9a-f]{8},\s?len:|ho \d+ tail \d+ room \d+|configsip: |SPIWP:0x|clk_drv:0x|(?:SPI )?mode:\w+, clock div:|Build:\w{3} +\d|(?:Core\d )?Saved PC:0x|Calculated: |Expected: |user code done|secure boot|secure version|load 0x[0-9a-f]{8}, len \d+|tail \d+$|chksum 0x|csum 0x|~ld$|boot not set|jump to |pll_d2 div|CPU clk|rom_\w+ )/i,
  },
]);

export const espRom: Grammar = {
  name: 'esp-rom',
  begins: rules.rules.map(({ pattern }) => pattern),
  match(text) {
    const facts = newFacts(text);
    return rules.read(text, facts) ? alone(facts) : null;
  },
};
