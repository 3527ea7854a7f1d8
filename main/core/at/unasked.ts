import { lookup } from '../../../pipeline/lookup.ts';
import type { AtValue } from '../../../preload/contract/at.ts';
import { specOf } from './catalogue.ts';
import { prefixOf } from './command.ts';
import { decodeCells, decodeClock, value } from './decode.ts';

type Decode = (rest: string) => AtValue[];

/** A scan that was asked to report as it goes. */
function cellOf(name: string): Decode {
  return (rest) => decodeCells({ part: { name: '+ECBCINFO', form: 'set', argument: '' }, lines: [`${name}: ${rest}`] });
}

/** Prefixes of lines that come by themselves, whatever was asked. */
const prefixed = lookup<Decode>({
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
  '+ECIPERF': () => [],
  '+ECSTATIS': () => [],
  '+ECEMMTIME': () => [],
  '+ECBCINFOSC': cellOf('+ECBCINFOSC'),
  '+ECBCINFONC': cellOf('+ECBCINFONC'),
  '+ECSRVSOCRTCP': () => [],
  '+ECACCEPTTCPCLIENTSOCKET': () => [],
  '+ECSRVSOTCPCLTRCV': () => [],
  '+ECSRVSOCCLIENTCPCLOSE': () => [],
});

/** Lines without a prefix that nobody asks for. */
const bare: readonly [RegExp, Decode][] = [
  [/^\+E_UTRAN Service$/i, () => [value('service', 'E-UTRAN', 'good', { note: 'lte-service' })]],
  [/^\+NO Service$/i, () => [value('service', null, 'bad', { note: 'no-service' })]],
  [/^(?:RING|CLOSED|CONNECT OK|CONNECT FAIL|ALREADY CONNECT|SEND OK|SEND FAIL|SHUT OK|CONNACK OK|SUBACK|PUBACK|PDP: DEACT)$/, () => []],
  [/^(?:NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE)$/, () => []],
  [/^(?:SMS|PB|Call) (?:Ready|DONE)$/i, () => []],
];

/** What a module says when it has just started, or goes down: whatever was asked before will not be answered. */
const resetLine =
  /^(?:\^?boot\.rom.*|\+?RDY|AT READY|MODEM:STARTUP|NORMAL POWER DOWN|POWERED DOWN|UNDER-VOLTAGE POWER DOWN|\*ATREADY: ?1|.*LuatOS@\S+ base .*)$/i;

export function isResetLine(line: string): boolean {
  return resetLine.test(line);
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

/** Lines with this prefix come by themselves; a command of the same name only switches them on, or reads how it is switched. */
export function isOnlyUnasked(name: string): boolean {
  return prefixed[name] !== undefined;
}
