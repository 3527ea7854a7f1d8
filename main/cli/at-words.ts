import type { AtBringUp, AtBringUpStep, AtExchange, AtFinal, AtValue } from '../../preload/contract/at.ts';

const titles: Record<AtBringUpStep['id'], string> = {
  answers: 'modem answers',
  identity: 'which modem',
  firmware: 'firmware revision',
  imei: 'IMEI',
  sim: 'SIM',
  iccid: 'ICCID of the SIM',
  imsi: 'IMSI of the SIM',
  csq: 'signal (CSQ)',
  cesq: 'signal (CESQ)',
  radio: 'radio on',
  registration: 'registered',
  operator: 'operator',
  attach: 'attached to packet data',
  bearer: 'bearer and address',
  ping: 'ping',
};

const nexts: Record<NonNullable<AtBringUpStep['next']>, string> = {
  'check-port': 'check that this is the AT port (USB interface 2), the baud rate, and that the module is on and awake',
  'update-firmware': 'nothing to do for this test; newer firmware may know the command',
  'write-imei': 'write a valid IMEI (the module’s vendor tool, or AT+ECCGSN)',
  'insert-sim': 'insert a SIM; check the holder, its detect pin and the slot (AT+ECSIMCFG?)',
  'enter-pin': 'enter the PIN: AT+CPIN="1234"',
  'enter-puk': 'the PIN is blocked: enter the PUK, AT+CPIN="PUK","new PIN"',
  'replace-sim': 'try another SIM; clean its contacts',
  'check-antenna': 'check the antenna, its connector and matching; try outdoors',
  'move-antenna': 'works, but not reliably: improve the antenna or its place',
  'turn-radio-on': 'turn the radio on: AT+CFUN=1',
  'wait-for-network': 'not registered: see the registration step',
  'check-subscription': 'the network refuses it: check that the SIM is active, its IMEI binding, its coverage area and roaming',
  'check-band': 'not searching: check AT+CFUN, AT+COPS=0 and the bands (AT+ECBAND?)',
  attach: 'attach by hand: AT+CGATT=1; if refused, check the subscription',
  'check-apn': 'no address: check the APN (AT+CGDCONT) and that it is the SIM’s',
  'check-route': 'no replies: check DNS, the APN’s firewall (IoT SIMs often reach listed hosts only), and the balance',
  repeat: 'some replies were lost: repeat, and look at the signal',
  'read-error': 'see the modem’s own answer above',
};

const marks: Record<AtBringUpStep['state'], string> = {
  waiting: '-',
  running: '…',
  passed: 'ok',
  warning: 'WARN',
  failed: 'FAIL',
  skipped: 'skip',
};

function valueText({ name, value, unit, verdict, note }: AtValue): string {
  const number = value === null ? 'unknown' : `${value}${unit === undefined ? '' : ` ${unit}`}`;
  const remarks = [note?.replaceAll('-', ' '), verdict === 'unknown' ? undefined : verdict].filter((each) => each !== undefined);
  return `${name} ${number}${remarks.length === 0 ? '' : ` (${remarks.join(', ')})`}`;
}

export function finalText({ kind, code, text, meaning }: AtFinal): string {
  const said = code ?? text;
  return `${kind.replace('-', ' ')}${said === undefined ? '' : ` ${said}`}${meaning === undefined ? '' : `: ${meaning.replaceAll('-', ' ')}`}`;
}

export function exchangeText(exchange: AtExchange): string {
  const { sentAtUs, endedAtUs, final } = exchange;
  const tookMs = sentAtUs === undefined || endedAtUs === undefined ? null : Math.round((endedAtUs - sentAtUs) / 1000);
  return [
    `> ${exchange.command}`,
    ...exchange.lines.map((line) => `  ${line}`),
    ...(final === undefined ? [] : [`  ${finalText(final)}${tookMs === null ? '' : ` (${tookMs} ms)`}`]),
    ...exchange.values.map((each) => `  = ${valueText(each)}`),
  ].join('\n');
}

export function stepText(step: AtBringUpStep): string {
  const limits = step.limits.map(({ name, good, bad }) => `${name} ${good}${bad === undefined ? '' : `, not ${bad}`}`);
  const isFine = step.state === 'passed' || step.state === 'skipped';
  const facts = step.state === 'skipped' && step.needs !== undefined ? `needs step ${step.needs}` : step.values.map(valueText).join(' · ');
  return [
    `${String(step.number).padStart(2)}  ${marks[step.state].padEnd(4)}  ${titles[step.id].padEnd(24)}  ${facts}`,
    ...(isFine ? [] : step.evidence.map((line) => `            ${line}`)),
    ...(isFine || limits.length === 0 ? [] : [`            wanted: ${limits.join('; ')}`]),
    ...(step.error === undefined ? [] : [`            ${step.error.code}`]),
    ...(step.next === undefined || isFine ? [] : [`            next: ${nexts[step.next]}`]),
  ].join('\n');
}

export function verdictText(report: AtBringUp): string {
  const counts = `${report.passed} passed, ${report.warnings} warnings, ${report.failed} failed, ${report.skipped} skipped`;
  const seconds = (report.elapsedMs / 1000).toFixed(1);
  if (report.state === 'cancelled') return `cancelled after ${seconds} s: ${counts}`;
  if (report.firstFailed === null) return `ready in ${seconds} s: ${counts}`;
  const cause = report.steps.find(({ number }) => number === report.firstFailed);
  const next = cause?.next === undefined ? '' : `\n  next: ${nexts[cause.next]}`;
  return `not ready after ${seconds} s: ${counts}; first cause: step ${report.firstFailed}, ${cause === undefined ? '' : titles[cause.id]}${next}`;
}
