import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { check } from '../../check.ts';
import { isUnprovisioned } from '../identity/unprovisioned.ts';
import { beginsBoot, bootsOf, fact, isApplication, sinceLastBoot, startAnew } from '../power/boots.ts';

const ONE_FAILURE_US = 300_000;
/** A board that opens its voice connection by itself does so within this, or within a third of what it is given. */
const BY_ITSELF_MS = 20_000;

/** From its start to the network, MQTT and the voice connection: each as its log tells it, or as the bench sees it come. */
export const attach = check({
  name: 'network.attach',
  group: 'network',
  needs: ['port'],
  parameters: z.strictObject({
    /** Starts it anew for this, even where this run has seen it start. */
    isReset: z.boolean().default(false),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'ipMs', unit: 'ms', next: 'slow-network' },
    { name: 'mqttMs', unit: 'ms', next: 'slow-mqtt' },
    { name: 'voiceMs', unit: 'ms', next: 'slow-voice' },
    { name: 'readyMs', unit: 'ms', limit: { max: 10_000 }, next: 'slow-network' },
    { name: 'isWoken' },
    { name: 'ip' },
    // An access point that still holds the board's last association refuses the first one or two; what takes more is the antenna or the password.
    { name: 'networkAttempts', unit: 'count', limit: { max: 3 }, next: 'refused-network' },
    // The first may meet an address that is not answered yet.
    { name: 'cloudAttempts', unit: 'count', limit: { max: 2 }, next: 'refused' },
    { name: 'attempts', unit: 'count' },
  ],
  nexts: ['no-network', 'no-mqtt', 'no-voice', 'slow-network', 'slow-mqtt', 'slow-voice', 'refused-network', 'refused'],
  async measure(bench, { isReset, timeoutS }) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    let start = isReset ? undefined : bootsOf(sinceLastBoot(port))[0]?.row;
    if (start === undefined) {
      const sinceUs = await startAnew(bench, port);
      if (sinceUs === null) return { person: 'nobody-there' };
      start =
        (await port.until((row) => row.direction === 'received' && (beginsBoot(row) || isApplication(row)), {
          sinceUs,
          timeoutMs: 20_000,
        })) ?? undefined;
      if (start === undefined) return { skipped: 'not-in-log' };
    }
    const sinceUs = start.atUs;
    const endUs = sinceUs + timeoutS * 1e6;
    const rows = () => port.rows(sinceUs);
    const network = () => rows().find(isNetworkUp);
    const mqttUs = () => earliest(rows().find(({ event }) => event === 'mqtt.connected')?.atUs, eventUs('device.online'));
    const voiceUs = () => earliest(rows().find(isVoice)?.atUs, eventUs('conversation.opened'));
    function eventUs(kind: 'device.online' | 'conversation.opened'): number | undefined {
      return bench
        .device()
        ?.events(sinceUs)
        .find((event) => event.kind === kind)?.atUs;
    }
    /** Who it is, or is not, keeps it from its cloud: that is no matter of the network. */
    const isTurnedAway = () =>
      rows().some(isUnprovisioned) || (bench.device()?.events(sinceUs) ?? []).some(({ kind }) => kind === 'device.refused');
    /** Most firmware opens its voice connection when somebody wakes it, and not before. */
    const byItselfMs = Math.min(BY_ITSELF_MS, (timeoutS * 1000) / 3);
    const isReadyToWake = () => {
      const sinceMs = (bench.clock.nowUs() - (mqttUs() ?? network()?.atUs ?? Number.POSITIVE_INFINITY)) / 1000;
      return sinceMs > byItselfMs && bench.device() !== null && !rows().some(isVoiceFailure);
    };
    let wokenUs: number | undefined;
    let isLeftAsleep = false;
    while (voiceUs() === undefined && !isLeftAsleep && bench.clock.nowUs() < endUs && !isTurnedAway()) {
      await bench.sleep(250);
      if (wokenUs === undefined && isReadyToWake()) {
        wokenUs = bench.clock.nowUs();
        const device = bench.device();
        const conversationId = await device?.connected((endUs - wokenUs) / 1000);
        // Given up before its time was over by who was asked to wake it; or never answered: nobody woke it, as far as anyone knows.
        isLeftAsleep = conversationId == null && (bench.clock.nowUs() < endUs || device?.isWakingUnanswered() === true);
      }
      bench.progress(Math.min(1, (bench.clock.nowUs() - sinceUs) / (endUs - sinceUs)));
    }
    const [ip, mqtt, voice] = [network()?.atUs, mqttUs(), voiceUs()];
    const isWoken = voice !== undefined && wokenUs !== undefined && voice >= wokenUs;
    // A board that is software is woken by the bench; of another it is known only once somebody has been there to do it.
    const isUnwoken = voice === undefined && !port.isVirtual && (wokenUs === undefined || bench.isUnattended || isLeftAsleep);
    const isMqttMissing = mqtt === undefined && rows().some(({ event }) => event?.startsWith('mqtt.') === true);
    const isLeftToPerson = isUnwoken && (mqtt ?? ip) !== undefined && !isMqttMissing && !rows().some(isVoiceFailure);
    const ready = isWoken || isLeftToPerson ? (mqtt ?? ip) : voice;
    const ms = (us: number) => Math.round((us - sinceUs) / 1000);
    const shown = rows().filter((row) => isNetworkUp(row) || isVoice(row) || row.event?.startsWith('mqtt.conn') === true || isFailure(row));
    if (voice === undefined && isTurnedAway())
      return { skipped: 'no-device', evidence: shown.slice(0, 12).map((row) => port.evidence([row])) };
    const before = rows().filter(({ atUs }) => voice === undefined || atUs < voice);
    const [refused, turnedAway] = [timesOf(before.filter(isNetworkFailure)), timesOf(before.filter(isCloudFailure))];
    const address = fact(network()?.payload, 'ip');
    const values = {
      ...(ip !== undefined && { ipMs: ms(ip) }),
      ...(mqtt !== undefined && { mqttMs: ms(mqtt) }),
      // Until somebody wakes it the board does nothing; how long that takes is conversation.wake's.
      ...(voice !== undefined && !isWoken && { voiceMs: ms(voice) }),
      ...(ready !== undefined && { readyMs: ms(ready) }),
      ...(voice !== undefined && { isWoken }),
      ...(typeof address === 'string' && { ip: address }),
      ...{ networkAttempts: 1 + refused, cloudAttempts: 1 + turnedAway, attempts: 1 + refused + turnedAway },
    };
    const evidence = shown.slice(0, 12).map((row) => port.evidence([row]));
    if (isLeftToPerson) return { person: 'nobody-there', values, evidence };
    const next = mqtt !== undefined ? 'no-voice' : ip !== undefined ? 'no-mqtt' : 'no-network';
    return { values, evidence, ...(voice === undefined && { next }) };
  },
});

