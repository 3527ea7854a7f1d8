import { lookup } from '../../lookup.ts';
import type { Cat1State } from './modem-state.ts';

/** A command's answer. `final` null: what follows is for the modem to send (a prompt, data mode). */
export interface Reply {
  lines: string[];
  final: string;
  /** How long the module takes; typical times of real logs. */
  takesMs?: number;
}

type Answer = (state: Cat1State, form: { kind: 'run' | 'read' | 'test' | 'set'; argument: string }) => Reply | null;

const ok = (...lines: string[]): Reply => ({ lines, final: 'OK' });
const error: Reply = { lines: [], final: 'ERROR' };

/** As the network tells it in China: `26/01/01,08:00:00+32`, the zone in quarters of an hour. */
function localTime(wallMs: number): string {
  const [date = '', time = ''] = new Date(wallMs + 8 * 3_600_000).toISOString().slice(2, 19).split('T');
  return `${date.replaceAll('-', '/')},${time}+32`;
}

/** AT+CMEE decides how much of the reason is told. */
function cme(state: Cat1State, code: number): Reply {
  return state.cmee === 0 ? error : { lines: [], final: `+CME ERROR: ${code}` };
}

function simError(state: Cat1State): Reply | null {
  const codes = { ready: null, absent: 10, pin: 11, puk: 12, failure: 13, busy: 14 } as const;
  const code = codes[state.sim];
  return code === null ? null : cme(state, code);
}

/** <n>,<stat> and, from n=2 on, the cell. */
function registration(name: string, n: number, state: Cat1State): string {
  const cell = n >= 2 && (state.stat === 1 || state.stat === 5) ? ',"4844","0EA2D0CA",7' : '';
  return `+${name}: ${n},${state.stat}${cell}`;
}

const settings = ['CGEREP', 'CTZU', 'CTZR', 'CMGF', 'CSCLK', 'CNMI', 'ECURC', 'CREG', 'CGREG'] as const;

