import { lookup } from '../../../pipeline/lookup.ts';
import type { AtNote, AtValue } from '../../../preload/contract/at.ts';
import { type AtPart, fieldsOf, prefixOf } from './command.ts';

/** What came for one command: its lines in order, and those with a prefix taken apart. */
export interface Answer {
  part: AtPart;
  lines: readonly string[];
}

export type Decoder = (answer: Answer) => AtValue[];

type Name = AtValue['name'];
type Verdict = AtValue['verdict'];

export function value(name: Name, what: AtValue['value'], verdict: Verdict = 'unknown', more: Partial<AtValue> = {}): AtValue {
  return { name, value: what, verdict, ...more };
}

/** The text after the prefix of each line that has one. */
export function restsOf({ lines }: Answer): string[] {
  return lines.flatMap((line) => prefixOf(line)?.rest ?? []);
}

/** The first line as it answers: after its prefix where it has one. */
function said(answer: Answer): string {
  const line = answer.lines.find((each) => (prefixOf(each)?.rest ?? each) !== '') ?? '';
  return unquoted(prefixOf(line)?.rest ?? line.trim());
}

export function unquoted(text: string): string {
  return text.replace(/^"([^"]*)"$/, '$1').trim();
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** 27.007 §8.5. dBm = 2n − 113; 99 is not known or not detectable. The error rate means something only during a call. */
export function decodeCsq(answer: Answer): AtValue[] {
  const [rssi, ber] = fieldsOf(said(answer)).map(numberOf);
  if (rssi === null || rssi === undefined) return [];
  if (rssi > 31) return [value('rssi', null, 'unknown', { unit: 'dBm', note: 'not-detectable' })];
  const verdict = rssi <= 7 ? 'bad' : rssi <= 10 ? 'weak' : 'good';
  return [
    value('rssi', 2 * rssi - 113, verdict, { unit: 'dBm', ...noteOfSignal(verdict) }),
    ...(ber === null || ber === undefined || ber === 99 ? [] : [value('ber', ber)]),
  ];
}

/** 27.007 §8.69: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>; on LTE the last two count. `*CESQ` has the SNR after them. */
export function decodeCesq(answer: Answer): AtValue[] {
  const fields = fieldsOf(said(answer)).map(numberOf);
  const [rsrq, rsrp] = [fields[4], fields[5]];
  if (rsrq === undefined || rsrp === undefined) return [];
  return [
    rsrp === null || rsrp > 97 ? value('rsrp', null, 'unknown', { unit: 'dBm', note: 'not-detectable' }) : rsrpValue(rsrp - 141),
    rsrq === null || rsrq > 34 ? value('rsrq', null, 'unknown', { unit: 'dB', note: 'not-detectable' }) : rsrqValue(rsrq / 2 - 20),
  ];
}

export function rsrpValue(dbm: number): AtValue {
  const verdict = dbm <= -126 ? 'bad' : dbm <= -115 ? 'weak' : 'good';
  return value('rsrp', dbm, verdict, { unit: 'dBm', ...noteOfSignal(verdict) });
}

export function rsrqValue(db: number): AtValue {
  const verdict = db < -19 ? 'bad' : db < -15 ? 'weak' : 'good';
  return value('rsrq', db, verdict, { unit: 'dB' });
}

function noteOfSignal(verdict: Verdict): { note?: AtNote } {
  return verdict === 'bad' ? { note: 'unusable' } : verdict === 'weak' ? { note: 'unstable' } : {};
}

const registrations: readonly [AtNote, Verdict][] = [
  ['not-searching', 'bad'],
  ['home', 'good'],
  ['searching', 'weak'],
  ['denied', 'bad'],
  ['unknown', 'unknown'],
  ['roaming', 'good'],
  ['sms-home', 'bad'],
  ['sms-roaming', 'bad'],
  ['emergency-only', 'bad'],
  ['csfb-home', 'weak'],
  ['csfb-roaming', 'weak'],
];

const accessNames = lookup<string>({
  0: 'GSM',
  2: 'UTRAN',
  3: 'EGPRS',
  4: 'HSDPA',
  5: 'HSUPA',
  6: 'HSPA',
  7: 'E-UTRAN',
  9: 'NB-IoT',
});

