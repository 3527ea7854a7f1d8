import { fieldsOf } from '../../at/command.ts';
import { cmeMeaning, cmsMeaning } from '../../at/error-codes.ts';
import { type LineFacts, parseJson } from './grammar.ts';

/** What an information line says to all boards' vocabulary, or null when only its name and values can be told. */
type Reading = (fields: readonly string[], rest: string) => Partial<LineFacts> | null;

/** 3GPP TS 27.007 §7.2, by number. */
const registrations: readonly string[] = [
  'not-searching',
  'home',
  'searching',
  'denied',
  'unknown',
  'roaming',
  'sms-home',
  'sms-roaming',
  'emergency-only',
];

/** +CME ERROR numbers that speak of the SIM. */
const simErrors: Readonly<Record<number, string>> = {
  10: 'not inserted',
  11: 'sim pin',
  12: 'sim puk',
  13: 'failure',
  14: 'busy',
  15: 'wrong',
};

const isNumber = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);
const isIpv4 = (text: string | undefined): text is string => text !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(text) && text !== '0.0.0.0';

const identity =
  (key: string, shape: RegExp): Reading =>
  ([value = '']) =>
    shape.test(value) ? { event: 'identity', payload: { [key]: value } } : null;

/** `n,stat[,"tac","ci",act]` answers, `stat[,"tac","ci",act]` comes unasked: two bare digits in front tell the first. */
const registration: Reading = (fields, rest) => {
  const [state = '', area, cell, technology] = /^\d, ?\d+(?:,|$)/.test(rest) ? fields.slice(1) : fields;
  const name = isNumber(state) ? registrations[Number(state)] : undefined;
  if (name === undefined) return null;
  return {
    event: 'cellular.registration',
    payload: {
      state: name,
      isRegistered: name === 'home' || name === 'roaming',
      ...(area === undefined || area === '' ? {} : { area }),
      ...(cell === undefined || cell === '' ? {} : { cell }),
      ...(isNumber(technology) ? { technology: Number(technology) } : {}),
    },
  };
};

const sim: Reading = (_, rest) => {
  const found = /^([A-Z][A-Z0-9 -]*?)(?: (\d))?$/.exec(rest);
  if (found === null) return null;
  const [, state = '', slot] = found;
  return { event: 'sim', payload: { state: state.toLowerCase(), ...(slot === undefined ? {} : { slot: Number(slot) }) } };
};

const signalOfCsq: Reading = ([rssi, errors]) => {
  if (!isNumber(rssi) || !isNumber(errors)) return null;
  const csq = Number(rssi);
  return { event: 'signal', payload: csq > 31 ? { csq } : { csq, rssiDbm: 2 * csq - 113 } };
};

/** The last two of six count on LTE; 255 is not known. */
const signalOfCesq: Reading = (fields) => {
  const [rsrq, rsrp] = [fields[4], fields[5]];
  if (!isNumber(rsrq) || !isNumber(rsrp)) return null;
  return {
    event: 'signal',
    payload: {
      ...(Number(rsrp) > 97 ? {} : { rsrpDbm: Number(rsrp) - 141 }),
      ...(Number(rsrq) > 34 ? {} : { rsrqDb: Number(rsrq) / 2 - 20 }),
    },
  };
};

const bearerEvent: Reading = (_, rest) => {
  const found = /^(?:ME|NW) (?:PDN (ACT|DEACT)(?: (\d+))?|(DETACH))/.exec(rest);
  if (found === null) return null;
  const [, change, cid, detach] = found;
  if (detach !== undefined) return { event: 'cellular.registration', payload: { state: 'detached', isRegistered: false } };
  const payload = { bearer: 'cellular', ...(cid === undefined ? {} : { cid: Number(cid) }) };
  return change === 'ACT' ? { event: 'net.up', payload } : { event: 'net.down', payload: { ...payload, reason: rest } };
};

const address: Reading = ([cid, ip]) =>
  isNumber(cid) && isIpv4(ip) ? { event: 'net.up', payload: { bearer: 'cellular', cid: Number(cid), ip } } : null;

/** Eigencomm's deep status: `PHY, DlEarfcn:3738, …, RSRP:-91, RSRQ:-8, SNR:8,`. */
const layerStatus: Reading = (_, rest) => {
  const fact = (name: string) => new RegExp(`\\b${name}:(-?\\d+)`).exec(rest)?.[1];
  const [rsrp, rsrq, snr] = [fact('RSRP'), fact('RSRQ'), fact('SNR')];
  if (!rest.startsWith('PHY') || rsrp === undefined) return null;
  return {
    event: 'signal',
    payload: {
      rsrpDbm: Number(rsrp),
      ...(rsrq === undefined ? {} : { rsrqDb: Number(rsrq) }),
      ...(snr === undefined ? {} : { snrDb: Number(snr) }),
    },
  };
};

