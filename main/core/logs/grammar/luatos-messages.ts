import { lookup } from '../../../../pipeline/lookup.ts';
import type { ResetCause } from './esp-rom.ts';
import { type LineFacts, type Rule, RuleTable } from './grammar.ts';
import { jsonAtEnd } from './json-text.ts';

/** LuatOS's network adapters by number. Those from 5 on are what a product makes of them. */
const bearers = lookup<string>({ 1: 'cellular', 2: 'wifi', 4: 'ethernet' });

/** Why a module was started (reference/cat1.md §6.4), and the common word for it where there is one. */
const powerOnReasons = lookup<readonly [reason: string, cause?: ResetCause]>({
  0: ['power key', 'power-on'],
  1: ['charging or AT download', 'power-on'],
  2: ['alarm'],
  3: ['software', 'software'],
  4: ['unknown'],
  5: ['reset key', 'external'],
  6: ['exception'],
  7: ['tool', 'external'],
  8: ['watchdog', 'watchdog'],
  9: ['external', 'external'],
  10: ['charging', 'power-on'],
});

function resetFacts(code: string | undefined): { resetCode: number; reason: string; cause?: ResetCause } {
  const [reason, cause] = powerOnReasons[code ?? ''] ?? [code ?? ''];
  return { resetCode: Number(code), reason, ...(cause === undefined ? {} : { cause }) };
}

const bearerFacts = (adapter: string | undefined) => {
  const bearer = bearers[adapter ?? ''];
  return bearer === undefined ? {} : { bearer };
};

const networkUp: Rule = {
  pattern: /^IP_READY (\d+) (\d+\.\d+\.\d+\.\d+)/,
  event: 'net.up',
  payload: ([, adapter, ip]) => ({ ip, ...bearerFacts(adapter) }),
};
const powerOn: Rule = {
  pattern: /^poweron reason (\d+)/,
  event: 'boot.reset',
  payload: ([, code]) => resetFacts(code),
};
const identityOf: Rule = {
  pattern: /^LuatOS@(\S+) base (\S+) bsp (\S+)/,
  event: 'identity',
  payload: ([, model, base, bsp]) => ({ model, firmware: `LuatOS ${base} bsp ${bsp}` }),
};
const romBuild: Rule = {
  pattern: /^(ROM Build): (.*\S)/,
  event: 'boot.app-info',
  payload: ([, key, value]) => ({ key, value }),
};
const macAddress: Rule = { pattern: /^STA MAC: ([0-9A-F]{12})/, event: 'identity', payload: ([, mac]) => ({ mac }) };
/** `loadlibs POOL total used peak`. */
const memory: Rule = {
  pattern: /^loadlibs (\w+) +(\d+) +(\d+) +(\d+)/,
  facts: ([, pool, total, used, peak]) => memoryFacts(pool ?? '', total, used, peak),
};
const watchdog: Rule = {
  pattern: /^(?:(task) )?wdt timeout|^看门狗超时/,
  event: 'watchdog',
  level: 'error',
  payload: ([, task]) => ({ kind: task ?? 'hardware' }),
};

function memoryFacts(pool: string, total: string | undefined, used: string | undefined, peak: string | undefined): Partial<LineFacts> {
  const totalBytes = Number(total);
  const payload = { freeBytes: totalBytes - Number(used), minimumBytes: totalBytes - Number(peak), totalBytes };
  return pool === 'sys' ? { event: 'heap', payload } : { event: 'heap.pool', payload: { pool, ...payload } };
}

const pool = (name: string): Rule => ({
  pattern: /^(\d+) (\d+) (\d+)\s*$/,
  facts: ([, total, used, peak]) => memoryFacts(name, total, used, peak),
});
const identity = (key: string, pattern = /^(?:= +)?([0-9A-F]{10,22})\b/i): Rule => ({
  pattern,
  event: 'identity',
  payload: ([, value]) => ({ [key]: value }),
});
const strength = (key: string): Rule => ({
  pattern: /^(-?\d+)\s*$/,
  event: 'signal',
  payload: ([, value]) => ({ [key]: Number(value) }),
});
const csq: Rule = { pattern: /^(\d+)\s*$/, event: 'signal', payload: ([, value]) => csqFacts(Number(value)) };
const scriptError: Rule = {
  pattern: /^([^\s:]{1,100}\.lua[c]?):(\d+): (.*)$/s,
  event: 'lua.error',
  facts: ([, file, line, detail]) => ({
    level: 'error',
    ...(file === undefined ? {} : { file }),
    line: Number(line),
    payload: { file, line: Number(line), detail },
  }),
};

/** 3GPP 27.007: 0 to 31 are −113 to −51 dBm, 99 is not known. */
function csqFacts(value: number): { csq: number; rssiDbm?: number } {
  return value > 31 ? { csq: value } : { csq: value, rssiDbm: 2 * value - 113 };
}