/**
 * 27.007 §7.2, §10.1.22: an answer is <n>,<stat>[,<tac>,<ci>,<act>], what comes unasked leaves <n> out. On an LTE-only module the
 * circuit-switched +CREG may say 0 or 2 with all in order.
 */
export function decodeRegistration(text: string, options: { isUnasked: boolean; isCircuitSwitched: boolean }): AtValue[] {
  const fields = fieldsOf(text);
  const [stat, tac, cell, access] = options.isUnasked ? fields : fields.slice(1);
  const number = numberOf(stat);
  if (number === null) return [];
  const [note, verdict] = registrations[number] ?? ['unknown', 'unknown'];
  const isMeaningless = options.isCircuitSwitched && (number === 0 || number === 2);
  return [
    value('registration', number, isMeaningless ? 'unknown' : verdict, { note }),
    ...(tac === undefined || tac === '' ? [] : [value('tac', tac.toUpperCase())]),
    ...(cell === undefined || cell === '' ? [] : [value('cellId', cell.toUpperCase())]),
    ...(access === undefined || accessNames[access] === undefined ? [] : [value('access', accessNames[access])]),
  ];
}

/** 27.007 §7.3. Mode alone: not registered. */
export function decodeCops(answer: Answer): AtValue[] {
  if (answer.part.form === 'test') {
    const found = [
      ...restsOf(answer)
        .join(' ')
        .matchAll(/\((\d),"([^"]*)","[^"]*","(\d+)"/g),
    ];
    return found.map(([, stat, name, plmn]) =>
      value('operators', `${name ?? ''} ${plmn ?? ''}`.trim(), stat === '3' ? 'bad' : 'good', stat === '3' ? { note: 'denied' } : {}),
    );
  }
  const [mode, format, operator, access] = fieldsOf(said(answer));
  const modes: AtNote[] = ['automatic', 'manual', 'deregistered', 'format-only', 'manual-automatic'];
  const note = modes[Number(mode)];
  const modeValue = value('operatorMode', numberOf(mode), 'unknown', note === undefined ? {} : { note });
  if (operator === undefined || format === undefined) return [modeValue, value('operator', null, 'bad', { note: 'not-registered' })];
  const accessName = accessNames[access ?? ''];
  return [modeValue, value('operator', operator, 'good'), ...(accessName === undefined ? [] : [value('access', accessName)])];
}

const sims = lookup<[AtNote, Verdict]>({
  READY: ['ready', 'good'],
  'SIM PIN': ['pin-wanted', 'bad'],
  'SIM PUK': ['puk-wanted', 'bad'],
  'SIM PIN2': ['pin2-wanted', 'weak'],
  'SIM PUK2': ['pin2-wanted', 'weak'],
  'SIM REMOVED': ['sim-removed', 'bad'],
});

export function decodeSim(text: string): AtValue[] {
  const state = text.replace(/\s+\d+$/, '').trim();
  if (/^PH-/.test(state)) return [value('sim', state, 'bad', { note: 'locked-to-network' })];
  const [note, verdict] = sims[state] ?? [undefined, 'unknown'];
  return [value('sim', state, verdict, note === undefined ? {} : { note })];
}

/** ITU-T E.118: 19 or 20 digits; SIM makers put A–F among them, and modems print those in either case. */
export function decodeIccid(answer: Answer): AtValue[] {
  const text = said(answer).toUpperCase();
  if (!/^[0-9A-F]+$/.test(text)) return [];
  const isRight = /^[0-9A-F]{19,20}$/.test(text);
  return [value('iccid', text, isRight ? 'good' : 'bad', isRight ? {} : { note: 'wrong-length' })];
}

export function decodeImsi(answer: Answer): AtValue[] {
  const text = said(answer);
  if (!/^\d{5,}$/.test(text)) return [];
  return [value('imsi', text, text.length === 15 ? 'good' : 'weak', text.length === 15 ? {} : { note: 'wrong-length' })];
}

