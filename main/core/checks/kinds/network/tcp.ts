import { z } from 'zod';
import { check } from '../../check.ts';
import { connectionLines, hasMqtt, isAddressQuery } from './connections.ts';

/**
 * The vendor's first question of a board (seed 000 §1): connect, read, write and disconnect on two TCP connections. The voice connection is used
 * both ways, closed, opened again and used again; MQTT, which the board asks for its address over, is used both ways meanwhile. That MQTT comes
 * back after its connection has ended is network.reconnect's.
 */
export const tcp = check({
  name: 'network.tcp',
  group: 'network',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({ timeoutS: z.number().min(1).max(600).default(60) }),
  values: [
    { name: 'hasVoiceWritten', limit: { equals: true }, next: 'no-uplink' },
    { name: 'hasVoiceRead', limit: { equals: true }, next: 'no-pong' },
    { name: 'hasVoiceClosed', limit: { equals: true }, next: 'no-close' },
    { name: 'hasVoiceReopened', limit: { equals: true }, next: 'no-reopen' },
    { name: 'hasMqttWritten', limit: { equals: true }, isOptional: true, next: 'no-mqtt' },
    { name: 'hasMqttRead', limit: { equals: true }, isOptional: true, next: 'no-mqtt' },
    { name: 'connections', unit: 'count', next: 'no-mqtt' },
    { name: 'connectMs', unit: 'ms' },
  ],
  nexts: ['no-uplink', 'no-pong', 'no-close', 'no-reopen', 'no-mqtt'],
  async measure(bench, { timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const timeoutMs = timeoutS * 1000;
    if ((await device.connected(timeoutMs)) === null) return { skipped: 'no-conversation' };
    const isWithMqtt = hasMqtt(device);
    const before = await used();
    bench.progress(0.3);

    if ((await device.connected(timeoutMs)) === null) return { skipped: 'no-conversation' };
    const closedUs = bench.clock.nowUs();
    device.hangUp();
    const closed = await device.until('conversation.closed', { sinceUs: closedUs, timeoutMs: 10_000 });
    // Of what is still open nobody can tell whether it opens again.
    const isOpen = closed !== null && (await device.connected(timeoutMs)) !== null;
    const reopenedMs = isOpen ? (bench.clock.nowUs() - closed.atUs) / 1000 : null;
    bench.progress(0.6);
    const after = isOpen ? await used() : { hasWritten: false, hasRead: false };
    const events = device.events(closedUs);
    const asked = events.find(isAddressQuery);
    return {
      values: {
        hasVoiceWritten: before.hasWritten && (!isOpen || after.hasWritten),
        hasVoiceRead: before.hasRead && (!isOpen || after.hasRead),
        hasVoiceClosed: closed !== null,
        hasVoiceReopened: isOpen,
        // Without having read the answer it could not have opened the connection that it leads to.
        ...(isWithMqtt && { hasMqttWritten: asked !== undefined, hasMqttRead: asked !== undefined && isOpen }),
        connections: isWithMqtt ? 2 : 1,
        ...(reopenedMs !== null && { connectMs: Math.round(reopenedMs) }),
      },
      evidence: [{ kind: 'lines', label: 'connections', lines: connectionLines(events, closedUs) }],
    };

    /** Both ways; on the next connection, where this one ended by itself meanwhile. */
    async function used(): Promise<{ hasWritten: boolean; hasRead: boolean }> {
      for (let attempt = 1; ; attempt++) {
        const sinceUs = bench.clock.nowUs();
        const found = { hasWritten: await isSending(), hasRead: await isReading() };
        const hasEnded = device?.events(sinceUs).some(({ kind }) => kind === 'conversation.closed') === true;
        if ((found.hasWritten && found.hasRead) || !hasEnded || attempt === 2) return found;
        if ((await device?.connected(timeoutMs)) == null) return found;
      }
    }
    /** Its microphone's packets arrive. */
    async function isSending(): Promise<boolean> {
      const sinceUs = bench.clock.nowUs();
      for (let waited = 0; waited < 40; waited++) {
        if ((device?.packets('uplink', sinceUs).length ?? 0) > 0) return true;
        if (device?.conversationId() == null) return false;
        await bench.sleep(250);
      }
      return false;
    }
    /** It answers a ping; one that cannot be pinged tells in its log that it does as it is told. */
    async function isReading(): Promise<boolean> {
      if (device === null) return false;
      if ((await device.ping(4, 5000)) !== null) return true;
      const { port } = bench;
      if (port === null || device.conversationId() === null) return false;
      const sinceUs = bench.clock.nowUs();
      device.say(bench.language === 'zh' ? '你好' : 'Hello');
      const starts = ['twetalk.BOT_START_SPEAKING', 'twetalk.speaking', 'turn.bot-started'];
      return (await port.until(({ event }) => event !== undefined && starts.includes(event), { sinceUs, timeoutMs: 10_000 })) !== null;
    }
  },
});
