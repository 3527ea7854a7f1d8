import { z } from 'zod';
import { check } from '../../check.ts';
import { bootsOf, isPanic } from '../power/boots.ts';
import { connectionLines, hasMqtt, openingOf } from './connections.ts';

/** The bench goes away for a moment, as a network does: how long until the board is back, by itself. */
export const reconnect = check({
  name: 'network.reconnect',
  group: 'network',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    /** Nothing gets through for so long. */
    cutS: z.number().min(0).max(600).default(3),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'mqttBackMs', unit: 'ms', next: 'slow-mqtt' },
    { name: 'voiceOpenMs', unit: 'ms', limit: { max: 5000 }, isTimed: true, isOptional: true, next: 'slow-voice' },
    { name: 'tries', unit: 'count' },
    { name: 'isBack', limit: { equals: true }, next: 'never-back' },
    { name: 'backMs', unit: 'ms', limit: { max: 20_000 }, isTimed: true, isOptional: true, next: 'slow-mqtt' },
    { name: 'isByItself' },
    // Of a board without a log that tells them nobody knows.
    { name: 'restarts', unit: 'count', limit: { max: 0 }, isOptional: true, next: 'restarted' },
  ],
  nexts: ['never-back', 'slow-mqtt', 'slow-voice', 'restarted'],
  async measure(bench, { cutS, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    // Of a board that starts again by itself, what it does after a cut tells nothing.
    if (Number(bench.measured('power.loop')?.resets ?? 0) > 0) return { skipped: 'needs-earlier' };
    const timeoutMs = timeoutS * 1000;
    if ((await device.connected(timeoutMs)) === null) return { skipped: 'no-conversation' };
    const isWithMqtt = hasMqtt(device);
    const cutUs = bench.clock.nowUs();
    const backFromUs = cutUs + cutS * 1e6;
    await device.cut(cutS * 1000);
    bench.progress(0.2);
    const online = isWithMqtt ? await device.until('device.online', { sinceUs: cutUs, timeoutMs: cutS * 1000 + timeoutMs }) : null;
    bench.progress(0.6);
    const values: Record<string, number | boolean> = {};
    if (isWithMqtt && online === null) return done(false);
    if (online !== null) values.mqttBackMs = Math.round((online.atUs - backFromUs) / 1000);
    // Some boards open their voice connection when they are woken only, so that is given a moment before they are.
    const opened = await device.until('conversation.opened', { sinceUs: cutUs, timeoutMs: 5000 });
    const wokenUs = bench.clock.nowUs();
    if (opened === null && (await device.connected(timeoutMs)) === null) return done(false);
    const opening = openingOf(device, opened === null ? (device.wakeAskedUs() ?? wokenUs) : cutUs);
    const openMs = opening?.ms ?? null;
    if (openMs !== null) values.voiceOpenMs = Math.round(openMs);
    if (opening != null && opening.tries !== null) values.tries = opening.tries;
    values.isByItself = opened !== null;
    // What the person, or the bench, took to wake it is not its own.
    values.backMs = Math.round(opened === null ? ((values.mqttBackMs ?? 0) as number) + (openMs ?? 0) : (opened.atUs - backFromUs) / 1000);
    return done(true);

    function done(isBack: boolean) {
      // Of all of the log, as power.loop; a crash and the start that follows from it are one.
      const log = bench.port?.rows(0) ?? [];
      const boots = bootsOf(log).filter(({ row }) => row.atUs >= cutUs).length;
      const restarts = Math.max(boots, log.filter((row) => row.atUs >= cutUs && isPanic(row)).length);
      const isTold = log.some(({ direction }) => direction === 'received');
      return {
        values: { ...values, isBack, ...(isTold && { restarts }) },
        evidence: [{ kind: 'lines' as const, label: 'connections', lines: connectionLines(device?.events(cutUs) ?? [], cutUs) }],
        ...(!isBack && { next: 'never-back' }),
      };
    }
  },
});
