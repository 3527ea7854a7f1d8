import { beforeEach, describe, expect, test } from 'vitest';
import { attach } from '../../../../../../../main/core/checks/kinds/network/attach.ts';
import { clock } from '../../../../../../../main/core/checks/kinds/network/clock.ts';
import { dns } from '../../../../../../../main/core/checks/kinds/network/dns.ts';
import { quality } from '../../../../../../../main/core/checks/kinds/network/quality.ts';
import { reconnect } from '../../../../../../../main/core/checks/kinds/network/reconnect.ts';
import { tcp } from '../../../../../../../main/core/checks/kinds/network/tcp.ts';
import { throughput } from '../../../../../../../main/core/checks/kinds/network/throughput.ts';
import { wallTimeOf } from '../../../../../../../main/core/checks/kinds/network/wall-time.ts';
import { judge } from '../../../../../../../main/core/checks/runner/judge.ts';
import type { DeviceRecord } from '../../../../../../../preload/contract/pipeline.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { espBoot, prints } from '../../../../../../fakes/board-log.ts';
import { FakeBench, type Told } from '../../../../../../fakes/fake-bench.ts';

let bench: FakeBench;
beforeEach(() => {
  bench = new FakeBench();
});

const opened = (codec: 'opus' | 'pcm' = 'opus'): Told => ({
  ...{ kind: 'conversation.opened', gateway: 'twetalk', language: 'zh', query: {}, settings: {} },
  ...{ uplink: { codec, sampleRate: 16_000, frameMs: 60 }, downlink: { codec, sampleRate: 16_000, frameMs: 60 } },
  engines: { vad: '', stt: '', llm: '', tts: '' },
});
const wire = { kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt' } as const;
const query = (): Told => ({ ...wire, direction: 'up', name: '$twecall/up/service/P/D' });
const reply = (): Told => ({ ...wire, direction: 'down', name: '$twecall/down/service/P/D' });
const withMqtt = () => {
  bench.board.deviceRecord = { connection: { address: null, proof: 'password', isTls: false, sdkAppId: '' } } as unknown as DeviceRecord;
};
/** It opens its voice connection when it is asked to, `ms` after asking for its address. */
function opensIn(ms: number): void {
  bench.board.over.connected = async () => {
    if (bench.board.conversation !== null) return bench.board.conversation;
    bench.board.tell(query());
    await bench.sleep(ms);
    bench.board.tell(reply());
    bench.board.conversation = 'c2';
    bench.board.tell(opened());
    return 'c2';
  };
}
const speaks = (frames: number, everyMs = 60) => bench.every(everyMs, frames, () => bench.board.packet('uplink', new Uint8Array(180)));

describe('network.attach', () => {
  const online = `I (1920) esp_netif_handlers: sta ip: 192.168.7.20, mask: 255.255.255.0, gw: 192.168.7.1
INF|4274|mqtt_client.c|IOT_MQTT_Construct(325): mqtt connect with id: 3Reh3 success
INF|5763|twetalk.c|tc_twetalk_ws_init(351): ai talk init success(0)\n`;

  test('times from the newest start that this run has seen', async () => {
    prints(bench, espBoot + online, 100);
    await bench.drive(bench.sleep(5000));
    expect(await bench.run(attach)).toMatchObject({
      values: { ipMs: 2300, mqttMs: 2400, voiceMs: 2500, readyMs: 2500, ip: '192.168.7.20', attempts: 1 },
    });
    expect(bench.serial.did).toEqual([]);
  });
  test('without a start in the log the board is started', async () => {
    bench.serial.onReset = () => prints(bench, espBoot + online, 100);
    expect(await bench.run(attach)).toMatchObject({ values: { readyMs: 2500 } });
  });
  test('what the log does not say the bench sees', async () => {
    prints(bench, espBoot, 1);
    bench.at(3000, () => bench.board.tell({ kind: 'device.online' }));
    bench.at(4000, () => bench.board.tell(opened()));
    expect(await bench.run(attach)).toMatchObject({ values: { mqttMs: 3000, voiceMs: 4000 } });
  });
  test('an access point that refuses the first association is common; each failure counts once, however many lines tell it', async () => {
    bench.serial.onReset = () => {
      prints(bench, espBoot, 1);
      for (const [ms, event] of [
        [500, 'wifi.disconnected'],
        [520, 'wifi.disconnected'],
        [540, 'net.failed'],
        [1500, 'wifi.disconnected'],
      ] as const)
        bench.at(ms, () => bench.serial.row('W (500) wifi station: retry to connect to the AP', { event }));
      bench.at(2500, () => bench.serial.row('E (2500) mqtt: refused', { event: 'mqtt.disconnected' }));
      bench.at(3000, () => prints(bench, online));
    };
    expect(await bench.run(attach)).toMatchObject({ values: { networkAttempts: 3, cloudAttempts: 2, attempts: 4 } });
  });
  test('a board that opens its voice connection when it is woken is ready before', async () => {
    bench.serial.onReset = () => prints(bench, `${espBoot}${online.split('\n').slice(0, 2).join('\n')}\n`, 100);
    bench.board.over.connected = async () => {
      bench.board.tell(opened());
      return 'c1';
    };
    const result = await bench.run(attach);
    expect(result).toMatchObject({ values: { mqttMs: 2400, readyMs: 2400, isWoken: true } });
    expect(result).not.toHaveProperty('values.voiceMs');
  });
  test.each([
    ['no-network', ''],
    ['no-mqtt', online.split('\n', 1)[0]],
    ['no-voice', online.split('\n', 2).join('\n')],
  ])('%s', async (next, log) => {
    bench.serial.onReset = () => prints(bench, `${espBoot}${log}\n`, 10);
    expect(await bench.run(attach, { timeoutS: 10 })).toMatchObject({ next });
  });
});

describe('network.attach of a board that somebody has to wake', () => {
  const online = `I (1920) esp_netif_handlers: sta ip: 192.168.7.20, mask: 255.255.255.0, gw: 192.168.7.1
INF|4274|mqtt_client.c|IOT_MQTT_Construct(325): mqtt connect with id: 3Reh3 success\n`;
  const asleep = (log = online) => {
    bench.board.conversation = null;
    bench.serial.onReset = () => prints(bench, `${espBoot}${log}`, 100);
  };
  test('is left to a person where nobody is there', async () => {
    bench = new FakeBench({ isUnattended: true });
    asleep();
    const result = await bench.run(attach);
    expect(result).toMatchObject({ person: 'nobody-there', values: { ipMs: 2300, mqttMs: 2400, readyMs: 2400 } });
    expect(judge(attach, {}, result)).toMatchObject({ state: 'person' });
  });
  test('is left to a person where the operator does not wake it, at once', async () => {
    asleep();
    bench.board.over.connected = async () => null;
    expect(await bench.run(attach)).toMatchObject({ person: 'nobody-there', values: { readyMs: 2400 } });
    expect(bench.clock.nowUs() / 1e6).toBeLessThan(30);
  });
  test('is left to a person where the operator never answers: nobody knows that it was woken', async () => {
    asleep();
    bench.board.isUnanswered = true;
    expect(await bench.run(attach)).toMatchObject({ person: 'nobody-there', values: { mqttMs: 2400, readyMs: 2400 } });
  });
  test('fails where it was woken and did not connect, as a virtual one does that the bench wakes', async () => {
    asleep();
    expect(await bench.run(attach)).toMatchObject({ next: 'no-voice' });
    bench = new FakeBench({ isUnattended: true, port: { isVirtual: true } });
    asleep();
    expect(await bench.run(attach)).toMatchObject({ next: 'no-voice' });
  });
  test.each([
    ['no-network', ''],
    ['no-mqtt', `${online.split('\n', 1)[0]}\nERR|7001|mqtt_client.c|IOT_MQTT_Construct(341): mqtt connect failed: 5\n`],
    ['no-voice', `${online}ERR|5763|twetalk.c|tc_twetalk_ws_init(351): voice failed\n`],
  ])('what it tells of as failed fails all the same: %s', async (next, log) => {
    bench = new FakeBench({ isUnattended: true });
    asleep(log);
    if (next === 'no-voice') bench.at(6000, () => bench.serial.row('voice failed', { event: 'voice.failed' }));
    if (next === 'no-mqtt') bench.at(6000, () => bench.serial.row('mqtt failed', { event: 'mqtt.disconnected' }));
    expect(await bench.run(attach)).toMatchObject({ next });
  });
  test('is woken within a short time as well', async () => {
    asleep();
    bench.board.over.connected = async () => {
      bench.board.tell(opened());
      return 'c1';
    };
    expect(await bench.run(attach, { timeoutS: 15 })).toMatchObject({ values: { readyMs: 2400, isWoken: true } });
  });
});

test('network.attach: failures one after another, each soon after the one before, are not one', async () => {
  bench.serial.onReset = () => {
    prints(bench, espBoot, 1);
    bench.at(500, () => bench.every(200, 6, () => bench.serial.row('W (500) wifi: retry', { event: 'wifi.disconnected' })));
    bench.at(3000, () => bench.board.tell(opened()));
  };
  expect(await bench.run(attach)).toMatchObject({ values: { networkAttempts: 4 } });
});

describe('network.attach of a board that is turned away', () => {
  test('is for identity.device to tell, at once', async () => {
    bench.serial.onReset = () => prints(bench, `${espBoot}E (900) app: no device info: product id is not set\n`);
    expect(await bench.run(attach)).toMatchObject({ skipped: 'no-device' });
    bench.board.tell({ kind: 'device.refused', reason: 'bad-password' });
    bench.serial.onReset = () => prints(bench, espBoot);
    expect(await bench.run(attach, { isReset: true })).toMatchObject({ skipped: 'no-device' });
    expect(bench.clock.nowUs()).toBeLessThan(20e6);
  });
});

describe('network.tcp', () => {
  test('the voice connection is used, closed, opened and used again, MQTT beside it', async () => {
    withMqtt();
    opensIn(200);
    speaks(200);
    bench.board.on.hangUp = () => {
      bench.board.tell({ kind: 'conversation.closed', reason: 'hung up' });
      bench.board.conversation = null;
    };
    expect(await bench.run(tcp)).toMatchObject({
      values: {
        ...{ hasVoiceWritten: true, hasVoiceRead: true, hasVoiceClosed: true, hasVoiceReopened: true },
        ...{ hasMqttWritten: true, hasMqttRead: true, connections: 2, connectMs: 200 },
      },
    });
  });
  test('a board that is deaf, mute and never lets go', async () => {
    bench.port = null;
    bench.board.onPing = () => null;
    expect(await bench.run(tcp)).toMatchObject({
      values: { hasVoiceWritten: false, hasVoiceRead: false, hasVoiceClosed: false, hasVoiceReopened: false, connections: 1 },
    });
  });
  test('a connection that ends by itself on the way is used again', async () => {
    opensIn(100);
    bench.at(1000, () => {
      bench.board.conversation = null;
      bench.board.tell({ kind: 'conversation.closed', reason: 'closed by the board: 1006' });
      bench.at(2000, () => speaks(400));
    });
    bench.board.on.hangUp = () => {
      bench.board.tell({ kind: 'conversation.closed', reason: 'hung up' });
      bench.board.conversation = null;
    };
    expect(await bench.run(tcp)).toMatchObject({ values: { hasVoiceWritten: true, hasVoiceRead: true, hasVoiceReopened: true } });
  });
  test('one that cannot be pinged tells by its log that it reads', async () => {
    speaks(200);
    bench.board.onPing = () => null;
    bench.board.on.say = () => bench.serial.row('bot start speaking', { event: 'twetalk.speaking' });
    expect(await bench.run(tcp)).toMatchObject({ values: { hasVoiceRead: true } });
  });
});

describe('network.throughput', () => {
  const rates = async (over = {}) => {
    const result = await bench.run(throughput, { windowS: 4, ...over });
    return 'values' in result ? (result.values ?? {}) : result;
  };
  test('a network that carries more than is asked gives back what was offered', async () => {
    bench.board.onPing = () => 200;
    const { upKbitS, downKbitS, method } = (await rates()) as Record<string, unknown>;
    expect(method).toBe('echo');
    expect(Number(upKbitS)).toBeGreaterThan(110);
    expect(Number(upKbitS)).toBeLessThan(130);
    expect(Number(downKbitS)).toBeGreaterThan(105);
  });
  test('seconds of nothing that are caught up with are not kept up', async () => {
    // From 2 s to 3.6 s nothing comes back.
    bench.board.onPing = () => {
      const nowMs = bench.clock.nowUs() / 1000;
      return nowMs >= 2000 && nowMs < 3600 ? 3620 - nowMs : 20;
    };
    const { upKbitS, slowestKbitS } = (await rates({ windowS: 8 })) as Record<string, unknown>;
    expect(Number(upKbitS)).toBeGreaterThan(110);
    expect(Number(slowestKbitS)).toBeLessThan(80);
  });
  test('tells the rates as curves', async () => {
    expect(await bench.run(throughput, { windowS: 4 })).toMatchObject({
      evidence: [
        { kind: 'curve', label: 'rateUp', points: [[0.5, expect.closeTo(125, -1)], [1.5, expect.closeTo(125, -1)], expect.anything()] },
        { kind: 'curve', label: 'rateDown' },
      ],
    });
  });
  test('the sound that passes meanwhile counts', async () => {
    speaks(100);
    const { upKbitS } = (await rates()) as Record<string, unknown>;
    expect(Number(upKbitS)).toBeGreaterThan(140);
  });
  test('a slow network is told as slow, whatever few lines the board prints of it', async () => {
    slowBy(40);
    bench.at(2000, () => bench.serial.row('Received Ping', { event: 'twetalk.ws-ping' }));
    const { upKbitS } = (await rates({ windowS: 8 })) as Record<string, unknown>;
    expect(Number(upKbitS)).toBeGreaterThan(35);
    expect(Number(upKbitS)).toBeLessThan(45);
  });
  test('a slow answer that the board’s console may be the cause of proves nothing', async () => {
    slowBy(60);
    bench.every(10, 800, () => bench.serial.row('x'.repeat(120), { event: 'twetalk.ws-ping' }));
    expect(await rates({ windowS: 8 })).toMatchObject({ skipped: 'cannot-tell' });
  });
  test('a board that sends no long ping back cannot be told', async () => {
    bench.board.onPing = (bytes) => (bytes > 4 ? null : 20);
    expect(await rates()).toEqual({ skipped: 'cannot-tell' });
  });
  test('a board that gives up under many is not given a rate', async () => {
    let count = 0;
    bench.board.onPing = () => (++count > 100 ? null : 50);
    expect(await rates()).toEqual({ skipped: 'cannot-tell' });
  });
  test('PCM goes both ways by itself', async () => {
    bench.board.tell(opened('pcm'));
    bench.every(60, 200, () => bench.board.packet('uplink', new Uint8Array(1920), { codec: 'pcm' }));
    const { upKbitS, downKbitS, method } = (await rates({ windowS: 5 })) as Record<string, unknown>;
    expect(method).toBe('pcm');
    expect(Number(upKbitS)).toBeCloseTo(256, -1);
    expect(Number(downKbitS)).toBeCloseTo(256, -1);
  });

  /** A line that carries so much: each ping waits for those before it. */
  function slowBy(kbitS: number): void {
    let freeUs = 0;
    bench.board.onPing = () => {
      const nowUs = bench.clock.nowUs();
      freeUs = Math.max(nowUs, freeUs) + (131 * 8000) / kbitS;
      return (freeUs - nowUs) / 1000;
    };
  }
});

describe('network.quality', () => {
  test('round trips, jitter against the minimum delay, the longest silence', async () => {
    let sent = 0;
    bench.board.onPing = () => (++sent === 10 ? 300 : 40);
    for (let index = 0; index < 100; index++)
      bench.at(60 * index + (index % 10 === 0 ? 90 : 10), () =>
        bench.board.packet('uplink', new Uint8Array(1), { mediaUs: index * 60_000 }),
      );
    expect(await bench.run(quality, { windowS: 10 })).toMatchObject({
      values: { roundTripMs: 40, roundTrip95Ms: 300, lostPercent: 0, jitterMs: 80, pings: 20, method: 'websocket' },
    });
  });
  test('what does not come back in time is lost', async () => {
    let sent = 0;
    bench.board.onPing = () => (++sent % 4 === 0 ? null : 40);
    expect(await bench.run(quality, { windowS: 10 })).toMatchObject({ values: { lostPercent: 25 } });
  });
  test('a connection that cannot be pinged is not given a loss', async () => {
    bench.board.tell({ ...opened(), gateway: 'xiaozhi' } as Told);
    bench.board.onPing = () => null;
    speaks(100);
    expect(await bench.run(quality)).toEqual({ skipped: 'not-supported-by-board' });
  });
  test('one that nobody knows the gateway of can tell nothing', async () => {
    bench.board.onPing = () => null;
    speaks(100);
    expect(await bench.run(quality)).toEqual({ skipped: 'cannot-tell' });
  });
  test('one that has to answer pings and does not in time has lost them all, whatever its microphone sends', async () => {
    bench.board.tell(opened());
    bench.board.onPing = () => 3500;
    speaks(400);
    const result = await bench.run(quality);
    expect(result).toMatchObject({ values: { lostPercent: 100, pings: 40 } });
    expect(judge(quality, {}, result)).toMatchObject({ state: 'failed', next: 'loss' });
  });
  test('a deaf beginning is no deaf connection', async () => {
    bench.board.tell(opened());
    bench.board.onPing = () => (bench.clock.nowUs() < 4_000_000 ? null : 40);
    expect(await bench.run(quality)).toMatchObject({ values: { lostPercent: 20, pings: 40, roundTripMs: 40 } });
  });
});

describe('a voice connection that ends by itself', () => {
  beforeEach(() => {
    opensIn(100);
    bench.at(3000, () => {
      bench.board.conversation = null;
      bench.board.tell({ kind: 'conversation.closed', reason: 'closed by the board: 1006' });
    });
  });
  test('is counted, and no loss: it is measured on the next one', async () => {
    bench.board.onPing = () => (bench.board.conversation === 'c1' && bench.clock.nowUs() > 2_000_000 ? null : 40);
    expect(await bench.run(quality, { windowS: 10 })).toMatchObject({ values: { drops: 1, lostPercent: 0, roundTripMs: 40 } });
  });
  test('makes the throughput be measured again', async () => {
    expect(await bench.run(throughput, { windowS: 4 })).toMatchObject({ values: { method: 'echo' } });
  });
});

describe('network.reconnect', () => {
  test('MQTT by itself, the voice connection by itself', async () => {
    withMqtt();
    bench.serial.row('I (1) app: hello');
    bench.board.on.cut = () => {
      bench.board.conversation = null;
      bench.at(5000, () => bench.board.tell({ kind: 'device.online' }));
      bench.at(5200, () => bench.board.tell(query()));
      bench.at(5500, () => bench.board.tell(opened()));
    };
    expect(await bench.run(reconnect)).toMatchObject({
      values: { mqttBackMs: 2000, voiceOpenMs: 300, backMs: 2500, isBack: true, isByItself: true, restarts: 0 },
    });
  });
  test('a voice connection that took three attempts took as long as all of them', async () => {
    withMqtt();
    bench.board.on.cut = () => {
      bench.board.conversation = null;
      bench.at(3500, () => bench.board.tell({ kind: 'device.online' }));
      for (const ms of [4000, 5500, 7000]) bench.at(ms, () => bench.board.tell(query()));
      bench.at(7300, () => bench.board.tell(opened()));
    };
    expect(await bench.run(reconnect)).toMatchObject({ values: { voiceOpenMs: 3300, tries: 3, isByItself: true } });
  });
  test.each([
    ['without a port', () => Object.assign(bench, { port: null })],
    ['whose port says nothing', () => {}],
  ])('of a board %s nobody knows whether it started again', async (_, make) => {
    make();
    bench.board.on.cut = () => bench.at(4000, () => bench.board.tell(opened()));
    const result = await bench.run(reconnect);
    expect(result).not.toHaveProperty('values.restarts');
    expect(judge(reconnect, {}, result)).toMatchObject({ state: 'passed' });
  });
  test('a board that opens its voice connection when woken: the waking is not its time', async () => {
    withMqtt();
    opensIn(400);
    bench.board.on.cut = () => {
      bench.board.conversation = null;
      bench.at(5000, () => bench.board.tell({ kind: 'device.online' }));
    };
    expect(await bench.run(reconnect)).toMatchObject({ values: { mqttBackMs: 2000, voiceOpenMs: 400, backMs: 2400, isByItself: false } });
  });
  test('a board that restarts by itself tells nothing', async () => {
    bench.results.set('power.loop', { resets: 3 });
    expect(await bench.run(reconnect)).toEqual({ skipped: 'needs-earlier' });
  });
  test('a board that stays away, having restarted', async () => {
    withMqtt();
    bench.board.on.cut = () => prints(bench, espBoot);
    expect(await bench.run(reconnect)).toMatchObject({ values: { isBack: false, restarts: 1 }, next: 'never-back' });
  });
});

describe('network.dns', () => {
  test('a name that led to a connection', async () => {
    bench.serial.row('connecting', { event: 'mqtt.connecting', payload: { host: 'broker.bench.test', port: 1883 } });
    await bench.drive(bench.sleep(120));
    bench.serial.row('connected', { event: 'net.connected', payload: { host: 'broker.bench.test', port: 1883 } });
    expect(await bench.run(dns)).toMatchObject({ values: { isResolved: true, failures: 0, host: 'broker.bench.test', resolveMs: 120 } });
  });
  test('of a board whose log does not tell the cloud does, if it came after it asked', async () => {
    bench.board.deviceRecord = { isOnline: true } as unknown as DeviceRecord;
    bench.board.tell({ kind: 'device.online' });
    await bench.drive(bench.sleep(5000));
    bench.serial.row('connecting', { event: 'mqtt.connecting', payload: { host: 'broker.bench.test', port: 1883 } });
    expect(await bench.run(dns)).toMatchObject({ values: { isResolved: false } });
    bench.board.tell({ kind: 'device.online' });
    expect(await bench.run(dns)).toMatchObject({ values: { isResolved: true } });
  });
  test('a resolver’s failure', async () => {
    bench.serial.row('E (1) esp-tls: couldn’t get hostname for :broker.bench.test: getaddrinfo() returns 202', { level: 'error' });
    expect(await bench.run(dns)).toMatchObject({ values: { isResolved: false, failures: 1 } });
  });
  test('a board that is given an address uses no names', async () => {
    bench.serial.row('connected', { event: 'net.connected', payload: { host: '192.168.1.2', port: 1883 } });
    expect(await bench.run(dns)).toEqual({ skipped: 'not-used' });
  });
});

describe('network.clock', () => {
  const stamp = (text: string) => ({ grammar: 'twetalk', deviceTime: text });
  test('the offset within its zone', async () => {
    const local = new Date(bench.clock.wallMs() + 8 * 3_600_000 + 2500).toISOString().replace('T', ' ').replace('Z', '');
    bench.serial.row('x', stamp(local));
    expect(await bench.run(clock)).toMatchObject({ values: { offsetS: 2.5, zoneHours: 8, isSet: true } });
  });
  test('a clock that was never set is not taken for a zone', async () => {
    bench.serial.row('x', stamp('1970-01-01 00:00:12.000'));
    expect(await bench.run(clock)).toMatchObject({ values: { isSet: false } });
  });
  test('a module’s clock, with its zone', async () => {
    bench.serial.family = 'cat1';
    const at = new Date(bench.clock.wallMs() + 8 * 3_600_000 - 5000).toISOString();
    const [date = '', time = ''] = at.slice(2, 19).split('T');
    bench.serial.onAt = () => ({ lines: [`+CCLK: "${date.replaceAll('-', '/')},${time}+32"`] });
    const result = await bench.run(clock);
    expect('values' in result && Math.abs(Number(result.values?.offsetS) + 5)).toBeLessThanOrEqual(1);
  });
  test('time since boot is no wall time', async () => {
    bench.serial.row('x', stamp('00:00:02.100'));
    expect(await bench.run(clock)).toEqual({ skipped: 'not-in-log' });
  });
  test.each([
    ['2026-03-02 16:54:31.640', Date.UTC(2026, 2, 2, 16, 54, 31, 640)],
    ['26-11-21 05:00:00.250', Date.UTC(2026, 10, 21, 5, 0, 0, 250)],
    ['12-31 23:59:59', Date.UTC(2025, 11, 31, 23, 59, 59)],
    ['1795237200250', 1_795_237_200_250],
  ])('%s', (text, wallMs) => {
    expect(wallTimeOf(text, Date.UTC(2026, 0, 1))?.wallMs).toBe(wallMs);
  });
});

test.each([
  ['network.quality', quality],
  ['network.throughput', throughput],
])('%s ended with pings under way leaves nothing behind that fails later', async (_, check) => {
  bench.board.conversation = 'c1';
  let pings = 0;
  // The first tells that it can be pinged.
  bench.board.onPing = () => (pings++ === 0 ? 20 : 2500);
  bench.at(2200, () => bench.stop.abort(new TalkError('cancelled')));
  await expect(bench.run(check)).rejects.toMatchObject({ code: 'cancelled' });
  expect(pings).toBeGreaterThan(2);
  await new Promise((resolve) => setImmediate(resolve));
});