const answers = lookup<Answer>({
  CMEE: (state, { kind, argument }) => {
    if (kind === 'read') return ok(`+CMEE: ${state.cmee}`);
    if (kind === 'test') return ok('+CMEE: (0-2)');
    state.cmee = Number(argument);
    return ok();
  },
  CGMI: (state) => ok(state.family === 'eigencomm' ? '+CGMI: "eigencomm"' : state.family === 'airm2m' ? '+CGMI: "AirM2M"' : 'Quectel'),
  CGMM: (state) =>
    ok(state.family === 'eigencomm' ? '+CGMM: "eigencomm","EC618"' : state.family === 'airm2m' ? '+CGMM: "Air780EP"' : 'EC800K'),
  CGMR: (state) => {
    if (state.family === 'quectel') return error;
    if (state.family === 'airm2m') return ok(`+CGMR: "${revisionOf(state)}"`);
    const facts = ['Board: EC618_EVK', `SDK Version: ${revisionOf(state)}`, 'EVB Version: EC618_HW_V1.0', 'Compiled: Dec 2 2021 13:49:27'];
    return ok('+CGMR:', ...facts.map((fact) => `-- ${fact} --`));
  },
  CGSN: (state, { kind, argument }) => {
    if (kind === 'run') return ok(state.imei);
    if (kind === 'set' && argument === '1') return ok(`+CGSN: "${state.imei}"`);
    return kind === 'set' ? ok('+CGSN: "01"') : ok('+CGSN: (0,1,2,3)');
  },
  CPIN: (state, { kind, argument }) => {
    if (kind === 'set') {
      if (state.sim !== 'pin') return cme(state, 3);
      if (argument !== '"1234"') return cme(state, 16);
      state.sim = 'ready';
      return ok();
    }
    if (state.sim === 'pin') return ok('+CPIN: SIM PIN');
    if (state.sim === 'puk') return ok('+CPIN: SIM PUK');
    return simError(state) ?? ok('+CPIN: READY');
  },
  ICCID: (state) => simError(state) ?? ok(`+ICCID: ${state.iccid}`),
  CCID: (state) => simError(state) ?? (state.family === 'eigencomm' ? error : ok(state.iccid)),
  ECICCID: (state) => (state.family === 'eigencomm' ? (simError(state) ?? ok(`+ECICCID: ${state.iccid}`)) : error),
  CIMI: (state) => simError(state) ?? ok(state.imsi),
  CSQ: (state) => ok(`+CSQ: ${state.rssi},${state.rssi === 99 ? 99 : 0}`),
  CESQ: (state) => ok(`+CESQ: 99,99,255,255,${state.rsrq},${state.rsrp}`),
  CFUN: (state, { kind, argument }) => {
    // The manual's own example has no blank after the colon.
    if (kind === 'read') return ok(state.family === 'eigencomm' ? `+CFUN:${state.cfun}` : `+CFUN: ${state.cfun}`);
    if (kind === 'test') return ok('+CFUN:(0,1,4),(0,1)');
    const level = Number(argument.split(',')[0]);
    if (![0, 1, 4].includes(level)) return cme(state, 50);
    state.cfun = level;
    return { ...ok(), takesMs: 141 };
  },
  CEREG: (state, { kind, argument }) => {
    if (kind === 'read') return ok(registration('CEREG', state.cereg, state));
    if (kind === 'test') return ok('+CEREG: (0,1,2,3,4,5)');
    state.cereg = Number(argument);
    return ok();
  },
  COPS: (state, { kind }) => {
    if (kind === 'test')
      return { ...ok('+COPS: (2,"CHINA MOBILE","CMCC","46000",7),(3,"CHN-UNICOM","UNICOM","46001",7),,(0-4),(0-2)'), takesMs: 21_000 };
    if (kind === 'set') return { ...ok(), takesMs: 900 };
    return ok(state.isRegistered ? '+COPS: 0,2,"46001",7' : '+COPS: 0');
  },
  CGATT: (state, { kind }) =>
    kind === 'read' ? ok(`+CGATT: ${state.isAttached ? 1 : 0}`) : kind === 'test' ? ok('+CGATT: (0,1)') : { ...ok(), takesMs: 600 },
  CGDCONT: (state, { kind, argument }) => {
    if (kind === 'read')
      return ok(`+CGDCONT: 1,"IPV4V6","${state.apn}"${state.isAttached ? ',"10.154.75.135"' : ''}`, '+CGDCONT: 2,"IPV6","apn1"');
    if (kind === 'set') state.apn = /"[^"]*","([^"]*)"/.exec(argument)?.[1] ?? state.apn;
    return ok();
  },
  CGACT: (state, { kind }) => (kind === 'read' ? ok(`+CGACT: 1,${state.isAttached ? 1 : 0}`) : ok()),
  CGPADDR: (state) =>
    state.isAttached ? ok('+CGPADDR: 1,"10.154.75.135","36.14.8.120.0.80.3.53.0.2.0.1.83.170.233.153"') : ok('+CGPADDR: 1,"0.0.0.0"'),
  CCLK: (state, { kind }) =>
    kind === 'read' ? ok(state.isRegistered ? `+CCLK: "${localTime(state.wallMs())}"` : '+CCLK: "2000/01/01,00:00:12+00"') : ok(),
  CBC: () => ok('+CBC: 0,80,3850'),
  CPINR: () => ok('+CPINR: "SIM PIN",3,3', '+CPINR: "SIM PUK",10,10'),
  IPR: (_, { kind }) => (kind === 'read' ? ok('+IPR:115200') : ok()),
  ECBAND: (state, { kind }) => (state.family === 'quectel' ? error : kind === 'read' ? ok('+ECBAND: 1,3,5,8,34,38,39,40,41') : ok()),
  ECSTATUS: (state) =>
    state.family === 'quectel'
      ? error
      : ok(
          `+ECSTATUS: PHY, DlEarfcn:3738, UlEarfcn:21738, PCI:11, Band:8, RSRP:${state.rsrp - 141}, RSRQ:-8, SNR:8, DlBler:0/100, TxPower:-128`,
          '+ECSTATUS: RRC, State:"IDLE", TAC:23369, CellId:26224411',
          `+ECSTATUS: EMM, EmmState:"${state.isRegistered ? 'REG' : 'DEREG'}", EmmMode:"IDLE"`,
          `+ECSTATUS: ESM, ActBearerNum:1, APN:"${state.apn}", IPv4:"10.154.75.135"`,
          `+ECSTATUS: CCM, Cfun:${state.cfun}, IMSI:"${state.imsi}"`,
        ),
  ECBCINFO: (state) =>
    state.family === 'quectel'
      ? error
      : { ...ok('+ECBCINFOSC: 3684,9,-87,-10,"460","00","0190271A","5B49"', '+ECBCINFONC: 3686,425,-86,-9'), takesMs: 3200 },
  ECVERSION: (state, { kind }) => (state.family !== 'quectel' && kind === 'read' ? ok('+ECVERSION: "EC618_SW_V001.000.101"') : error),
});

/** Null: no such command, which is a bare ERROR whatever AT+CMEE says. */
export function replyTo(name: string, form: { kind: 'run' | 'read' | 'test' | 'set'; argument: string }, state: Cat1State): Reply | null {
  const answer = answers[name];
  if (answer !== undefined) return answer(state, form);
  if (!(settings as readonly string[]).includes(name)) return null;
  const held = state.settings.get(name) ?? '0';
  if (form.kind === 'read') return ok(name === 'CREG' || name === 'CGREG' ? registration(name, Number(held), state) : `+${name}: ${held}`);
  if (form.kind === 'set') state.settings.set(name, form.argument);
  return ok();
}

function revisionOf({ family, revision }: Cat1State): string {
  return revision ?? (family === 'airm2m' ? 'AirM2M_780EP_V1007_LTE_AT' : 'EC618_SW_V001.000.101');
}

export function identityOf(state: Cat1State): string[] {
  if (state.family === 'airm2m') return [revisionOf(state)];
  if (state.family === 'eigencomm') return [state.revision ?? 'EC618_EVK_EIGENCOMM_AT'];
  return ['Quectel', 'EC800K', 'Revision: EC800KCNLCR07A09M04 UniRTOS'];
}
