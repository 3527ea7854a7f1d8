import type { Cat1State } from './modem-state.ts';

const OWN_ADDRESS = '39.156.66.14';
const TIMEOUT_MS = 20_000;
const BEGINS_US = 200_000;
const SUMMARY_US = 5000;

/** How a family of modules pings: its answer, and what it says afterwards unasked. */
export interface Ping {
  takesUs: number;
  lines: string[];
  final: string;
  later: { afterUs: number; lines: string[] }[];
}

/** `rtts` in ms, null for one without an answer. Null: that is no ping. */
export function pingOf(command: string, { family, isAttached }: Cat1State, rtts: readonly (number | null)[]): Ping | null {
  const own = { eigencomm: '+ECPING=', airm2m: '+CIPPING=', quectel: '+MPING=' }[family];
  const upper = command.toUpperCase();
  if (!upper.startsWith(own) || upper === '+ECPING=?') return null;
  const answer: Ping = { takesUs: 0, lines: [], final: 'OK', later: [] };
  if (!isAttached) return { ...answer, final: family === 'eigencomm' ? '+SOCKET ERROR: 1' : 'ERROR' };
  const host = /"([^"]*)"/.exec(command)?.[1] ?? '';
  const address = /^[\d.]+$/.test(host) ? host : OWN_ADDRESS;
  if (family === 'airm2m') {
    const lines = rtts.map((rtt, at) => `+CIPPING: ${at + 1},"${address}",${rtt === null ? '600,255' : `${rtt},52`}`);
    return { ...answer, takesUs: 800_000, lines };
  }
  let afterUs = BEGINS_US;
  for (const rtt of rtts) {
    afterUs += (rtt ?? TIMEOUT_MS) * 1000;
    answer.later.push({
      afterUs,
      lines: [family === 'eigencomm' ? eigencommLine(address, rtt) : `+MPING: "${address}",32,${rtt ?? 0},52`],
    });
  }
  const answered = rtts.filter((rtt) => rtt !== null).length;
  const lost = Math.round((1 - answered / rtts.length) * 100);
  const summary = `+ECPING: dest: ${address}, ${rtts.length} packets transmittted, ${answered} received, ${lost}% packet loss`;
  answer.later.push({ afterUs: afterUs + SUMMARY_US, lines: family === 'eigencomm' ? ['+ECPING: DONE', summary] : ['+MPINGSTAT: 0,4,4'] });
  return answer;
}

function eigencommLine(address: string, rtt: number | null): string {
  return rtt === null ? `+ECPING: FAIL, dest: ${address}, time out: ${TIMEOUT_MS} ms` : `+ECPING: SUCC, dest: ${address}, RTT: ${rtt} ms`;
}
