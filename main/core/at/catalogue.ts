import type { AtCommandInfo } from '../../../preload/contract/at.ts';
import type { AtForm, AtPart } from './command.ts';
import * as decode from './decode.ts';
import { pingValues } from './ping.ts';

/** Vendor's maximum answer times, EC CAT1 AT Commands Manual 1.2; what is not named has this. */
const DEFAULT_TIMEOUT_MS = 5000;

/** What is known of one command: how it is asked, what its answer looks like, and what that means. */
export interface CommandSpec {
  name: string;
  group: AtCommandInfo['group'];
  forms: readonly AtForm[];
  timeoutMs?: number;
  /** What follows the prefix in an answer, where the same prefix also comes unasked. A form left out takes any. */
  answer?: Partial<Record<AtForm, RegExp>>;
  /** Lines of an answer have these prefixes instead of the command's own name. */
  prefixes?: readonly string[];
  /** A line without prefix that answers this command, and nothing else does. */
  bare?: RegExp;
  /** Further lines of an answer, after its first. */
  continues?: RegExp;
  /** What follows the prefix when nobody asked. `/^/`: it always comes unasked. */
  urc?: RegExp;
  decode?: decode.Decoder;
  decodeUrc?: (rest: string) => ReturnType<decode.Decoder>;
  isIdentity?: true;
  /** The module starts anew on it: a boot message is its success. */
  resets?: true;
  /** NO CARRIER and the like are its finals, and CONNECT its data mode. */
  dials?: true;
}

