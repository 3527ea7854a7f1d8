import { z } from 'zod';
import type { AudioPacket } from '../../../../../preload/contract/events.ts';
import { check } from '../../check.ts';

const PING_BYTES = 4;
/** So many without an answer at the beginning: where its gateway has no pings, there will be none. */
const DEAF_AFTER = 3;
/** Whose voice connection is a WebSocket, which a peer has to answer pings on (RFC 6455 §5.5.3). */
const PINGED_GATEWAY = 'twetalk';
/** No shorter standstill makes a ping that is waited for for seconds a lost one. */
const LATE_FROM_MS = 1000;
const PACKETS_FOR_JITTER = 20;

/** Round trip, how evenly sound arrives, and what gets lost. */
export const quality = check({
  name: 'network.quality',
  group: 'network',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    windowS: z.number().min(1).max(3600).default(20),
    everyMs: z.number().min(50).max(10_000).default(500),
    /** A ping that takes longer is lost. */
    lostMs: z.number().min(100).max(30_000).default(3000),
    connectS: z.number().min(1).max(600).default(30),
  }),
  values: [
    { name: 'roundTripMs', unit: 'ms', limit: { max: 300 }, isTimed: 'share', isOptional: true, next: 'far' },
    { name: 'roundTrip95Ms', unit: 'ms', limit: { max: 1000 }, isTimed: true, isOptional: true, next: 'far' },
    { name: 'drops', unit: 'count', next: 'drops' },
    { name: 'lostPercent', unit: '%', limit: { max: 2 }, isTimed: { fromMs: LATE_FROM_MS }, isOptional: true, next: 'loss' },
    { name: 'jitterMs', unit: 'ms', next: 'jitter' },
    { name: 'longestGapMs', unit: 'ms', next: 'jitter' },
    { name: 'pings', unit: 'count' },
    { name: 'method' },
  ],
  nexts: ['drops', 'far', 'loss', 'jitter'],
  async measure(bench, { windowS, everyMs, lostMs, connectS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const conversationId = await device.connected(connectS * 1000);
    if (conversationId === null) return { skipped: 'no-conversation' };
    const sinceUs = bench.clock.nowUs();
    const opened = device.events(0).findLast((event) => event.kind === 'conversation.opened' && event.conversationId === conversationId);
    const gateway = opened?.kind === 'conversation.opened' ? opened.gateway : null;
    const isPinged = gateway === PINGED_GATEWAY;
    const trips: { sentUs: number; ms: number | null }[] = [];
    const under: Promise<void>[] = [];
    for (let sent = 0; sent * everyMs < windowS * 1000; sent++) {
      // Where its connection ended it is measured on the next one.
      if (device.conversationId() === null && (await device.connected(connectS * 1000)) === null) break;
      const sentUs = bench.clock.nowUs();
      const one = device.ping(PING_BYTES, lostMs).then((ms) => void trips.push({ sentUs, ms }));
      // Awaited below, unless the check is ended first.
      one.catch(() => {});
      under.push(one);
      await bench.sleep(everyMs);
      bench.progress((sent * everyMs) / (windowS * 1000));
      if (!isPinged && trips.length >= DEAF_AFTER && trips.every(({ ms }) => ms === null)) break;
    }
    await Promise.all(under);
    const packets = device.packets('uplink', sinceUs);
    const drops = device.events(sinceUs).filter(({ kind }) => kind === 'conversation.closed');
    // What was under way when the connection ended is lost with it, not on the way.
    const asked = trips.filter(
      ({ sentUs, ms }) => ms !== null || !drops.some(({ atUs }) => atUs >= sentUs && atUs <= sentUs + lostMs * 1000),
    );
    const back = asked.flatMap(({ ms }) => ms ?? []).sort((first, second) => first - second);
    const arrival = arrivalOf(packets);
    const earlier = bench.measured('identity.sim')?.pingMs;
    if (back.length === 0) {
      // Of a bare module the AT chain has pinged already.
      if (typeof earlier === 'number')
        return { values: { roundTripMs: earlier, roundTrip95Ms: earlier, lostPercent: 0, method: 'at', ...arrival } };
      if (!isPinged || asked.length < DEAF_AFTER)
        return { skipped: gateway === null || isPinged ? 'cannot-tell' : 'not-supported-by-board' };
    }
    return {
      values: {
        ...(back.length > 0 && { roundTripMs: tenths(quantile(back, 0.5)), roundTrip95Ms: tenths(quantile(back, 0.95)) }),
        lostPercent: tenths((1 - back.length / asked.length) * 100),
        drops: drops.length,
        ...arrival,
        pings: asked.length,
        method: 'websocket',
      },
      evidence: [
        {
          kind: 'curve',
          label: 'roundTrip',
          x: 'timeS',
          y: 'latencyMs',
          points: trips
            .sort((first, second) => first.sentUs - second.sentUs)
            .flatMap(({ sentUs, ms }) => (ms === null ? [] : [[(sentUs - sinceUs) / 1e6, ms] as [number, number]]))
            .slice(0, 2000),
        },
      ],
    };
  },
});

/** Against the minimum delay: how late the latest twentieth of its packets is, and the longest silence between two. */
function arrivalOf(packets: readonly AudioPacket[]): Record<string, number> {
  const [first] = packets;
  if (first === undefined || packets.length < PACKETS_FOR_JITTER) return {};
  const delays = packets.map(({ atUs, mediaUs }) => atUs - mediaUs).sort((one, other) => one - other);
  const gaps = packets.slice(1).map(({ atUs }, index) => atUs - (packets[index]?.atUs ?? atUs));
  return {
    jitterMs: tenths((quantile(delays, 0.95) - (delays[0] ?? 0)) / 1000),
    longestGapMs: tenths(gaps.reduce((longest, gap) => Math.max(longest, gap)) / 1000),
  };
}

/** Of values in order. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