/** Eigencomm's serving cell: `earfcn,pci,rsrp,rsrq,"mcc","mnc","cell","area"`. */
const servingCell: Reading = ([earfcn, pci, , , mcc, mnc, cell]) =>
  isNumber(earfcn) && isNumber(pci) && cell !== undefined
    ? { event: 'cellular.cell', payload: { mcc, mnc, earfcn: Number(earfcn), pci: Number(pci), cell: Number.parseInt(cell, 16) } }
    : null;

const readings: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ['+CPIN', sim],
  ['+CSQ', signalOfCsq],
  ['+CESQ', signalOfCesq],
  ['*CESQ', signalOfCesq],
  ['+CREG', registration],
  ['+CEREG', registration],
  ['+CGREG', registration],
  ['+CGEV', bearerEvent],
  ['+CGPADDR', address],
  ['+CGDCONT', ([cid = '', , , ip = '']) => address([cid, ip], '')],
  ['+ECSTATUS', layerStatus],
  ['+ECBCINFOSC', servingCell],
  ['+SAPBR', ([, state, ip]) => (state === '1' && isIpv4(ip) ? { event: 'net.up', payload: { bearer: 'cellular', ip } } : null)],
  ['^MODE', ([mode]) => (isNumber(mode) ? { event: 'cellular.service', payload: { isAvailable: mode !== '0' } } : null)],
  ['+COPS', ([, , operator = '']) => (/^[^()]+$/.test(operator) ? { event: 'cellular.operator', payload: { operator } } : null)],
  ['+CFUN', ([level]) => (isNumber(level) ? { event: 'cellular.radio', payload: { isOn: level === '1', function: Number(level) } } : null)],
  ['+NITZ', (_, rest) => ({ event: 'time.synced', payload: { time: /^[^,]*,[^,\s]*/.exec(rest)?.[0] ?? rest } })],
  ['+CGSN', identity('imei', /^\d{15}$/)],
  ['+CIMI', identity('imsi', /^\d{15}$/)],
  ['+ICCID', identity('iccid', /^[0-9A-F]{19,20}$/i)],
  ['+CCID', identity('iccid', /^[0-9A-F]{19,20}$/i)],
  ['+ECICCID', identity('iccid', /^[0-9A-F]{19,20}$/i)],
  ['+CGMM', (fields) => identity('model', /^[^<]+$/)([fields.at(-1) ?? ''], '')],
  ['+CGMR', identity('firmware', /^[^-<].*$/s)],
  [
    '+MSUB',
    (_, rest) => {
      const found = /^"([^"]*)", ?(\d+) byte, ?(.*)$/s.exec(rest);
      if (found === null) return null;
      const [, topic, bytes, text = ''] = found;
      return { event: 'mqtt.message', payload: { kind: 'message', topic, bytes: Number(bytes), payload: parseJson(text) ?? text } };
    },
  ],
]);

/** `name` with its sign, `rest` after the colon. An answer, or said unasked. */
export function informationFacts(name: string, rest: string, isAnswer: boolean): Partial<LineFacts> {
  const fields = fieldsOf(rest);
  return readings.get(name)?.(fields, rest) ?? { event: isAnswer ? 'at.answer' : 'at.urc', payload: { name, values: fields } };
}

/** `+CME ERROR: 10`. Numbers are explained where all firmware families agree. */
export function errorFacts(kind: string, said: string): Partial<LineFacts> {
  const code = /^\d+$/.test(said) ? Number(said) : undefined;
  const result = `+${kind} ERROR`;
  if (code === undefined) return { level: 'error', event: 'at.error', payload: { result, ...(said === '' ? {} : { meaning: said }) } };
  const state = kind === 'CME' ? simErrors[code] : undefined;
  if (state !== undefined) return { level: 'error', event: 'sim', payload: { state, code } };
  const meaning = kind === 'CME' ? cmeMeaning(code, 'unknown') : kind === 'CMS' ? cmsMeaning(code) : undefined;
  return { level: 'error', event: 'at.error', payload: { result, code, ...(meaning === undefined ? {} : { meaning }) } };
}

/** The shape of a bare line that answers a command, by the command's name without AT. */
const bareAnswers: ReadonlyMap<string, [key: string, shape: RegExp]> = new Map([
  ['+CGSN', ['imei', /^\d{15}\b/]],
  ['+GSN', ['imei', /^\d{15}\b/]],
  ['+CIMI', ['imsi', /^\d{15}\b/]],
  ['+CCID', ['iccid', /^[0-9A-F]{19,20}\b/i]],
  ['+ICCID', ['iccid', /^[0-9A-F]{19,20}\b/i]],
  ['ATI', ['firmware', /^[^\s_]*_\S+$/]],
  ['+CGMR', ['firmware', /^[^\s_]*_\S+$/]],
  ['+CGMM', ['model', /^[A-Z]\S+$/i]],
]);

/** A line without a name while `command` is under way. */
export function bareAnswerFacts(command: string, text: string): Partial<LineFacts> {
  const known = bareAnswers.get(command);
  const value = known?.[1].exec(text)?.[0];
  if (known === undefined || value === undefined) return {};
  return { event: 'identity', payload: { [known[0]]: value } };
}
