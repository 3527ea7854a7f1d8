import { afterEach, expect, test } from 'vitest';
import { openDebugPort, type VirtualDebugPort } from '../../../../../pipeline/boards/tuya/debug-port.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { DebugFrames, encodeDebugFrame } from '../../../../../pipeline/gateways/tuya/debug-frames.ts';
import { DebugMonitor } from '../../../../../pipeline/gateways/tuya/monitor.ts';
import { attribute, attributeIds as ids } from '../../../../../pipeline/gateways/tuya/wire/attributes.ts';
import { encodeChunk } from '../../../../../pipeline/gateways/tuya/wire/heads.ts';
import { packetTypes, streamFlags } from '../../../../../pipeline/gateways/tuya/wire/numbers.ts';
import { packet } from '../../../../../pipeline/gateways/tuya/wire/packet.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';

let port: VirtualDebugPort;
const monitors: DebugMonitor[] = [];
afterEach(async () => {
  for (const monitor of monitors.splice(0)) monitor.close();
  await port.close();
});

async function listening() {
  port = await openDebugPort('127.0.0.1', 0);
  const observer = new RecordingObserver();
  const waiting = new Set<() => void>();
  const onChange = () => {
    for (const wake of waiting) wake();
  };
  const monitor = await DebugMonitor.connect({ clock: systemClock, observer, address: `127.0.0.1:${port.listener.port}`, onChange });
  monitors.push(monitor);
  while (monitor.record.state === 'connecting') await new Promise<void>((resolve) => waiting.add(resolve));
  return { monitor, observer };
}

const audio = (version: 1 | 2, flag: 0 | 1 | 2 | 3, data: Uint8Array, dataId = 1, parameters?: string) =>
  packet(
    packetTypes.audio,
    parameters === undefined ? [] : [attribute(ids.audioParams, parameters)],
    encodeChunk(version, packetTypes.audio, { dataId, flag, timestampMs: 1_700_000_000_000, sequence: 0, data }),
  );

test.each([1, 2] as const)('packets of both directions are told, and their sound is kept: heads of version %i', async (version) => {
  const { monitor, observer } = await listening();
  const text = { dataId: 4, flag: streamFlags.one, timestampMs: 0, sequence: 1, data: new TextEncoder().encode('{"bizType":"ASR"}') };
  port.mirror(0, version, audio(version, 1, new Uint8Array(0), 1, '101 1 16 16000'));
  port.mirror(0, version, audio(version, 2, new Uint8Array(640)));
  port.mirror(1, version, audio(version, 2, new Uint8Array(320), 2));
  port.mirror(2, 1, audio(1, 2, new Uint8Array(160), 0x8003));
  port.mirror(1, version, packet(packetTypes.text, [], encodeChunk(version, packetTypes.text, text)));
  port.mirror(0, 1, packet(packetTypes.deviceLog, [], new TextEncoder().encode('[ty I] hello')));
  await observer.until('wire.message', ({ name }) => name === 'DeviceLog');
  expect(monitor.recordings().map(({ channel, pcm }) => [channel, pcm.length])).toEqual([
    ['up', 320],
    ['down', 160],
    ['mic', 80],
  ]);
  const told = observer.of('wire.message').filter(({ name }) => name !== 'MonitorFilter');
  expect(told.map(({ gateway, direction, name }) => [gateway, direction, name])).toEqual([
    ['tuya-monitor', 'up', 'Audio START'],
    ['tuya-monitor', 'down', 'Text ONE'],
    ['tuya-monitor', 'up', 'DeviceLog'],
  ]);
  expect(told[1]?.text).toContain('ASR');
});

test('bytes that are no frame are skipped and counted', async () => {
  const { monitor, observer } = await listening();
  port.sendRaw(new TextEncoder().encode('noise TYAI\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'));
  port.mirror(0, 1, packet(packetTypes.deviceLog, [], new TextEncoder().encode('after the noise')));
  await observer.until('wire.message', ({ text }) => text === 'after the noise');
  expect(monitor.skippedBytes).toBeGreaterThan(10);
});

test('a device takes three clients', async () => {
  await listening();
  const more = await Promise.all(
    [1, 2, 3].map(() =>
      DebugMonitor.connect({
        clock: systemClock,
        observer: new RecordingObserver(),
        address: `127.0.0.1:${port.listener.port}`,
        onChange: () => {},
      }),
    ),
  );
  monitors.push(...more);
  await expect.poll(() => more.filter(({ record }) => record.state === 'closed').length).toBe(1);
  expect(port.clients).toBe(3);
});

test('a stream cut anywhere gives the same packets', () => {
  const frames = [1, 2, 3].map((sequence) =>
    encodeDebugFrame(0, sequence, { version: 1, packet: packet(packetTypes.deviceLog, [], new Uint8Array(sequence)) }, new Uint8Array(32)),
  );
  const bytes = Buffer.concat(frames);
  for (let cut = 1; cut < bytes.length; cut++) {
    const reader = new DebugFrames('device');
    const found = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
    expect(found.map((one) => one.packet.payload.length)).toEqual([1, 2, 3]);
  }
});

test('where there is no debug port, that is said with its address', async () => {
  port = await openDebugPort('127.0.0.1', 0);
  const address = `127.0.0.1:${port.listener.port}`;
  await port.close();
  const options = { clock: systemClock, observer: new RecordingObserver(), onChange: () => {} };
  await expect(DebugMonitor.connect({ ...options, address })).rejects.toMatchObject({
    code: 'tuya/no-debug-port',
    value: { data: { address, reason: 'ECONNREFUSED' } },
  });
  await expect(DebugMonitor.connect({ ...options, address: 'no address' })).rejects.toMatchObject({ code: 'bad-request' });
});