function isNetworkUp({ event }: LogRow): boolean {
  return event === 'wifi.got-ip' || event === 'net.up';
}

function isVoice({ event, payload }: LogRow): boolean {
  return event === 'voice.connected' || (event === 'twetalk.ready' && fact(payload, 'code') === 0);
}

/** Something that was tried and did not come about. */
function isFailure(row: LogRow): boolean {
  return isNetworkFailure(row) || isCloudFailure(row);
}

function isNetworkFailure({ event }: LogRow): boolean {
  return event === 'wifi.disconnected' || event === 'net.failed';
}

function isCloudFailure(row: LogRow): boolean {
  return isVoiceFailure(row) || row.event === 'mqtt.disconnected';
}

function isVoiceFailure({ event, payload }: LogRow): boolean {
  return event === 'voice.failed' || (event === 'twetalk.ws-connected' && (fact(payload, 'result') ?? 0) !== 0);
}

/** The driver, the network stack and the application each tell of one failure, soon after the first of them. */
function timesOf(failures: readonly LogRow[]): number {
  let times = 0;
  let firstUs = Number.NEGATIVE_INFINITY;
  for (const { atUs } of failures) {
    if (atUs - firstUs <= ONE_FAILURE_US) continue;
    firstUs = atUs;
    times++;
  }
  return times;
}

function earliest(...instants: (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
