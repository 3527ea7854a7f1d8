import { isIP } from 'node:net';
import { z } from 'zod';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import type { Bench } from '../../bench.ts';
import { check } from '../../check.ts';
import { fact, sinceLastBoot } from '../power/boots.ts';

/** Words of stacks for a name that could not be resolved: lwIP, ESP-IDF's esp-tls, LuatOS, the TWeTalk SDK, AT modems. */
const failure =
  /getaddrinfo|couldn't get hostname|dns.{0,40}(?:fail|error|timeout)|(?:fail|error|unable).{0,40}(?:dns|resolv|hostname)|host not found|\b-?4?202\b.{0,20}resolve/i;
/** A line comes through a slow console after what it tells of. */
const LATE_LINE_US = 1_000_000;

/** Whether the board found its cloud by name. */
export const dns = check({
  name: 'network.dns',
  group: 'network',
  needs: ['port'],
  parameters: z.strictObject({}),
  values: [
    { name: 'isResolved', limit: { equals: true }, next: 'no-dns' },
    { name: 'failures', unit: 'count', limit: { max: 0 }, next: 'no-dns' },
    { name: 'host' },
    { name: 'resolveMs', unit: 'ms' },
  ],
  nexts: ['no-dns'],
  async measure(bench) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const rows = sinceLastBoot(port).filter(({ direction }) => direction === 'received');
    const failures = rows.filter(({ message }) => failure.test(message));
    const asked = rows.find((row) => row.event?.endsWith('.connecting') === true && isName(hostOf(row)));
    const reached = rows.find((row) => (row.event === 'net.connected' || row.event === 'mqtt.connected') && isName(hostOf(row)));
    const host = hostOf(reached) ?? hostOf(asked);
    if (failures.length === 0 && reached === undefined && asked === undefined) {
      const byAddress = rows.some((row) => row.event === 'net.connected' && hostOf(row) !== null);
      return { skipped: byAddress ? 'not-used' : 'not-in-log' };
    }
    // Which host a connection stands to is not always said; that it stands is.
    const isConnected =
      reached !== undefined ||
      (asked !== undefined && comesSince(bench, asked.atUs - LATE_LINE_US)) ||
      rows.some(({ event, atUs }) => event === 'mqtt.connected' && atUs >= (asked?.atUs ?? 0));
    const shown = [asked, reached, ...failures].filter((row) => row !== undefined);
    return {
      values: {
        isResolved: isConnected,
        failures: failures.length,
        ...(host !== null && { host }),
        ...(asked !== undefined &&
          reached !== undefined &&
          reached.atUs >= asked.atUs && { resolveMs: Math.round((reached.atUs - asked.atUs) / 1000) }),
      },
      evidence: shown.slice(0, 10).map((row) => port.evidence([row])),
    };
  },
});

/** Not merely that it is known as online: of a board that was reset the cloud believes so for a while. */
function comesSince(bench: Bench, sinceUs: number): boolean {
  const comes = ({ kind }: PipelineEvent) => kind === 'device.online' || kind === 'conversation.opened';
  return bench.device()?.events(sinceUs).some(comes) === true;
}

function hostOf(row: LogRow | undefined): string | null {
  const host = fact(row?.payload, 'host');
  return typeof host === 'string' && host !== '' ? host : null;
}

function isName(host: string | null): boolean {
  return host !== null && isIP(host) === 0;
}
