import { lookup } from '../../../pipeline/lookup.ts';
import type { AtFamily, AtFinal } from '../../../preload/contract/at.ts';
import { cmeMeaning, cmsMeaning } from './error-codes.ts';

/** V.250 table 1, as ATV0 sends them. */
const numericFinals = lookup<AtFinal['kind']>({
  0: 'ok',
  1: 'connect',
  3: 'no-carrier',
  4: 'error',
  6: 'no-dialtone',
  7: 'busy',
  8: 'no-answer',
});

/** Of a call. When no call was asked for they are news, and the command under way is still to end. */
const callFinals = lookup<AtFinal['kind']>({
  'NO CARRIER': 'no-carrier',
  BUSY: 'busy',
  'NO ANSWER': 'no-answer',
  'NO DIALTONE': 'no-dialtone',
  'NO DIAL TONE': 'no-dialtone',
});

export function numericFinal(text: string): AtFinal | null {
  const kind = numericFinals[text];
  return kind === undefined ? null : { kind };
}

/** `CONNECT OK` and `CONNECT FAIL` are news of a socket, not the modem going into data mode. */
export function isConnect(line: string): boolean {
  return /^CONNECT(?: \d+(?:\/.*)?)?$/.test(line);
}

export function finalOf(line: string, context: { dials: boolean; family: AtFamily }): AtFinal | null {
  if (line === 'OK') return { kind: 'ok' };
  if (line === 'ERROR') return { kind: 'error' };
  if (isConnect(line)) return { kind: 'connect', ...(line === 'CONNECT' ? {} : { text: line.slice(8) }) };
  const call = callFinals[line];
  if (call !== undefined) return context.dials ? { kind: call } : null;
  const numbered = /^\+(CME|CMS|SOCKET) ERROR:\s*(.*)$/i.exec(line);
  if (numbered === null) return null;
  const [kind, meaningOf] =
    numbered[1]?.toUpperCase() === 'CME'
      ? (['cme-error', (code: number) => cmeMeaning(code, context.family)] as const)
      : numbered[1]?.toUpperCase() === 'CMS'
        ? (['cms-error', cmsMeaning] as const)
        : (['socket-error', () => undefined] as const);
  const said = (numbered[2] ?? '').trim();
  if (!/^\d+$/.test(said)) return { kind, text: said };
  const code = Number(said);
  const meaning = meaningOf(code);
  return { kind, code, ...(meaning === undefined ? {} : { meaning }) };
}