/** 3GPP TS 23.003 annex B: the fifteenth digit is a Luhn check digit. */
export function isLuhnValid(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

export function decodeImei(answer: Answer): AtValue[] {
  const text = said(answer);
  const { form, argument } = answer.part;
  // =0 asks for the serial number, =2 and =3 for the IMEI with the software version.
  if (form === 'set' && argument !== '1') return [value(argument === '0' ? 'serialNumber' : 'imei', text, 'unknown', { note: 'as-given' })];
  if (!/^\d+$/.test(text)) return [];
  if (/^0+$/.test(text)) return [value('imei', text, 'bad', { note: 'not-written' })];
  if (text.length !== 15) return [value('imei', text, 'bad', { note: 'wrong-length' })];
  return [isLuhnValid(text) ? value('imei', text, 'good') : value('imei', text, 'bad', { note: 'check-digit-wrong' })];
}

/** AirM2M says it in one line, Eigencomm's own firmware in several between dashes. */
export function decodeRevision(answer: Answer): AtValue[] {
  const facts: Record<string, Name> = { board: 'model', 'sdk version': 'sdk', 'evb version': 'hardware', compiled: 'compiled' };
  const listed = answer.lines.flatMap((line) => {
    const fact = /^-+\s*([\w ]+?):\s*(.*?)\s*-*$/.exec(line.trim());
    const name = facts[(fact?.[1] ?? '').toLowerCase()];
    return name === undefined ? [] : [value(name, fact?.[2] ?? '', 'good')];
  });
  if (listed.length > 0) return listed;
  const text = said(answer);
  return text === '' ? [] : [value('firmware', text, 'good')];
}

export function decodeFunctionality(answer: Answer): AtValue[] {
  const level = numberOf(fieldsOf(said(answer))[0]);
  const notes: Record<number, AtNote> = { 0: 'minimum', 1: 'full', 4: 'flight-mode' };
  if (level === null) return [];
  const note = notes[level];
  return [value('functionality', level, level === 1 ? 'good' : 'bad', note === undefined ? {} : { note })];
}

/** `0`/`1` of an attach or a context. */
export function decodeAttach(answer: Answer): AtValue[] {
  const state = numberOf(said(answer));
  if (state === null) return [];
  return [value('attached', state, state === 1 ? 'good' : 'bad', { note: state === 1 ? 'attached' : 'detached' })];
}

export function decodeContexts(answer: Answer): AtValue[] {
  return restsOf(answer).flatMap((rest) => {
    const [cid, pdpType, apn, address] = fieldsOf(rest);
    if (cid === undefined || cid === '' || pdpType === undefined) return [];
    return [value('context', numberOf(cid)), value('pdpType', pdpType), value('apn', apn ?? ''), ...addressValues(address)];
  });
}

export function decodeActive(answer: Answer): AtValue[] {
  return restsOf(answer).flatMap((rest) => {
    const [cid, state] = fieldsOf(rest).map(numberOf);
    if (cid === null || cid === undefined || state === null || state === undefined) return [];
    return [
      value('context', cid),
      value('active', state, state === 1 ? 'good' : 'bad', { note: state === 1 ? 'activated' : 'deactivated' }),
    ];
  });
}

export function decodeAddresses(answer: Answer): AtValue[] {
  return restsOf(answer).flatMap((rest) => {
    const [cid, ...addresses] = fieldsOf(rest);
    if (cid === undefined || cid === '') return [];
    return [
      value('context', numberOf(cid)),
      ...(addresses.length === 0 ? [value('ip', null, 'bad', { note: 'no-address' })] : addresses.flatMap(addressValues)),
    ];
  });
}

/** A dotted sixteen is how 27.007 writes IPv6 (§10.1.0, +CGPIAF=0). */
function addressValues(address: string | undefined): AtValue[] {
  if (address === undefined || address === '') return [];
  const numbers = address.split('.').map(Number);
  if (numbers.length === 16) {
    const groups = Array.from({ length: 8 }, (_, at) => ((numbers[2 * at] ?? 0) * 256 + (numbers[2 * at + 1] ?? 0)).toString(16));
    const isUnset = numbers.every((each) => each === 0);
    return [isUnset ? value('ipv6', null, 'bad', { note: 'no-address' }) : value('ipv6', groups.join(':'), 'good')];
  }
  if (address === '0.0.0.0') return [value('ip', null, 'bad', { note: 'no-address' })];
  return [value(address.includes(':') ? 'ipv6' : 'ip', address, 'good')];
}

export function decodeClock(text: string): AtValue[] {
  const time = unquoted(text).replace(/[,\s]+$/, '');
  const year = Number(/^(\d{2,4})\//.exec(time)?.[1] ?? Number.NaN);
  if (Number.isNaN(year)) return [];
  const full = year < 100 ? 2000 + year : year;
  const isSet = full >= 2020 && full < 2080;
  return [value('clock', time, isSet ? 'good' : 'weak', isSet ? {} : { note: 'clock-not-set' })];
}

/** 27.007 §8.4 `<bcs>,<bcl>[,<mV>]`; some modules say the millivolts alone. */
export function decodeBattery(answer: Answer): AtValue[] {
  const fields = fieldsOf(said(answer)).map(numberOf);
  const [first, percent, millivolts] = fields;
  const voltage = (mv: number): AtValue => value('batteryVoltage', mv, mv < 3300 ? 'bad' : mv < 3500 ? 'weak' : 'good', { unit: 'mV' });
  if (first === null || first === undefined) return [];
  if (percent === undefined || percent === null) return [voltage(first)];
  return [
    value('batteryState', first, 'unknown', { note: first === 1 ? 'charging' : 'not-charging' }),
    value('batteryPercent', percent, percent < 10 ? 'bad' : percent < 25 ? 'weak' : 'good', { unit: '%' }),
    ...(millivolts === undefined || millivolts === null ? [] : [voltage(millivolts)]),
  ];
}

/** Eigencomm: `PHY, DlEarfcn:3738, …, RSRP:-91, …` and so on for each layer. */
export function decodeEcStatus(answer: Answer): AtValue[] {
  const facts = new Map<string, string>();
  for (const rest of answer.lines)
    for (const [, key, fact] of rest.matchAll(/(\w+):\s*("[^"]*"|[^,]+)/g)) facts.set(key ?? '', unquoted((fact ?? '').trim()));
  const read: [string, (text: string) => AtValue[]][] = [
    ['DlEarfcn', (text) => [value('earfcn', numberOf(text))]],
    ['PCI', (text) => [value('pci', numberOf(text))]],
    ['Band', (text) => [value('band', numberOf(text))]],
    ['RSRP', (text) => (numberOf(text) === null ? [] : [rsrpValue(Number(text))])],
    ['RSRQ', (text) => (numberOf(text) === null ? [] : [rsrqValue(Number(text))])],
    ['SNR', (text) => [value('snr', numberOf(text), Number(text) < 0 ? 'bad' : Number(text) < 5 ? 'weak' : 'good', { unit: 'dB' })]],
    ['TAC', (text) => [value('tac', text)]],
    ['CellId', (text) => [value('cellId', text)]],
    ['EmmState', (text) => [value('emm', text, text === 'REG' ? 'good' : 'bad')]],
    ['PlmnState', (text) => [value('plmnState', text, text === 'SELECTED' ? 'good' : 'weak')]],
    ['APN', (text) => [value('apn', text)]],
    ['IPv4', addressValues],
    ['Cfun', (text) => decodeFunctionality({ part: answer.part, lines: [text] })],
    ['IMSI', (text) => decodeImsi({ part: answer.part, lines: [text] })],
  ];
  return read.flatMap(([key, decode]) => {
    const fact = facts.get(key);
    return fact === undefined ? [] : decode(fact);
  });
}

/** Eigencomm: serving (SC) and neighbour (NC) cells, <earfcn>,<pci>,<rsrp>,<rsrq>[,<mcc>,<mnc>,<ci>,<tac>]. */
export function decodeCells(answer: Answer): AtValue[] {
  return answer.lines.flatMap((line) => {
    const prefix = prefixOf(line);
    if (prefix === null || !/^\+ECBCINFO[SN]C$/.test(prefix.name)) return [];
    const [earfcn, pci, rsrp, rsrq, mcc, mnc, cell] = fieldsOf(prefix.rest);
    if (numberOf(rsrp) === null || numberOf(rsrq) === null) return [];
    return [
      value('cell', [`${earfcn}/${pci}`, mcc && `${mcc}${mnc ?? ''}`, cell].filter(Boolean).join(' ')),
      rsrpValue(Number(rsrp)),
      rsrqValue(Number(rsrq)),
    ];
  });
}

/** The one line of what a command is called after: manufacturer, model. */
export function decodeText(name: Name): Decoder {
  return (answer) => {
    const text = fieldsOf(said(answer)).at(-1) ?? '';
    return text === '' ? [] : [value(name, text, 'good')];
  };
}
