import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeWav } from '../../pipeline/audio/wav.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-cli-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function dataDirectory(name: string): string {
  return join(scratch, name);
}

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe('talkbench', () => {
  const commands = [
    'serve',
    'ports',
    'flash',
    'flash-info',
    'read-flash',
    'erase',
    'batch',
    'recipes list',
    'monitor',
    'parse',
    'at',
    'pipeline',
    'talk',
    'sessions list',
    'sessions show',
    'sessions export',
    'latency',
  ];

  test.each(commands)('%s has help that documents its JSON', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/JSON/);
    expect(stdout).toMatch(/--json/);
    expect(stdout).toMatch(/--data/);
  });

  test('wrong usage is exit code 2 with nothing on standard output', async () => {
    for (const args of [['nonsense'], ['flash', '0x0=a.bin'], ['monitor', '--port', 'x', '--baud', 'fast']]) {
      const { code, stdout } = await runCli(args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
    }
  });

  describe('an expected failure is exit code 1 and one JSON error', () => {
    const image = join(scratch, 'image.bin');
    writeFileSync(image, Buffer.alloc(64, 0xff));
    const cases: [string[], string][] = [
      [['flash', '--port', '/dev/ttyNOSUCH', `0x0=${image}`], 'port/not-found'],
      [['batch', 'no-such-recipe', '--port', '/dev/ttyNOSUCH'], 'not-found'],
      [['flash', '--port', '/dev/ttyNOSUCH', `0x0=${join(scratch, 'absent.bin')}`], 'flash/bad-file'],
      [['flash', '--port', '/dev/ttyNOSUCH', `zero=${image}`], 'flash/bad-offset'],
      [['parse', join(scratch, 'absent.log')], 'not-found'],
      [['sessions', 'show', 'no-such-session'], 'session/not-found'],
      [['talk', '--wav', image], 'audio/bad-wav'],
    ];
    // One process each, and so one time limit each: a busy machine starts them slowly.
    test.each(cases)('%j', async (args, errorCode) => {
      const result = await runCli([...args, '--json', '--data', dataDirectory('failures')]);
      expect(result.code).toBe(1);
      expect(result.json()).toMatchObject({ error: { code: errorCode } });
    });
  });

  test('what the core finds wrong with the options is wrong usage too', async () => {
    const result = await runCli(['talk', '--json', '--data', dataDirectory('usage')]);
    expect(result.code).toBe(2);
    expect(result.json()).toMatchObject({ error: { code: 'bad-request' } });
  });

  test('parse prints one object per line of the file, in order, none missing', async () => {
    const log =
      'I (22543) TWETALK: vad start\r\n\r\nplain words\nINF|4274|mqtt_client.c|IOT_MQTT_Construct(325): mqtt connect with id: 3Reh3 success\r\n\xff\xfe cut';
    const file = join(scratch, 'device.log');
    writeFileSync(file, Buffer.from(log, 'latin1'));
    const rows = (await runCli(['parse', file, '--json'])).lines<{ seq: number; raw: string }>();
    expect(rows.map((row) => row.seq)).toEqual([0, 1, 2, 3, 4]);
    expect(Buffer.concat(rows.map((row) => Buffer.from(row.raw, 'base64'))).toString('latin1')).toBe(log);
  });
});

