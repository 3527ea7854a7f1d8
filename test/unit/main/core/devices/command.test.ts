import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approveCommand, readCommands, removeCommand } from '../../../../../main/core/devices/command-list.ts';
import { createPortOpener } from '../../../../../main/core/devices/open.ts';
import type { BytePort } from '../../../../../main/core/devices/port.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';

let folder: string;
const openPorts: BytePort[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-command-'));
});
afterEach(async () => {
  await Promise.all(openPorts.splice(0).map((port) => port.close()));
  await rm(folder, { recursive: true });
});

interface Heard {
  port: BytePort;
  /** Resolves once the text has come. */
  until(text: string): Promise<string>;
  ended: Promise<Error | null>;
}

async function open(...argv: string[]): Promise<Heard> {
  await approveCommand(folder, { name: 'tool', argv });
  const port = await createPortOpener({ clock: systemClock, virtualBoards: new Map(), dataDirectory: folder })(
    'command://tool',
    portOptions.parse({}),
  );
  openPorts.push(port);
  let all = '';
  let wake = () => {};
  const ended = new Promise<Error | null>((resolve) => port.onClose(resolve));
  port.onData((data) => {
    all += Buffer.from(data).toString();
    wake();
  });
  return {
    port,
    ended,
    async until(text) {
      while (!all.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
      return all;
    },
  };
}

describe('a program as a port', () => {
  test('what it prints is received, what is sent is its input', async () => {
    const { port, until } = await open('sh', '-c', 'echo ready; read line; echo "heard $line"');
    await until('ready\n');
    await port.write(Buffer.from('hello\n'));
    expect(await until('heard')).toContain('heard hello');
  });

  test('its arguments are its own: no shell reads them', async () => {
    const { until } = await open('printf', '%s|', '$HOME', '; echo no', '`id`', 'a b');
    expect(await until('a b|')).toBe('$HOME|; echo no|`id`|a b|');
  });

  test('of its standard error whole lines, and the last words without one', async () => {
    const { until, ended } = await open('sh', '-c', 'echo one >&2; printf two >&2');
    await ended;
    expect(await until('two')).toBe('one\ntwo\n');
  });

  test('its end is the port’s, with the exit code, after everything it said', async () => {
    const { until, ended } = await open('sh', '-c', 'echo last words; exit 3');
    expect(await ended).toMatchObject({ code: 'port/lost', value: { data: { address: 'command://tool', reason: 'exit 3', exitCode: 3 } } });
    expect(await until('words')).toBe('last words\n');
  });

  test('closing ends it and all that it has started', async () => {
    const mark = join(folder, 'grandchild');
    const { port, until, ended } = await open(
      'sh',
      '-c',
      `(trap 'echo ended > ${mark}; exit' TERM; echo up; while :; do sleep 0.05; done) & wait`,
    );
    await until('up');
    await port.close();
    expect(await ended).toBeNull();
    expect(await readFile(mark, 'utf8')).toBe('ended\n');
    await expect(port.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'port/closed' });
  });

  test('closing does not wait for what left its group with a copy of its outputs', async () => {
    const { port, until, ended } = await open('sh', '-c', 'setsid sh -c "echo up; sleep 60" & exit 0');
    await until('up');
    await port.close();
    expect(await ended).toBeNull();
  }, 5000);

  test('an error output without lines is received as it comes, not kept', async () => {
    const { until } = await open('sh', '-c', 'head -c 200000 /dev/zero | tr "\\0" x >&2; sleep 60');
    expect((await until('x'.repeat(100_000))).length).toBeGreaterThanOrEqual(100_000);
  }, 5000);

  test('has no control lines', async () => {
    const { port } = await open('cat');
    expect(await port.setSignals({ dtr: true, rts: true })).toBe(false);
  });

  test('that is not installed says which', async () => {
    await expect(open('no-such-program-here')).rejects.toMatchObject({
      code: 'port/refused',
      value: { data: { reason: 'no-such-program-here: ENOENT' } },
    });
  });

  test('that nobody approved does not run', async () => {
    const opener = createPortOpener({ clock: systemClock, virtualBoards: new Map(), dataDirectory: folder });
    await expect(opener('command://other', portOptions.parse({}))).rejects.toMatchObject({
      code: 'port/not-approved',
      value: { data: { name: 'other' } },
    });
    await expect(opener('command://../etc', portOptions.parse({}))).rejects.toMatchObject({ code: 'port/bad-address' });
  });
});

describe('the list of approved commands', () => {
  test('that cannot be read is not taken for empty, and not replaced', async () => {
    await mkdir(join(folder, 'commands.json'));
    await expect(readCommands(folder)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(approveCommand(folder, { name: 'a', argv: ['one'] })).rejects.toMatchObject({
      value: { data: { issues: [{ path: 'commands.json', message: 'EISDIR' }] } },
    });
  });

  test('is added to, replaced by name and taken back', async () => {
    await approveCommand(folder, { name: 'a', argv: ['one'] });
    await approveCommand(folder, { name: 'b', argv: ['two', 'x y'], description: 'the second' });
    await approveCommand(folder, { name: 'a', argv: ['three'] });
    expect(await readCommands(folder)).toEqual([
      { name: 'b', argv: ['two', 'x y'], description: 'the second' },
      { name: 'a', argv: ['three'] },
    ]);
    await removeCommand(folder, 'b');
    expect(await readCommands(folder)).toEqual([{ name: 'a', argv: ['three'] }]);
    await expect(removeCommand(folder, 'b')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is for its owner’s eyes', async () => {
    await approveCommand(folder, { name: 'a', argv: ['one'] });
    expect((await stat(join(folder, 'commands.json'))).mode & 0o077).toBe(0);
  });

  test.each([
    ['a name that would not stand in an address', { name: 'a/b', argv: ['x'] }],
    ['no program', { name: 'a', argv: [] }],
  ])('refuses %s', async (_what, command) => {
    await expect(approveCommand(folder, command)).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('spoilt by hand runs nothing and says so', async () => {
    await writeFile(join(folder, 'commands.json'), '[{"name":"a","argv":"rm -rf"}]');
    await expect(readCommands(folder)).rejects.toMatchObject({ code: 'bad-request' });
    await writeFile(join(folder, 'commands.json'), 'not JSON');
    await expect(readCommands(folder)).rejects.toMatchObject({ code: 'bad-request' });
  });
});
