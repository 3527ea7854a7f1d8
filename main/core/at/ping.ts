import type { AtValue } from '../../../preload/contract/at.ts';
import { fieldsOf } from './command.ts';
import { value } from './decode.ts';

/** What one line of a ping says. `count`: how many were lost, of how many, where the line sums up. */
export interface PingLine {
  kind: 'answered' | 'no-answer' | 'failed' | 'done';
  host?: string;
  rttMs?: number;
  lostPercent?: number;
}

/** Names of the lines each family's ping brings. */
export const pingNames: ReadonlySet<string> = new Set(['+ECPING', '+CIPPING', '+MPING', '+MPINGSTAT']);

/** SIMCom-style tenths of a second, with `600,255` for one that got no answer. */
const CIPPING_TIMED_OUT = 600;

/**
 * Eigencomm: `SUCC, dest: IP, RTT: n ms` · `FAIL, dest: IP, time out: n ms` · `ERROR, cause: n` · `DONE`, then
 * `dest: IP, 4 packets transmitted, 4 received, 0% packet loss`. AirM2M: `<number>,"IP",<time>,<ttl>`. Others: `+MPING`.
 * The manual's own text spells and spaces these in several ways.
 */
export function pingLine(name: string, rest: string): PingLine | null {
  const host = /dest:\s*([^\s,]+)/i.exec(rest)?.[1];
  const withHost = host === undefined ? {} : { host };
  if (name === '+ECPING') {
    if (/^SUCC/i.test(rest)) return { kind: 'answered', ...withHost, rttMs: Number(/RTT:\s*(\d+)/i.exec(rest)?.[1] ?? 0) };
    if (/^FAIL/i.test(rest)) return { kind: 'no-answer', ...withHost };
    if (/^ERROR/i.test(rest)) return { kind: 'failed' };
    const lost = /(\d+)\s*% packet loss/i.exec(rest)?.[1];
    if (/^DONE/i.test(rest) || lost !== undefined)
      return { kind: 'done', ...withHost, ...(lost === undefined ? {} : { lostPercent: Number(lost) }) };
    return null;
  }
  if (name === '+CIPPING') {
    const fields = fieldsOf(rest);
    const time = Number(fields[2]);
    if (fields.length < 4 || Number.isNaN(time)) return null;
    const address = fields[1] === undefined ? {} : { host: fields[1] };
    return time >= CIPPING_TIMED_OUT && fields[3] === '255'
      ? { kind: 'no-answer', ...address }
      : { kind: 'answered', ...address, rttMs: time };
  }
  if (name === '+MPINGSTAT') return { kind: 'done' };
  if (name !== '+MPING') return null;
  const fields = fieldsOf(rest);
  const address = fields.find((field) => /^[\d.]{7,}$|:.*:/.test(field));
  const time = Number(
    /(\d+)\s*ms/i.exec(rest)?.[1] ?? fields.slice(fields.indexOf(address ?? '') + 1).find((field) => /^\d+$/.test(field)),
  );
  if (address === undefined && !/from/i.test(rest)) return { kind: fields[0] === '0' ? 'done' : 'failed' };
  return Number.isNaN(time)
    ? { kind: 'no-answer' }
    : { kind: 'answered', ...(address === undefined ? {} : { host: address }), rttMs: time };
}

export function pingValues(name: string, rest: string): AtValue[] {
  const line = pingLine(name, rest);
  if (line === null) return [];
  const host = line.host === undefined ? [] : [value('host', line.host)];
  switch (line.kind) {
    case 'answered':
      return [...host, value('rtt', line.rttMs ?? null, 'good', { unit: 'ms', note: 'answered' })];
    case 'no-answer':
      return [...host, value('rtt', null, 'bad', { unit: 'ms', note: 'no-answer' })];
    case 'failed':
      return [value('rtt', null, 'bad', { unit: 'ms', note: 'failed' })];
    case 'done':
      return line.lostPercent === undefined
        ? [value('event', 'DONE', 'unknown', { note: 'done' })]
        : [
            ...host,
            value('lost', line.lostPercent, line.lostPercent === 0 ? 'good' : line.lostPercent < 100 ? 'weak' : 'bad', { unit: '%' }),
          ];
  }
}