// `0,1` answers a read, `1` came by itself: <n> is given only when asked (27.007 §7.2), and a quoted area code never is <stat>.
const registrationAnswer = { read: /^\d,\d{1,2}(?:,.*)?$/ };
const registrationUrc = /^\d{1,2}(?:,(?:"[^"]*")?(?:,.*)?)?$/;
const registration = (name: '+CREG' | '+CGREG' | '+CEREG'): CommandSpec => ({
  name,
  group: 'network',
  forms: ['read', 'set', 'test'],
  answer: registrationAnswer,
  urc: registrationUrc,
  decode: (answer) =>
    answer.part.form === 'read'
      ? decode.restsOf(answer).flatMap((rest) => decode.decodeRegistration(rest, { isUnasked: false, isCircuitSwitched: name === '+CREG' }))
      : [],
  decodeUrc: (rest) => decode.decodeRegistration(rest, { isUnasked: true, isCircuitSwitched: name === '+CREG' }),
});

const digits15 = /^\d{15}$/;
const iccid = /^\d[0-9A-Fa-f]{18,19}$/;
const ping = (name: '+ECPING' | '+CIPPING' | '+MPING', more: Partial<CommandSpec> = {}): CommandSpec => ({
  name,
  group: 'data',
  forms: ['set', 'test'],
  decodeUrc: (rest) => pingValues(name, rest),
  ...more,
});

export const catalogue: readonly CommandSpec[] = [
  // module
  { name: 'AT', group: 'module', forms: ['run'] },
  { name: 'ATI', group: 'module', forms: ['run'], bare: /^(?![+^*])\S.*$/, decode: decode.decodeText('firmware') },
  { name: 'ATE', group: 'module', forms: ['set'] },
  { name: 'ATV', group: 'module', forms: ['set'] },
  { name: 'AT&W', group: 'module', forms: ['run'] },
  { name: 'AT&F', group: 'module', forms: ['run'] },
  { name: 'ATZ', group: 'module', forms: ['run'] },
  { name: '+CMEE', group: 'module', forms: ['read', 'set', 'test'] },
  { name: '+CGMI', group: 'module', forms: ['run', 'test'], bare: /^[A-Za-z][\w .-]*$/, decode: decode.decodeText('manufacturer') },
  { name: '+CGMM', group: 'module', forms: ['run', 'test'], bare: /^[A-Za-z0-9][\w .-]*$/, decode: decode.decodeText('model') },
  {
    name: '+CGMR',
    group: 'module',
    forms: ['run', 'test'],
    bare: /^(?![+^*])\S.*$/,
    continues: /^(?:--|(?![+^*])\S)/,
    decode: decode.decodeRevision,
  },
  {
    name: '+CGSN',
    group: 'module',
    forms: ['run', 'set', 'test'],
    answer: { run: /^"?\d{15}"?$/ },
    bare: digits15,
    isIdentity: true,
    decode: decode.decodeImei,
  },
  { name: '+ECVERSION', group: 'module', forms: ['read'] },
  { name: '+ECCHIPVER', group: 'module', forms: ['read'] },
  {
    name: '+IPR',
    group: 'module',
    forms: ['read', 'set', 'test'],
    decode: (answer) =>
      decode
        .restsOf(answer)
        .filter((rest) => /^\d+$/.test(rest))
        .map((rest) => decode.value('rate', Number(rest), 'unknown', { unit: 'baud' })),
  },
  { name: '+RESET', group: 'module', forms: ['run'], resets: true },
  { name: '+ECRST', group: 'module', forms: ['run', 'set'], resets: true },
  { name: '+CCLK', group: 'module', forms: ['read', 'set'], decode: (answer) => decode.restsOf(answer).flatMap(decode.decodeClock) },
  // SIM
  {
    name: '+CPIN',
    group: 'sim',
    forms: ['read', 'set'],
    answer: { read: /^(?:READY|SIM PIN2?|SIM PUK2?|PH-\S+ (?:PIN|PUK))$/ },
    urc: /^[A-Z -]+(?: \d+)?$/,
    decode: (answer) => decode.restsOf(answer).slice(-1).flatMap(decode.decodeSim),
    decodeUrc: decode.decodeSim,
  },
  { name: '+ICCID', group: 'sim', forms: ['run'], bare: iccid, isIdentity: true, decode: decode.decodeIccid },
  { name: '+CCID', group: 'sim', forms: ['run'], bare: iccid, isIdentity: true, decode: decode.decodeIccid },
  { name: '+ECICCID', group: 'sim', forms: ['run'], isIdentity: true, decode: decode.decodeIccid },
  { name: '+CIMI', group: 'sim', forms: ['run', 'test'], bare: digits15, isIdentity: true, decode: decode.decodeImsi },
  {
    name: '+CPINR',
    group: 'sim',
    forms: ['run', 'set'],
    decode: (answer) => decode.restsOf(answer).map((rest) => decode.value('pinRetries', rest.replaceAll('"', ''))),
  },
  { name: '+CLCK', group: 'sim', forms: ['set', 'test'] },
  { name: '+CPWD', group: 'sim', forms: ['set', 'test'] },
  { name: '+ECSIMCFG', group: 'sim', forms: ['read', 'set', 'test'] },
  { name: '+SIMCROSS', group: 'sim', forms: ['read', 'set'] },
  // signal
  { name: '+CSQ', group: 'signal', forms: ['run', 'test'], answer: { run: /^\d{1,2},\d{1,2}$/ }, urc: /^/, decode: decode.decodeCsq },
  {
    name: '+CESQ',
    group: 'signal',
    forms: ['run', 'test'],
    answer: { run: /^\d+(?:,\d+){5}$/ },
    urc: /^/,
    decode: (answer) => (answer.part.form === 'run' ? decode.decodeCesq(answer) : []),
  },
  // network
  {
    name: '+CFUN',
    group: 'network',
    forms: ['read', 'set', 'test'],
    timeoutMs: 25_000,
    decode: (answer) => (answer.part.form === 'read' ? decode.decodeFunctionality(answer) : []),
  },
  registration('+CEREG'),
  registration('+CREG'),
  registration('+CGREG'),
  {
    name: '+COPS',
    group: 'network',
    forms: ['read', 'set', 'test'],
    timeoutMs: 305_000,
    decode: (answer) => (answer.part.form === 'set' ? [] : decode.decodeCops(answer)),
  },
  {
    name: '+ECBAND',
    group: 'network',
    forms: ['read', 'set', 'test'],
    timeoutMs: 25_000,
    decode: (answer) =>
      answer.part.form === 'read'
        ? decode.decodeText('bands')({ ...answer, lines: decode.restsOf(answer).map((rest) => `+ECBAND: "${rest}"`) })
        : [],
  },
  { name: '*BANDIND', group: 'network', forms: ['read', 'set'], answer: { read: /^\d+,\s*\d+/ }, urc: /^\d+/ },
  {
    name: '+ECSTATUS',
    group: 'diagnosis',
    forms: ['run', 'set', 'test'],
    continues: /^\w+:/,
    isIdentity: true,
    decode: (answer) => (answer.part.form === 'test' ? [] : decode.decodeEcStatus(answer)),
  },
  {
    name: '+ECBCINFO',
    group: 'diagnosis',
    forms: ['run', 'set', 'test'],
    timeoutMs: 305_000,
    prefixes: ['+ECBCINFOSC', '+ECBCINFONC', '+ECBCINFO'],
    decode: decode.decodeCells,
  },
  {
    name: '+EEMGINFO',
    group: 'diagnosis',
    forms: ['read'],
    prefixes: ['+EEMLTESVC', '+EEMLTEINTER', '+EEMLTEINTRA', '+EEMGINFO', '+EEMUMTSSVC', '+EEMGINFOBASIC'],
  },
  { name: '^SYSINFO', group: 'diagnosis', forms: ['run'] },
  { name: '*EXINFO', group: 'diagnosis', forms: ['read'] },
  { name: '+ECSHOWMEM', group: 'diagnosis', forms: ['run'], bare: /^(?![+^*])\S.*$/ },
  { name: '+ECPMUSTATUS', group: 'power', forms: ['read'] },
  { name: '+CEER', group: 'diagnosis', forms: ['run'] },
  { name: '+ECWIFISCAN', group: 'diagnosis', forms: ['run', 'set', 'read', 'test'], timeoutMs: 255_000 },
  // data
  {
    name: '+CGATT',
    group: 'data',
    forms: ['read', 'set', 'test'],
    timeoutMs: 70_000,
    decode: (answer) => (answer.part.form === 'read' ? decode.decodeAttach(answer) : []),
  },
  {
    name: '+CGDCONT',
    group: 'data',
    forms: ['read', 'set', 'test'],
    decode: (answer) => (answer.part.form === 'read' ? decode.decodeContexts(answer) : []),
  },
  {
    name: '+CGACT',
    group: 'data',
    forms: ['read', 'set', 'test'],
    timeoutMs: 70_000,
    decode: (answer) => (answer.part.form === 'read' ? decode.decodeActive(answer) : []),
  },
  {
    name: '+CGPADDR',
    group: 'data',
    forms: ['run', 'set', 'test'],
    decode: (answer) => (answer.part.form === 'test' ? [] : decode.decodeAddresses(answer)),
  },
  { name: '+CGCONTRDP', group: 'data', forms: ['run', 'set'] },
  { name: '+CGAUTH', group: 'data', forms: ['read', 'set', 'test'] },
  { name: '+CGDATA', group: 'data', forms: ['set', 'test'], timeoutMs: 70_000, dials: true },
  { name: '+CGCMOD', group: 'data', forms: ['set', 'test'], timeoutMs: 70_000 },
  { name: 'ATD', group: 'data', forms: ['set'], timeoutMs: 70_000, dials: true },
  { name: 'ATO', group: 'data', forms: ['run', 'set'], dials: true },
  { name: 'ATA', group: 'data', forms: ['run'], timeoutMs: 70_000, dials: true },
  { name: 'ATH', group: 'data', forms: ['run', 'set'] },
  { name: '+CIPSTART', group: 'data', forms: ['set', 'read', 'test'], timeoutMs: 70_000, dials: true },
  { name: '+CIPSEND', group: 'data', forms: ['set', 'run'], timeoutMs: 60_000 },
  { name: '+CIPCLOSE', group: 'data', forms: ['run', 'set'] },
  { name: '+SAPBR', group: 'data', forms: ['set'], timeoutMs: 70_000 },
  { name: '+ECDNS', group: 'data', forms: ['set', 'test'], timeoutMs: 30_000 },
  { name: '+ECDNSCFG', group: 'data', forms: ['read', 'set', 'test'] },
  ping('+ECPING', { answer: { test: /^/, set: /^(?!)/ }, urc: /^/ }),
  ping('+CIPPING', { timeoutMs: 70_000, decode: (answer) => decode.restsOf(answer).flatMap((rest) => pingValues('+CIPPING', rest)) }),
  ping('+MPING', { answer: { test: /^/, set: /^(?!)/ }, urc: /^/ }),
  { name: '+SKTCREATE', group: 'data', forms: ['set', 'test'] },
  { name: '+SKTCONNECT', group: 'data', forms: ['set'], timeoutMs: 35_000 },
  { name: '+SKTSENDT', group: 'data', forms: ['set'], timeoutMs: 60_000 },
  { name: '+ECSOCR', group: 'data', forms: ['set'], bare: /^\d+$/ },
  { name: '+ECSOCO', group: 'data', forms: ['set'], timeoutMs: 30_000, answer: { set: /^(?!)/ }, urc: /^/ },
  { name: '+SSLOPEN', group: 'data', forms: ['set'], timeoutMs: 150_000 },
  { name: '+RNDISCALL', group: 'data', forms: ['read', 'set'] },
  { name: '+SETUSB', group: 'module', forms: ['read', 'set'] },
  // SMS
  { name: '+CMGF', group: 'sms', forms: ['read', 'set', 'test'] },
  { name: '+CMGS', group: 'sms', forms: ['set'], timeoutMs: 60_000 },
  { name: '+ECSMSSEND', group: 'sms', forms: ['set'], timeoutMs: 60_000, prefixes: ['+ECSMSSEND', '+CMGS'] },
  { name: '+CMGL', group: 'sms', forms: ['set', 'run', 'test'], timeoutMs: 30_000, continues: /^(?![+^*])/ },
  { name: '+CMGR', group: 'sms', forms: ['set'], continues: /^(?![+^*])/ },
  { name: '+CNMI', group: 'sms', forms: ['read', 'set', 'test'] },
  // power
  { name: '+CBC', group: 'power', forms: ['run'], decode: decode.decodeBattery },
  { name: '+POWERMODE', group: 'power', forms: ['set', 'read'] },
  { name: '+CSCLK', group: 'power', forms: ['read', 'set'] },
  { name: '+ECURC', group: 'diagnosis', forms: ['read', 'set', 'test'], continues: /^"/ },
];

const byName = new Map(catalogue.map((spec) => [spec.name, spec]));

export function specOf(name: string): CommandSpec | undefined {
  return byName.get(name);
}

/** Of all the line's commands together, for they run one after another and one final ends them. */
export function timeoutOf(parts: readonly AtPart[]): number {
  return parts.reduce((total, part) => total + (specOf(part.name)?.timeoutMs ?? DEFAULT_TIMEOUT_MS), 0) || DEFAULT_TIMEOUT_MS;
}

export function resets({ name, form, argument }: AtPart): boolean {
  return specOf(name)?.resets === true || (name === '+CFUN' && form === 'set' && /^\d+,1$/.test(argument));
}

export function catalogueInfo(): AtCommandInfo[] {
  return catalogue.map((spec) => {
    const typed = spec.name.startsWith('AT') ? spec.name : `AT${spec.name}`;
    const suffixes: Record<AtForm, string> = { run: '', read: '?', set: spec.name.startsWith('AT') ? '' : '=', test: '=?' };
    return {
      command: typed,
      id: spec.name.replace(/^[+*^]/, '').replace('&', '_'),
      group: spec.group,
      forms: spec.forms.map((form) => `${typed}${suffixes[form]}`),
      timeoutMs: spec.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      isIdentity: spec.isIdentity === true,
    };
  });
}