describe('a command line', () => {
  test('parse reads standard input, also where that is a socket', async () => {
    const { code, lines } = await runCli(['parse', '-', '--json'], { input: 'one\ntwo\n' });
    expect(code).toBe(0);
    expect(lines<{ text: string }>().map((row) => row.text)).toEqual(['one', 'two']);
  });

  test('a run file that a killed app left, its process number another’s by now, is no obstacle', async () => {
    const data = dataDirectory('stale');
    mkdirSync(data);
    writeFileSync(join(data, 'talkbench.json'), JSON.stringify({ url: 'http://127.0.0.1:9/', token: 't', pid: process.pid }));
    const { code, json } = await runCli(['sessions', 'list', '--json', '--data', data]);
    expect([code, json()]).toEqual([0, { sessions: [] }]);
  });

  test('a secrets file that is none is an expected failure that quotes nothing of it', async () => {
    const data = dataDirectory('secrets');
    mkdirSync(data);
    writeFileSync(join(data, 'secrets.json'), 'hunter2');
    const { code, stdout, stderr, json } = await runCli(['sessions', 'list', '--json', '--data', data]);
    expect(code).toBe(1);
    expect(json()).toMatchObject({ error: { code: 'settings/invalid' } });
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('interrupts that come as one end it cleanly, with its ports and its run file gone', async () => {
    const data = dataDirectory('interrupted');
    const args = ['main/cli/index.ts', 'serve', '--port', '0', '--mqtt-port', '0', '--gateway-port', '0', '--json', '--data', data];
    const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    for (const name of ['SIGINT', 'SIGINT', 'SIGHUP'] as const) child.kill(name);
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(readdirSync(data).filter((name) => name === 'talkbench.json' || name.endsWith('-wal'))).toEqual([]);
  });
});

describe('a bench that is being served', () => {
  const data = dataDirectory('served');
  let served: ReturnType<typeof spawn>;
  let ready: {
    url: string;
    listeners: { name: string; state: string; port: number }[];
    boards: { name: string; address: string; ptyPath: string }[];
  };
  const extraLines: string[] = [];

  beforeAll(async () => {
    served = spawn(
      process.execPath,
      ['main/cli/index.ts', 'serve', '--demo', '--port', '0', '--mqtt-port', '0', '--gateway-port', '0', '--json', '--data', data],
      {
        cwd: projectRoot,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    if (served.stdout === null) throw new Error('no standard output');
    const lines = createInterface({ input: served.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    ready = JSON.parse(first);
    lines.on('line', (line) => extraLines.push(line));
  });

  afterAll(async () => {
    served.kill('SIGTERM');
    await once(served, 'exit');
    expect(extraLines).toEqual([]);
  });

  test('one JSON line names the URL, the listeners and the virtual board', () => {
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32,}$/);
    expect(ready.listeners.map((one) => [one.name, one.state])).toEqual(
      expect.arrayContaining([
        ['mqtt', 'listening'],
        ['gateway', 'listening'],
      ]),
    );
    expect(ready.boards[0]?.ptyPath).toMatch(/^\//);
  });

  test('its virtual board can be flashed over the PTY by a Talkbench that knows nothing of it', async () => {
    const image = Buffer.alloc(70_000, 0x5a);
    const file = join(scratch, 'payload.bin');
    writeFileSync(file, image);
    const result = await runCli([
      'flash',
      '--port',
      ready.boards[0]?.ptyPath ?? '',
      `0x200000=${file}`,
      '--json',
      '--data',
      dataDirectory('other'),
    ]);
    expect(result.json()).toMatchObject({
      state: 'done',
      chip: { chip: 'esp32s3' },
      files: [{ offset: 0x200000, sizeBytes: 70_000, verified: true }],
    });
    expect(result.code).toBe(0);
  });

  test('a command on the same data directory attaches to it', async () => {
    const { ports } = (await runCli(['ports', '--json', '--data', data])).json<{ ports: { address: string }[] }>();
    expect(ports.map((port) => port.address)).toContain(ready.boards[0]?.address);
  });
});

describe('talk', () => {
  test('a spoken question gets a spoken answer, and the session agrees with what was said', async () => {
    const data = dataDirectory('talk');
    const reply = join(scratch, 'reply.wav');
    const talked = await runCli(['talk', '--text', 'what time is it', '--out', reply, '--json', '--data', data], {});
    expect(talked.stderr).toBe('');
    const said = talked.json<{
      sessionId: string;
      turnId: number;
      transcript: string;
      reply: string;
      heard: string;
      outcome: string;
      replyDurationMs: number;
      latency: { totalMs: number; parts: Record<string, number>; audibleSource: string };
    }>();
    expect(said.outcome).toBe('completed');
    expect(said.transcript.toLowerCase()).toContain('what time is it');
    expect(said.heard).toBe(said.reply);
    expect(said.latency.audibleSource).toBe('device');
    const sum = Object.values(said.latency.parts).reduce((total, part) => total + part, 0);
    expect(Math.abs(sum - said.latency.totalMs)).toBeLessThanOrEqual(1);

    const { sampleRate, channels } = decodeWav(readFileSync(reply));
    const samples = channels[0] ?? new Int16Array();
    const loudness = Math.sqrt(samples.reduce((total, sample) => total + sample * sample, 0) / samples.length);
    expect(sampleRate).toBe(16000);
    expect(samples.length / 16).toBeGreaterThan(800);
    expect(loudness).toBeGreaterThan(300);

    const shown = (await runCli(['sessions', 'show', said.sessionId, '--json', '--data', data])).json<{
      session: { state: string };
      conversations: { closedUs: number | null }[];
      turns: { turnId: number; userText: string; heardText: string }[];
    }>();
    expect(shown.session.state).toBe('closed');
    expect(shown.conversations).toMatchObject([{ closedUs: expect.any(Number) }]);
    expect(shown.turns.find((turn) => turn.turnId === said.turnId)).toMatchObject({ userText: said.transcript, heardText: said.heard });

    const latency = (await runCli(['latency', said.sessionId, '--json', '--data', data])).json<{
      rows: unknown[];
      groups: { turns: number; unanswered: number }[];
    }>();
    expect(latency.rows.length).toBeGreaterThanOrEqual(2);
    expect(latency.groups).toMatchObject([{ turns: latency.rows.length, unanswered: 0 }]);
  }, 90_000);
});
