import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVirtual } from '../../../../../../main/core/devices/virtual.ts';
import { createLogReplays, type LogReplays, type LogReplaysDeps } from '../../../../../../main/core/replay/log/service.ts';
import type { BoardUart } from '../../../../../../pipeline/boards/uart.ts';
import { portOptions } from '../../../../../../preload/contract/ports.ts';
import { logReplayCalls } from '../../../../../../preload/contract/replay.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { openTestBench, type TestBench } from '../../../../../fakes/store.ts';

const user = { signal: new AbortController().signal, role: 'operator' as const };
let bench: TestBench;
let replays: LogReplays;
let received: Map<string, Uint8Array[]>;
let uarts: Map<string, BoardUart>;

beforeEach(async () => {
  bench = await openTestBench();
  received = new Map();
  uarts = new Map();
  const open = new Map<string, { close(): Promise<void> }>();
  // The monitor, as far as it matters here: it opens the port by its address and takes what comes.
  const handlers = {
    'ports.open': async ({ address }: { address: string }) => {
      const port = await openVirtual(address, uarts.get(address.slice('virtual://'.length)), portOptions.parse({}), bench.clock);
      const chunks: Uint8Array[] = [];
      received.set(address, chunks);
      port.onData((data) => chunks.push(data));
      open.set(address, port);
    },
    'ports.close': async ({ address }: { address: string }) => open.get(address)?.close(),
  };
  const ports = { handlers } as unknown as ReturnType<LogReplaysDeps['ports']>;
  replays = createLogReplays({ clock: bench.clock, store: bench.store, uarts, ports: () => ports });
});
afterEach(async () => {
  await replays.close();
  await bench.close();
});

const start = (request: object) => replays.calls['replay.startLog'](logReplayCalls['replay.startLog'].request.parse(request), user);
const heard = (address: string) => Buffer.concat(received.get(address) ?? []);

test('what two ports of a session received comes again, byte for byte, in its own time', async () => {
  const { id, startedUs } = bench.recorder.ensureSession('log');
  const raw = (port: string, direction: 'received' | 'sent', atMs: number, bytes: Uint8Array) =>
    bench.recorder.raw({ port, direction, atUs: (startedUs + atMs * 1000) as MonoUs, bytes });
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  raw('/dev/ttyUSB0', 'received', 1000, all);
  raw('/dev/ttyUSB0', 'sent', 1100, Uint8Array.of(1, 2, 3));
  raw('COM7', 'received', 1500, Uint8Array.of(9, 9));
  raw('/dev/ttyUSB0', 'received', 2000, all);
  await bench.recorder.stop();

  const begun = await start({ source: { kind: 'session', sessionId: id } });
  expect(begun).toMatchObject({ durationUs: 1_000_000, timing: 'timestamps', ports: [{ totalBytes: 512 }, { totalBytes: 2 }] });
  await bench.clock.advance(999_999);
  expect(heard('virtual://replay-ttyUSB0')).toHaveLength(256);
  expect(heard('virtual://replay-COM7')).toEqual(Buffer.of(9, 9));
  await bench.clock.advance(1);
  expect(heard('virtual://replay-ttyUSB0')).toEqual(Buffer.concat([all, all]));
  expect(replays.streams['replay.logs']({}).topic.snapshot()[0]).toMatchObject({ state: 'ended', positionUs: 1_000_000 });
});

test('who closes the port pauses the replay: nothing is played to nobody', async () => {
  const data = new TextEncoder().encode('one\ntwo\nthree\n');
  const { id } = await start({ source: { kind: 'files', files: [{ name: 'a.txt', data }] }, linesPerSecond: 1 });
  const uart = uarts.get('replay-a');
  uart?.setOpen(false);
  await bench.clock.advance(10_000_000);
  expect(heard('virtual://replay-a').toString()).toBe('one\n');
  await replays.calls['replay.controlLog']({ id, isPaused: false, speed: 20 }, user);
  const before = heard('virtual://replay-a').toString();
  await bench.clock.advance(1_000_000);
  expect(`${before}${''}`).not.toContain('one');
  expect(heard('virtual://replay-a').toString()).toBe('two\nthree\n');
});

test('two logs of the same name have ports of their own, and stopped they are gone', async () => {
  const file = { name: 'a.txt', data: Uint8Array.of(65) };
  const { id, ports } = await start({ source: { kind: 'files', files: [file, file] } });
  expect(ports.map(({ address }) => address)).toEqual(['virtual://replay-a', 'virtual://replay-a-2']);
  expect(replays.ports().map(({ address }) => address)).toEqual(ports.map(({ address }) => address));
  await replays.calls['replay.stopLog']({ id }, user);
  expect(replays.ports()).toEqual([]);
  expect(uarts.size).toBe(0);
});

test('a session without ports, and an empty file, are no log', async () => {
  const { id } = bench.recorder.ensureSession('empty');
  await bench.recorder.stop();
  await expect(start({ source: { kind: 'session', sessionId: id } })).rejects.toMatchObject({ code: 'replay/no-log' });
  const empty = { kind: 'files', files: [{ name: 'a', data: new Uint8Array(0) }] };
  await expect(start({ source: empty })).rejects.toMatchObject({ code: 'replay/no-log' });
});
