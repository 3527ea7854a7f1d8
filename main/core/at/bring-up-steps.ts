import type { AtBringUpStep, AtExchange, AtValue } from '../../../preload/contract/at.ts';
import { isTalkError, type TalkError } from '../../../preload/contract/errors.ts';
import type { familyOf } from './family.ts';
import type { PingLine } from './ping.ts';

export type StepId = AtBringUpStep['id'];
export type StepNext = NonNullable<AtBringUpStep['next']>;

/** What a step may do: ask, wait, listen. */
export interface StepTools {
  /** The exchange, or the error when no final came. Its lines and final become evidence. */
  ask(command: string): Promise<AtExchange | TalkError>;
  /** Asks each second until `isSettled` or the time for waiting is over. */
  poll(command: string, isSettled: (exchange: AtExchange) => boolean): Promise<AtExchange | TalkError>;
  /** Lines of a ping until it is done. Null: the command is not known here. */
  ping(command: string): Promise<PingLine[] | null | TalkError>;
  family(): ReturnType<typeof familyOf>;
  pingHost: string | null;
}

export interface StepResult {
  state: 'passed' | 'warning' | 'failed' | 'skipped';
  values?: AtValue[];
  next?: StepNext;
  error?: TalkError;
}

export interface BringUpStep {
  id: StepId;
  limits: AtBringUpStep['limits'];
  /** Steps without which this one says nothing. */
  needs: readonly StepId[];
  run(tools: StepTools): Promise<StepResult>;
}

type Asked = AtExchange | TalkError;

const RETRIES = 2;

function isOk(asked: Asked): asked is AtExchange {
  return !isTalkError(asked) && asked.final?.kind === 'ok';
}

function cmeCode(asked: Asked): number | null {
  return !isTalkError(asked) && asked.final?.kind === 'cme-error' ? (asked.final.code ?? null) : null;
}

/** No final at all, or an error that the step has no better word for. */
function failed(asked: Asked, next: StepNext = 'read-error'): StepResult {
  return isTalkError(asked) ? { state: 'failed', next: 'check-port', error: asked } : { state: 'failed', next };
}

function find(asked: Asked, name: AtValue['name']): AtValue | undefined {
  return isTalkError(asked) ? undefined : asked.values.find((each) => each.name === name);
}

/** The worst of what was decoded decides. */
function judged(values: AtValue[], next: { weak: StepNext; bad: StepNext }): StepResult {
  if (values.some(({ verdict }) => verdict === 'bad')) return { state: 'failed', values, next: next.bad };
  if (values.some(({ verdict }) => verdict === 'weak')) return { state: 'warning', values, next: next.weak };
  return { state: 'passed', values };
}

/** The first of several names of one command that the firmware knows. */
async function firstKnown(ask: StepTools['ask'], commands: readonly string[]): Promise<Asked> {
  let asked: Asked | undefined;
  for (const command of commands) {
    asked = await ask(command);
    if (isTalkError(asked) || asked.final?.kind !== 'error') return asked;
  }
  if (asked === undefined) throw new Error('a step asked nothing');
  return asked;
}