/** By tag (`D/mobile …`) or by function (`self_info 125:…`). */
const byLabel: ReadonlyMap<string, RuleTable> = new Map(
  Object.entries<readonly Rule[]>({
    main_entry: [{ pattern: /^SDK base line (\S+)/, event: 'boot.rom', payload: ([, rom]) => ({ rom }) }],
    __start: [{ pattern: /^bootloader start! build in (.*)$/, event: 'boot.rom', payload: ([, rom]) => ({ rom }) }],
    am_service_init: [
      { pattern: /^(Air\w+)$/, event: 'identity', payload: ([, model]) => ({ model }) },
      {
        pattern: /^复位原因 (\d+)/,
        event: 'boot.reset',
        payload: ([, code]) => resetFacts(code),
      },
    ],
    self_info: [
      { pattern: /^model (\S+) imei (\d{15})/, event: 'identity', payload: ([, model, imei]) => ({ model, imei }) },
      {
        pattern: /^(firmware)\[\d+\] (.*\S)/,
        event: 'boot.app-info',
        payload: ([, key, value]) => ({ key, value }),
      },
    ],
    prvSimCheck: [{ pattern: /^sim error/, event: 'sim', level: 'warn', payload: () => ({ state: 'failure' }) }],
    pm: [
      powerOn,
      { pattern: /^poweron: (.*\S)/, event: 'boot.reset', payload: ([, reason]) => ({ reason }) },
      {
        pattern: /^poweron reason: (\d+) (\d+) (\d+)/,
        event: 'boot.app-info',
        payload: ([, ...codes]) => ({ key: 'powerOnReasons', value: codes.slice(0, 3).join(' ') }),
      },
    ],
    main: [identityOf, romBuild, memory, macAddress, { ...scriptError, event: 'panic', facts: panicFacts }],
    mobile: [
      { pattern: /^sim(\d) sms ready/, event: 'sim', payload: ([, slot]) => ({ state: 'ready', slot: Number(slot) }) },
      {
        pattern: /^cid(\d+), ?state(\d+)/,
        event: 'cellular.bearer',
        payload: ([, cid, state]) => ({ cid: Number(cid), isActive: state === '0' }),
      },
      { pattern: /^NETIF_LINK_ON -> IP_READY/, event: 'net.up', payload: () => ({ bearer: 'cellular' }) },
      {
        pattern: /^NETIF_LINK_OFF -> IP_LOSE/,
        event: 'net.down',
        payload: () => ({ bearer: 'cellular', reason: 'the link is off' }),
      },
      {
        pattern: /^TIME_SYNC \d+(?: tm (\d+))?/,
        event: 'time.synced',
        facts: ([, seconds]) => (seconds === undefined ? {} : { payload: { unixSeconds: Number(seconds) } }),
      },
    ],
    netdrv: [networkUp, { ...networkUp, pattern: /^IP_LOSE (\d+)/, event: 'net.down', payload: ([, adapter]) => bearerFacts(adapter) }],
    ulwip: [networkUp],
    socket: [
      {
        pattern: /^connect to ([^,\s]+),(\d+)/,
        event: 'net.connecting',
        payload: ([, host, port]) => ({ host, port: Number(port) }),
      },
    ],
    sntp: [{ pattern: /^Unix timestamp: (\d+)/, event: 'time.synced', payload: ([, seconds]) => ({ unixSeconds: Number(seconds) }) }],
    wlan: [
      { pattern: /^STA connected (\S+)/, event: 'wifi.connected', payload: ([, ssid]) => ({ ssid }) },
      {
        pattern: /^STA disconnected(?: (\S+))?/,
        event: 'wifi.disconnected',
        facts: ([, reason]) => (reason === undefined ? {} : { payload: { reason } }),
      },
    ],
    'user.imei': [identity('imei')],
    'user.imsi': [identity('imsi')],
    'user.iccid': [identity('iccid')],
    'user.mobile.iccid(id)': [identity('iccid')],
    'user.mobile.imsi(index)': [identity('imsi')],
    'user.csq': [csq],
    'user.rssi': [strength('rssiDbm')],
    'user.rsrp': [strength('rsrpDbm')],
    'user.rsrq': [strength('rsrqDb')],
    'user.snr': [strength('snrDb')],
    'user.lua': [pool('lua')],
    'user.sys': [pool('sys')],
    'user.mem.lua': [pool('lua')],
    'user.mem.sys': [pool('sys')],
    'user.mem.psram': [pool('psram')],
    'user.coroutine.resume': [scriptError],
    'user.main': [
      {
        pattern: /^(?:project name is +)?(\S+)(?: version is)? +(\d+\.\d+\.\d+)\s*$/,
        event: 'boot.app-started',
        payload: ([, project, version]) => ({ project, version }),
      },
    ],
  }).map(([label, rules]) => [label, new RuleTable(rules)]),
);

/** An error that reaches the main loop ends the script; the firmware restarts. */
function panicFacts(match: RegExpExecArray): Partial<LineFacts> {
  const [, file, line, detail] = match;
  return { ...scriptError.facts?.(match), payload: { reason: `Lua: ${detail}`, file, line: Number(line) } };
}

