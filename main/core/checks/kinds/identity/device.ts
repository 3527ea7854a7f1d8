import { z } from 'zod';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { bootsOf } from '../power/boots.ts';
import { isUnprovisioned } from './unprovisioned.ts';

/** Why a connection ends when the same device opens another. */
const replaced = /^replaced/;
/** What a verdict on a device rests on, and how much of it is shown. */
const told: readonly string[] = [
  'device.online',
  'device.offline',
  'device.refused',
  'conversation.opened',
  'conversation.closed',
] satisfies PipelineEvent['kind'][];
const MOST_EVENTS = 20;

/** Which device the board is: that it is one, that this bench believes it, and that no other board is the same. */
export const device = check({
  name: 'identity.device',
  group: 'identity',
  needs: [],
  parameters: z.strictObject({
    /** For the board to show itself, where it has not yet. */
    waitS: z.number().min(0).max(600).default(30),
    /** Watched for a second board that comes as the same device. */
    windowS: z.number().min(0).max(600).default(10),
  }),
  values: [
    { name: 'isProvisioned', limit: { equals: true }, next: 'provision' },
    { name: 'isRegistered', limit: { equals: true }, next: 'register' },
    { name: 'isProven', limit: { equals: true }, next: 'wrong-secret' },
    { name: 'takeovers', unit: 'count', limit: { max: 0 }, next: 'two-boards' },
    { name: 'otherBoards', unit: 'count', limit: { max: 0 }, next: 'used-twice' },
    { name: 'productId' },
    { name: 'deviceName' },
    { name: 'proof' },
    { name: 'refusal' },
    { name: 'sharedWith' },
  ],
  nexts: ['provision', 'register', 'wrong-secret', 'two-boards', 'used-twice'],
  async measure(bench, { waitS, windowS }) {
    const board = () => bench.device();
    const refusal = () =>
      board()
        ?.events(0)
        .findLast((event) => event.kind === 'device.refused') ?? null;
    for (let waited = 0; waited < waitS && !isThere(board()) && refusal() === null; waited++) await bench.sleep(1000);
    bench.progress(0.6);
    const device = board();
    if (device === null || (!isThere(device) && refusal() === null)) {
      const complaint = bench.port?.rows(0).findLast(isUnprovisioned);
      if (complaint === undefined || bench.port === null) return { skipped: 'no-device' };
      return { values: { isProvisioned: false }, evidence: [bench.port.evidence([complaint])], next: 'provision' };
    }
    const wasOnline = device.record()?.isOnline === true;
    const watchedUs = bench.clock.nowUs();
    if (windowS > 0) await bench.sleep(windowS * 1000);
    const record = device.record();
    const restarted = bootsOf(bench.port?.rows(0) ?? []).some(({ row }) => row.atUs >= watchedUs);
    const [mac, imei] = ['mac', 'imei'].map((fact) => bench.facts.get(fact));
    const others = await bench.namesakes({
      ...(typeof mac === 'string' && { mac }),
      ...(typeof imei === 'string' && { imei }),
      device: device.name,
    });
    // On wires other than MQTT nothing tells how it proved itself; who could not is not let in.
    const proof = record?.connection?.proof ?? null;
    const refused = isThere(device) ? null : refusal();
    return {
      values: {
        isProvisioned: true,
        isRegistered: record !== null,
        isProven: refused === null && proof !== 'none',
        // A board that starts anew connects anew, while its old connection still seems to stand.
        takeovers: restarted ? 0 : takeoversOf(device.events(watchedUs), wasOnline),
        otherBoards: new Set(others.map(({ serialNumber }) => serialNumber)).size,
        ...device.name,
        ...(proof !== null && { proof }),
        ...(refused !== null && { refusal: refused.reason }),
        ...(others[0] !== undefined && { sharedWith: others[0].serialNumber }),
      },
      evidence: [{ kind: 'lines', label: 'device', lines: evidenceOf(device, watchedUs) }],
    };
  },
});

/** What the bench's cloud has of it, and the newest of what it did there; times from when it began to be watched. */
function evidenceOf(device: BoardDevice, watchedUs: number): string[] {
  const { connection = null, isOnline = false } = device.record() ?? {};
  const how = connection === null ? '' : ` · ${connection.address ?? '?'} · ${connection.proof}${connection.isTls ? ' · TLS' : ''}`;
  const events = device.events(0).filter(({ kind }) => told.includes(kind));
  return [
    `${device.name.productId}/${device.name.deviceName} · ${device.record() === null ? 'not registered' : isOnline ? 'online' : 'offline'}${how}`,
    ...events
      .slice(-MOST_EVENTS)
      .map((event) => `${((event.atUs - watchedUs) / 1e6).toFixed(3)} s  ${event.kind}${'reason' in event ? ` ${event.reason}` : ''}`),
  ];
}

function isThere(device: BoardDevice | null): boolean {
  return device?.record()?.isOnline === true || (device !== null && device.conversationId() !== null);
}

/** A connection that pushes out the one before it: two that do it in turn are two boards. */
function takeoversOf(events: readonly PipelineEvent[], wasOnline: boolean): number {
  let isOnline = wasOnline;
  let count = 0;
  for (const event of events) {
    if (event.kind === 'device.offline') {
      isOnline = false;
      if (replaced.test(event.reason)) count++;
    } else if (event.kind === 'device.online') {
      if (isOnline) count++;
      isOnline = true;
    } else if (event.kind === 'conversation.closed' && replaced.test(event.reason)) count++;
  }
  return count;
}