/** The chain of reference for cat.1 modules: power to ping, each step with what it is judged by. */
export const bringUpSteps: readonly BringUpStep[] = [
  {
    id: 'answers',
    limits: [{ name: 'AT', good: 'OK' }],
    needs: [],
    async run({ ask }) {
      // A module that has just booted, slept, or looks for the baud rate, hears the first AT with half an ear.
      let first = await ask('AT');
      for (let again = 0; again < RETRIES && (isTalkError(first, 'at/timeout') || isTalkError(first, 'at/module-reset')); again++)
        first = await ask('AT');
      if (!isOk(first)) return failed(first, 'check-port');
      for (const command of ['ATE0', 'AT+CMEE=1']) {
        const asked = await ask(command);
        if (!isOk(asked)) return failed(asked, 'check-port');
      }
      return { state: 'passed' };
    },
  },
  {
    id: 'identity',
    limits: [],
    needs: ['answers'],
    async run({ ask, family }) {
      const asked = await ask('ATI');
      if (!isOk(asked)) return failed(asked);
      return {
        state: family() === 'unknown' ? 'warning' : 'passed',
        values: asked.values,
        ...(family() === 'unknown' ? { next: 'read-error' as const } : {}),
      };
    },
  },
  {
    id: 'firmware',
    limits: [],
    needs: ['answers'],
    async run({ ask }) {
      const asked = await ask('AT+CGMR');
      if (isOk(asked)) return { state: 'passed', values: asked.values };
      // Quectel's UniRTOS firmware has no such command; ATI said what there is.
      return isTalkError(asked) ? failed(asked) : { state: 'warning', next: 'update-firmware' };
    },
  },
  {
    id: 'imei',
    limits: [{ name: 'imei', good: '15 × 0–9, Luhn', bad: '000000000000000' }],
    needs: ['answers'],
    async run({ ask }) {
      const bare = await ask('AT+CGSN');
      const asked = isOk(bare) && bare.values.length > 0 ? bare : await ask('AT+CGSN=1');
      if (!isOk(asked)) return failed(asked);
      if (asked.values.length === 0) return { state: 'failed', next: 'write-imei' };
      return judged(asked.values, { weak: 'write-imei', bad: 'write-imei' });
    },
  },
  {
    id: 'sim',
    limits: [{ name: 'sim', good: 'READY', bad: '+CME ERROR: 10, 13, 15' }],
    needs: ['answers'],
    async run({ poll }) {
      // A SIM is ready a second or two after the boot; 14 is the module asking for patience.
      const asked = await poll('AT+CPIN?', (exchange) => cmeCode(exchange) !== 14);
      const code = cmeCode(asked);
      if (code === 11) return { state: 'failed', next: 'enter-pin' };
      if (code === 12) return { state: 'failed', next: 'enter-puk' };
      if (code === 10) return { state: 'failed', next: 'insert-sim' };
      if (code === 13 || code === 14 || code === 15) return { state: 'failed', next: 'replace-sim' };
      if (!isOk(asked)) return failed(asked);
      const note = find(asked, 'sim')?.note;
      const next: StepNext =
        note === 'pin-wanted' ? 'enter-pin' : note === 'puk-wanted' ? 'enter-puk' : note === 'sim-removed' ? 'insert-sim' : 'replace-sim';
      if (asked.values.length === 0) return { state: 'failed', next: 'read-error' };
      return judged(asked.values, { weak: next, bad: next });
    },
  },
  {
    id: 'iccid',
    limits: [{ name: 'iccid', good: '19–20 × 0–9 A–F' }],
    needs: ['sim'],
    async run({ ask, family }) {
      const commands = family() === 'eigencomm' ? ['AT+ECICCID', 'AT+ICCID', 'AT+CCID'] : ['AT+ICCID', 'AT+CCID', 'AT+ECICCID'];
      const asked = await firstKnown(ask, commands);
      if (!isOk(asked)) return failed(asked);
      return asked.values.length === 0
        ? { state: 'failed', next: 'replace-sim' }
        : judged(asked.values, { weak: 'replace-sim', bad: 'replace-sim' });
    },
  },
  {
    id: 'imsi',
    limits: [{ name: 'imsi', good: '15 × 0–9' }],
    needs: ['sim'],
    async run({ ask }) {
      const asked = await ask('AT+CIMI');
      if (!isOk(asked)) return failed(asked);
      return asked.values.length === 0
        ? { state: 'failed', next: 'replace-sim' }
        : judged(asked.values, { weak: 'replace-sim', bad: 'replace-sim' });
    },
  },
  {
    id: 'csq',
    limits: [{ name: 'rssi', good: '≥ −91 dBm (11)', bad: '≤ −99 dBm (7)' }],
    needs: ['answers'],
    run: ({ ask }) => signal(ask('AT+CSQ')),
  },
  {
    id: 'cesq',
    limits: [
      { name: 'rsrp', good: '≥ −114 dBm (27)', bad: '≤ −126 dBm (15)' },
      { name: 'rsrq', good: '≥ −15 dB', bad: '< −19 dB' },
    ],
    needs: ['answers'],
    run: ({ ask }) => signal(ask('AT+CESQ')),
  },
  {
    id: 'radio',
    limits: [{ name: 'functionality', good: '1', bad: '0, 4' }],
    needs: ['answers'],
    async run({ ask }) {
      const asked = await ask('AT+CFUN?');
      if (!isOk(asked) || asked.values.length === 0) return failed(asked);
      return judged(asked.values, { weak: 'turn-radio-on', bad: 'turn-radio-on' });
    },
  },
  {
    id: 'registration',
    limits: [{ name: 'registration', good: '1, 5', bad: '0, 3, 4, 6, 7, 8' }],
    needs: ['sim', 'radio'],
    async run({ poll }) {
      const asked = await poll('AT+CEREG?', (exchange) => ![0, 2, 4].includes(Number(find(exchange, 'registration')?.value)));
      if (!isOk(asked)) return failed(asked);
      const registration = find(asked, 'registration');
      if (registration === undefined) return { state: 'failed', next: 'read-error', values: asked.values };
      const nexts: Partial<Record<string, StepNext>> = {
        'not-searching': 'check-band',
        searching: 'check-antenna',
        denied: 'check-subscription',
      };
      // Searching, or out of coverage (4), is a warning of a console; at the end of the waiting it is a failure.
      if (registration.note === 'searching' || registration.verdict === 'unknown')
        return { state: 'failed', values: asked.values, next: 'check-antenna' };
      const next = nexts[registration.note ?? ''] ?? 'check-subscription';
      return judged([...asked.values], { weak: next, bad: next });
    },
  },
  {
    id: 'operator',
    limits: [{ name: 'operator', good: '≥ 5 × 0–9' }],
    needs: ['registration'],
    async run({ ask }) {
      const asked = await ask('AT+COPS?');
      if (!isOk(asked) || asked.values.length === 0) return failed(asked);
      return judged(asked.values, { weak: 'wait-for-network', bad: 'wait-for-network' });
    },
  },
  {
    id: 'attach',
    limits: [{ name: 'attached', good: '1', bad: '0' }],
    needs: ['registration'],
    async run({ poll }) {
      const asked = await poll('AT+CGATT?', (exchange) => find(exchange, 'attached')?.verdict !== 'bad');
      if (!isOk(asked) || asked.values.length === 0) return failed(asked);
      return judged(asked.values, { weak: 'attach', bad: 'attach' });
    },
  },
  {
    id: 'bearer',
    limits: [{ name: 'ip', good: '≠ 0.0.0.0', bad: '0.0.0.0' }],
    needs: ['attach'],
    async run({ ask }) {
      const contexts = await ask('AT+CGDCONT?');
      if (isTalkError(contexts)) return failed(contexts);
      const active = await ask('AT+CGACT?');
      const addresses = await ask('AT+CGPADDR');
      if (isTalkError(addresses)) return failed(addresses);
      const values = [contexts, active, addresses].flatMap((asked) => (isOk(asked) ? groupsOf(asked.values) : []));
      const hasAddress = values.flat().some(({ name, verdict }) => (name === 'ip' || name === 'ipv6') && verdict === 'good');
      const isActive = values.flat().some(({ name, verdict }) => name === 'active' && verdict === 'good');
      // Contexts that are defined and not in use say nothing of the one that is.
      const shown = unique(hasAddress ? values.filter((group) => group.some(({ verdict }) => verdict === 'good')).flat() : values.flat());
      if (!hasAddress) return { state: 'failed', values: shown, next: 'check-apn' };
      return isActive ? { state: 'passed', values: shown } : { state: 'warning', values: shown, next: 'check-apn' };
    },
  },
  {
    id: 'ping',
    limits: [{ name: 'lost', good: '0 %', bad: '100 %' }],
    needs: ['bearer'],
    run: pingStep,
  },
];