/** What scripts print under tags of their own choice. */
const scriptRules = new RuleTable([
  { pattern: /^IP_READY (\d+\.\d+\.\d+\.\d+)/, event: 'net.up', payload: ([, ip]) => ({ ip }) },
  { pattern: /^IP_LOSE\b/, event: 'net.down' },
  { pattern: /^IMEI: ?(\d{15})\b/, event: 'identity', payload: ([, imei]) => ({ imei }) },
  { pattern: /^IMSI: ?(\d{15})\b/, event: 'identity', payload: ([, imsi]) => ({ imsi }) },
  { pattern: /^ICCID: ?([0-9A-F]{19,20})\b/i, event: 'identity', payload: ([, iccid]) => ({ iccid }) },
  {
    pattern: /^(?:信号强度 )?CSQ: ?(\d+) RSSI: ?(-\d+)/,
    event: 'signal',
    payload: ([, value, rssi]) => ({ csq: Number(value), rssiDbm: Number(rssi) }),
  },
]);

/** What stands without a tag or a function (also what the firmware prints for its own PC tool, reference/cat1.md §6.1). */
const bare = new RuleTable([
  watchdog,
  powerOn,
  identityOf,
  romBuild,
  memory,
  macAddress,
  {
    pattern: /^(pc|lr|sp) ([0-9a-f]{8})$/,
    event: 'panic.registers',
    level: 'error',
    payload: ([, name = '', value = '']) => ({ registers: { [name.toUpperCase()]: Number.parseInt(value, 16) } }),
  },
  {
    pattern: /^BASEINFO: ?(\d{15})?(?:,(\S+))?/,
    event: 'identity',
    payload: ([, imei, firmware]) => ({ ...(imei === undefined ? {} : { imei }), ...(firmware === undefined ? {} : { firmware }) }),
  },
  {
    pattern: /^\+SOCSQ: ?(-?\d+), ?(-?\d+), ?(-?\d+)/,
    event: 'signal',
    payload: ([, rsrp, rsrq, snr]) => ({ rsrpDbm: Number(rsrp), rsrqDb: Number(rsrq), snrDb: Number(snr) }),
  },
  {
    // The network's codes are in BCD, an f for a digit that is not there.
    pattern: /^\+SOCCELL: ?([0-9a-f]+),([0-9a-f]+),(\d+),(\d+),(\d+)/i,
    event: 'cellular.cell',
    payload: ([, mcc, mnc = '', earfcn, pci, cell]) => ({
      mcc,
      mnc: mnc.replace(/^f+/i, ''),
      earfcn: Number(earfcn),
      pci: Number(pci),
      cell: Number(cell),
    }),
  },
  {
    pattern: /^\+MEM: ?(\w+) +\d+ +\d+ +(\d+) +(\d+)/,
    facts: ([, name = '', total, used]) => memoryFacts(name.toLowerCase(), total, used, used),
  },
  {
    pattern: /^soc poweron:\D{0,20}(\d+)(?: (\S+))?/,
    event: 'boot.reset',
    payload: ([, code, version]) => ({
      ...resetFacts(code),
      ...(version === undefined ? {} : { firmware: version }),
    }),
  },
  { pattern: /^\+PDP: ?OK/, event: 'net.up', payload: () => ({ bearer: 'cellular' }) },
  { pattern: /^\+PDP:/, event: 'net.down', payload: () => ({ bearer: 'cellular' }) },
  {
    pattern: /^\+(FW|HW|WIFI_FW): ?(.*\S)/,
    event: 'boot.app-info',
    payload: ([, key, value]) => ({ key, value }),
  },
  // Luatools, not the board
  {
    pattern: /^工具提示: ?trace lost (\d+) -> (\d+)|^trace lost (\d+) -> (\d+)/,
    event: 'trace-lost',
    level: 'warn',
    payload: ([, from, to, bareFrom, bareTo]) => ({ from: Number(from ?? bareFrom), to: Number(to ?? bareTo) }),
  },
  {
    pattern: /^工具提示: ?SOC已经死机/,
    event: 'panic',
    level: 'error',
    payload: () => ({ reason: 'the module is dead (Luatools)' }),
  },
  {
    pattern: /^工具提示: ?接收(\S+\.bin)(?:完成)?, ?共(\d+)byte/,
    event: 'ramdump',
    payload: ([, file, bytes]) => ({ file, bytes: Number(bytes) }),
  },
  {
    pattern: /^工具提示: ?接收完成100%，存放路径([^，]+)/,
    event: 'ramdump',
    payload: ([, path]) => ({ path }),
  },
]);

/** Adds what a LuatOS message means under its tag or function, JSON at its end included. */
export function readLuatosMessage(label: string | undefined, message: string, facts: LineFacts): void {
  if (!readLabelled(label, message, facts)) facts.payload = jsonAtEnd(message);
}

function readLabelled(label: string | undefined, message: string, facts: LineFacts): boolean {
  if (label === undefined) return bare.read(message, facts);
  if (byLabel.get(label)?.read(message, facts) === true) return true;
  return label.startsWith('user.') && scriptRules.read(message, facts);
}
