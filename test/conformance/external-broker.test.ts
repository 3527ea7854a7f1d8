import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createTwetalkFirmware } from '../../pipeline/boards/twetalk/firmware.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { type BrokerBench, testBroker } from '../fakes/broker.ts';
import { testDevice, testGateway } from '../fakes/twetalk.ts';

/** Debian puts it where a user's PATH does not look. */
const program = ['/usr/sbin/mosquitto', 'mosquitto'].find((path) =>
  path.includes('/') ? existsSync(path) : spawnSync(path, ['-h']).error === undefined,
);
const hasClients = spawnSync('mosquitto_pub', ['--help']).error === undefined;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function client(name: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  closers.push(() => child.kill());
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

const publish = (port: number, topic: string, message: string, more: readonly string[] = []) =>
  client('mosquitto_pub', [...where(port), '-t', topic, '-m', message, '-q', '1', ...more]);

/** A real Mosquitto on a free port, with a user of the bench's and the devices' topics to everybody's own. */
async function startMosquitto(options: { isOpen?: boolean } = {}): Promise<{
  port: number;
  /** Resolves once its log has the text. */
  says(text: string): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-mosquitto-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const configuration = join(folder, 'mosquitto.conf');
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, '');
  const made = spawnSync('mosquitto_passwd', ['-b', passwords, 'talkbench', 'bench-password'], { encoding: 'utf8' });
  const withPasswords = options.isOpen !== true && made.error === undefined && made.status === 0;
  writeFileSync(
    configuration,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      ...(withPasswords ? [`password_file ${passwords}`] : []),
      'persistence false',
      'log_dest stderr',
      `user ${process.env.USER ?? 'root'}`,
    ].join('\n'),
  );
  let child: ChildProcess | null = null;
  let log = '';
  const waiting = new Set<() => void>();
  function says(text: string): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => log.includes(text) && resolve();
      waiting.add(listener);
      listener();
    });
  }
  async function start(): Promise<void> {
    const started = spawn(program ?? '', ['-c', configuration, '-v'], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    log = '';
    started.stderr.on('data', (data: Buffer) => {
      log += data.toString();
      for (const listener of waiting) listener();
    });
    const ended = new Promise<never>((_resolve, reject) => {
      started.on('error', reject);
      started.on('exit', (code) => reject(new Error(`mosquitto ended with ${code}: ${log}`)));
    });
    ended.catch(() => {});
    await Promise.race([says(' running'), ended]);
  }
  async function stop(): Promise<void> {
    const running = child;
    if (running === null) return;
    child = null;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill();
    await ended;
  }
  await start();
  closers.push(stop);
  return { port, says, stop, restart: start };
}

async function bench(port: number, settings: Record<string, unknown> = {}): Promise<BrokerBench> {
  const url = `mqtt://127.0.0.1:${port}`;
  const started = await testBroker({ settings: { broker: { kind: 'external', url, ...settings } }, password: 'bench-password' });
  closers.push(() => started[Symbol.asyncDispose]());
  return started;
}

const where = (port: number) => ['-h', '127.0.0.1', '-p', String(port), '-V', '311'];
const up = '$thing/up/property/ABCDEFGHIJ/dev01';
const down = '$thing/down/property/ABCDEFGHIJ/dev01';

describe.skipIf(program === undefined || !hasClients)('through a real Mosquitto', () => {
  test('what a device publishes there comes to the bench, and what the bench answers to the device', async () => {
    const mosquitto = await startMosquitto();
    const started = await bench(mosquitto.port);
    expect(started.broker.listeners).toMatchObject([{ name: 'mqtt', port: mosquitto.port, state: 'listening' }]);
    const board = client('mosquitto_sub', [...where(mosquitto.port), '-i', 'board', '-t', down, '-C', '1']);
    await mosquitto.says('Sending SUBACK to board');
    expect((await publish(mosquitto.port, up, '{"method":"report"}')).code).toBe(0);
    const message = await started.message(({ topic }) => topic === up);
    expect(message).toMatchObject({ device: { productId: 'ABCDEFGHIJ', deviceName: 'dev01' }, localAddress: '127.0.0.1' });
    expect(started.broker.isOnline(message.device)).toBe(true);
    expect(started.devices.list()).toMatchObject([{ isOnline: true, connection: { address: null } }]);
    await started.broker.publish(down, '{"method":"report_reply"}', 1);
    expect((await board).output).toContain('{"method":"report_reply"}');
  });

  test('a virtual board of the stock firmware talks to the bench through it', async () => {
    const mosquitto = await startMosquitto({ isOpen: true });
    const broker = { kind: 'external', url: `mqtt://127.0.0.1:${mosquitto.port}`, username: '' };
    const { gateway, devices, conversations } = await testGateway({ settings: { broker } });
    closers.push(() => gateway.close());
    const firmware = createTwetalkFirmware({
      ...testDevice,
      clock: systemClock,
      broker: { host: '127.0.0.1', port: mosquitto.port },
      language: 'zh',
      audioType: 'opus',
      audioInterval: 60,
      print: () => {},
      onState: () => {},
      onPlayout: () => {},
    });
    closers.push(() => firmware.stop());
    await firmware.start();
    expect(['connected', 'listening', 'speaking']).toContain(firmware.state);
    expect(conversations.started).toHaveLength(1);
    expect(devices.list()).toMatchObject([{ deviceName: 'dev01', isOnline: true }]);
  });

  test('answers of the bench that a subscription covers are not taken for a device’s', async () => {
    const mosquitto = await startMosquitto();
    const started = await bench(mosquitto.port, { topics: ['$sys/operation/#', '$thing/#'] });
    await started.broker.publish('$sys/operation/result/ABCDEFGHIJ/dev01', '{"type":"get"}', 1);
    await started.broker.publish(down, '{}', 1);
    await publish(mosquitto.port, '$sys/operation/ABCDEFGHIJ/dev01', '{}');
    await started.message(({ topic }) => topic === '$sys/operation/ABCDEFGHIJ/dev01');
    expect(started.messages).toHaveLength(1);
  });

  test('a device nobody registered is refused by its topic, and nothing of it is taken', async () => {
    const mosquitto = await startMosquitto();
    const started = await bench(mosquitto.port);
    await publish(mosquitto.port, '$thing/up/property/XXXXXXXXXX/who', '{}');
    expect(await started.observer.until('device.refused')).toMatchObject({ productId: 'XXXXXXXXXX', reason: 'unknown-device' });
    expect(started.messages).toEqual([]);
  });

  test('while the broker is away sending says so, and it goes on when it is back', async () => {
    const mosquitto = await startMosquitto();
    const started = await bench(mosquitto.port);
    await mosquitto.stop();
    await expect.poll(() => started.broker.listeners[0]?.state).toBe('failed');
    await expect(started.broker.publish(down, '{}', 1)).rejects.toMatchObject({ code: 'broker/unreachable' });
    await mosquitto.restart();
    await expect.poll(() => started.broker.listeners[0]?.state, { timeout: 20_000 }).toBe('listening');
    await publish(mosquitto.port, up, '{}', ['-r']);
    await started.message(({ topic }) => topic === up);
  }, 60_000);
});

test('a broker that is not there leaves the bench working, and says so', async () => {
  const port = await freePort();
  const started = await bench(port);
  expect(started.broker.listeners).toMatchObject([{ name: 'mqtt', port, state: 'failed', error: { code: 'broker/unreachable' } }]);
});