/** Values of several contexts, each from its number on. */
function groupsOf(values: readonly AtValue[]): AtValue[][] {
  const groups: AtValue[][] = [];
  for (const each of values) {
    if (each.name === 'context' || groups.length === 0) groups.push([]);
    groups.at(-1)?.push(each);
  }
  return groups;
}

/** Three commands say the same address. */
function unique(values: readonly AtValue[]): AtValue[] {
  return [...new Map(values.map((each) => [`${each.name} ${each.value}`, each])).values()];
}

async function signal(asking: Promise<Asked>): Promise<StepResult> {
  const asked = await asking;
  if (!isOk(asked) || asked.values.length === 0) return failed(asked);
  const [first] = asked.values;
  if (first?.value === null) return { state: 'failed', values: asked.values, next: 'check-antenna' };
  return judged(asked.values, { weak: 'move-antenna', bad: 'check-antenna' });
}

async function pingStep({ ping, family, pingHost }: StepTools): Promise<StepResult> {
  if (pingHost === null) return { state: 'skipped' };
  const commands = [`AT+ECPING="${pingHost}",4`, `AT+CIPPING="${pingHost}",4`, `AT+MPING="${pingHost}",10,4`];
  if (family() === 'airm2m') commands.unshift(...commands.splice(1, 1));
  for (const command of commands) {
    const lines = await ping(command);
    if (isTalkError(lines)) return failed(lines);
    if (lines === null) continue;
    const answered = lines.filter(({ kind }) => kind === 'answered');
    const asked = lines.filter(({ kind }) => kind === 'answered' || kind === 'no-answer' || kind === 'failed').length;
    const rtts = answered.map(({ rttMs }) => rttMs ?? 0);
    const host = answered.find((line) => line.host !== undefined)?.host;
    const lostPercent = asked === 0 ? 100 : Math.round((1 - answered.length / asked) * 100);
    const values: AtValue[] = [
      ...(host === undefined ? [] : [{ name: 'host' as const, value: host, verdict: 'unknown' as const }]),
      { name: 'lost', value: lostPercent, unit: '%', verdict: lostPercent === 0 ? 'good' : lostPercent < 100 ? 'weak' : 'bad' },
      ...(rtts.length === 0
        ? []
        : [
            {
              name: 'rtt' as const,
              value: Math.round(rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length),
              unit: 'ms' as const,
              verdict: 'good' as const,
            },
          ]),
    ];
    return judged(values, { weak: 'repeat', bad: 'check-route' });
  }
  return { state: 'skipped', next: 'update-firmware' };
}

/** How a final looked on the wire, as near as it matters for evidence. */
export function finalText({ final }: AtExchange): string {
  if (final === undefined) return '';
  const names = { 'cme-error': '+CME ERROR: ', 'cms-error': '+CMS ERROR: ', 'socket-error': '+SOCKET ERROR: ' } as const;
  const said = `${final.code ?? final.text ?? ''}`;
  if (final.kind in names) return `${names[final.kind as keyof typeof names]}${said}`;
  return `${final.kind.replace('-', ' ').toUpperCase()}${said === '' ? '' : ` ${said}`}`;
}
