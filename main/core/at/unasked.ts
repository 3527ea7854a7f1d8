import type { AtValue } from '../../../preload/contract/at.ts';
import { specOf } from './catalogue.ts';
import { prefixOf } from './command.ts';
import { decodeClock, value } from './decode.ts';

type Decode = (rest: string) => AtValue[];

/** Prefixes that never answer a command of the same name. */
const prefixed: Record<string, Decode> = {
  '+CGEV': (rest) => [value('event', rest, /DEACT|DETACH/.test(rest) ? 'bad' : /ACT/.test(rest) ? 'good' : 'unknown')],
  '+NITZ': decodeClock,
  '+CTZEU': () => [],
  '^MODE': (rest) => [
    value('service', rest, rest.startsWith('0') ? 'bad' : 'good', { note: rest.startsWith('0') ? 'no-service' : 'lte-service' }),
  ],
  '*CESQ': (rest) => specOf('+CESQ')?.decode?.({ part: { name: '+CESQ', form: 'run', argument: '' }, lines: [rest] }) ?? [],
  '+ECCESQ': () => [],
  '+ECPIN': () => [],
  '+ECPADDR': () => [],
  '+ECPCFUN': () => [],
  '+CSCON': () => [],
  '+SOCCELL': () => [],
  '+SOCSQ': () => [],
  '+CMTI': () => [],
  '+CMT': () => [],
  '+CDS': () => [],
  '+CDSI': () => [],
  '+MPINGSTAT': () => [],
  '+MSUB': () => [],
  '+CIPRXGET': () => [],
  '+CIPGSMLOC': () => [],
  '+SKTRECV': () => [],
  '+SKTERR': () => [],
  '+ECSOCLI': () => [],
  '+ECSOSTR': () => [],
};

/** Lines without a prefix that nobody asks for. */
const bare: readonly [RegExp, Decode][] = [
  [/^\+E_UTRAN Service$/i, () => [value('service', 'E-UTRAN', 'good', { note: 'lte-service' })]],
  [/^\+NO Service$/i, () => [value('service', null, 'bad', { note: 'no-service' })]],
  [/^(?:RING|CLOSED|CONNECT OK|CONNECT FAIL|ALREADY CONNECT|SEND OK|SEND FAIL|SHUT OK|CONNACK OK|SUBACK|PUBACK|PDP: DEACT)$/, () => []],
  [/^(?:NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE)$/, () => []],
  [/^(?:SMS|PB|Call) (?:Ready|DONE)$/i, () => []],
];

/** What a module says when it has just started, or goes down: whatever was asked before will not be answered. */
const resetLines: readonly RegExp[] = [
  /^\^?boot\.rom/i,
  /^\+?RDY$/,
  /^AT READY$/i,
  /^MODEM:STARTUP$/i,
  /^(?:NORMAL POWER DOWN|POWERED DOWN|UNDER-VOLTAGE POWER DOWN)$/i,
  /LuatOS@\S+ base /,
  /^\*ATREADY: ?1$/,
];

export function isResetLine(line: string): boolean {
  return resetLines.some((pattern) => pattern.test(line));
}

/** What an unasked line means, or null when it is of a kind nobody has told us of. */
export function decodeUnasked(line: string): AtValue[] | null {
  if (isResetLine(line)) return [];
  const prefix = prefixOf(line);
  if (prefix === null) return bare.find(([pattern]) => pattern.test(line))?.[1]('') ?? null;
  const known = prefixed[prefix.name];
  if (known !== undefined) return known(prefix.rest);
  const spec = specOf(prefix.name);
  if (spec?.decodeUrc !== undefined) return spec.decodeUrc(prefix.rest);
  return spec?.urc?.test(prefix.rest) === true ? [] : null;
}

/** This prefix never answers anything. */
export function isOnlyUnasked(name: string): boolean {
  return prefixed[name] !== undefined;
}
