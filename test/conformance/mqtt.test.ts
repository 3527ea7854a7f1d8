import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { buildCredentials } from '../../pipeline/gateways/twetalk/credentials.ts';
import { TestDevice, testDevice, testGateway } from '../fakes/twetalk.ts';

/** Mosquitto's own clients against our broker: an MQTT 3.1.1 implementation that is neither ours nor Node's. */
const isInstalled = spawnSync('mosquitto_sub', ['--help']).error === undefined;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Finished {
  code: number | null;
  output: string;
}

function run(program: string, args: readonly string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  closers.push(() => child.kill());
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return { child, finished: new Promise((resolve) => child.on('close', (code) => resolve({ code, output }))) };
}

function loginArgs(port: number, options: { secret?: string; clientId?: string } = {}): string[] {
  const { clientId, username, password } = buildCredentials({ ...testDevice, secret: options.secret ?? testDevice.secret });
  return ['-h', '127.0.0.1', '-p', String(port), '-V', '311', '-i', options.clientId ?? clientId, '-u', username, '-P', password];
}

const property = (direction: 'up' | 'down', device = 'dev01') => `$thing/${direction}/property/ABCDEFGHIJ/${device}`;

describe.skipIf(!isInstalled)('mosquitto clients', () => {
  async function bench() {
    const started = await testGateway();
    closers.push(() => started.gateway.close());
    return started;
  }

  test('the right HMAC gets in, and what it reports is taken', async () => {
    const { mqttPort, observer } = await bench();
    const message = '{"method":"report","params":{"volume":33},"clientToken":"clear-control-1"}';
    const { finished } = run('mosquitto_pub', [...loginArgs(mqttPort), '-t', property('up'), '-q', '1', '-m', message]);
    expect(await finished).toEqual({ code: 0, output: '' });
    expect(await observer.until('device.property')).toMatchObject({ deviceName: 'dev01', properties: { volume: 33 } });
  });

  test('a subscriber beside the live board hears its topic and does not push it off', async () => {
    const { mqttPort, gateway, devices, observer } = await bench();
    const board = await TestDevice.connect(mqttPort);
    closers.push(() => board.close());
    // The board does not subscribe this one, so seeing it subscribed is seeing the desk's.
    const sub = run('mosquitto_sub', [
      ...loginArgs(mqttPort, { clientId: 'desk' }),
      '-t',
      property('up'),
      '-t',
      property('down'),
      '-C',
      '1',
    ]);
    await observer.until('wire.message', (event) => event.name === property('up') && event.note === 'SUBSCRIBE');
    await gateway.publishToDevice(testDevice, 'property', { method: 'control', clientToken: 'bench-1', params: { volume: 50 } });
    const { code, output } = await sub.finished;
    expect(code).toBe(0);
    expect(output).toContain('{"method":"control","clientToken":"bench-1","params":{"volume":50}}');
    expect(await board.until((body) => body.method === 'control')).toBeDefined();
    expect(devices.list()[0]).toMatchObject({ isOnline: true });
  });

  test('a wrong HMAC does not get in', async () => {
    const { mqttPort, observer } = await bench();
    const wrong = loginArgs(mqttPort, { secret: 'AAAAAAAAAAAAAAAAAAAAAA==' });
    const { finished } = run('mosquitto_pub', [...wrong, '-t', property('up'), '-m', '{}']);
    // mosquitto_pub exits with the CONNACK's code.
    expect((await finished).code).toBe(4);
    expect(observer.of('device.refused')).toMatchObject([{ deviceName: 'dev01', reason: 'bad-password' }]);
  });

  test('a foreign topic and a wildcard are refused', async () => {
    const { mqttPort } = await bench();
    for (const topic of [property('down', 'dev02'), '#', '$thing/down/property/+/dev01']) {
      const { finished } = run('mosquitto_sub', [...loginArgs(mqttPort), '-t', topic, '-W', '5']);
      expect((await finished).output, topic).toContain('All subscription requests were denied');
    }
  });
});
