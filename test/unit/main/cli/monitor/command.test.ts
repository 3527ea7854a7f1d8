import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdPort } from '../../../../../main/cli/hold-port.ts';
import { approveCommand } from '../../../../../main/core/devices/command-list.ts';
import type { Client } from '../../../../../preload/contract/client.ts';
import { runCli } from '../../../../fakes/cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-monitor-'));
  await approveCommand(folder, { name: 'board', argv: ['sh', '-c', 'read line; echo "heard $line"; sleep 60'] });
});
afterAll(() => rm(folder, { recursive: true }));

const monitor = (input: string, ...args: string[]) =>
  runCli(['monitor', '--port', 'command://board', '--duration', '1', '--data', folder, ...args], { input });

describe('talkbench monitor', () => {
  test('lines from a pipe wait for the port to be open', async () => {
    const { stdout, stderr } = await monitor('hello\n');
    expect(stderr).toBe('');
    expect(stdout).toContain('heard hello');
  });

  test.each([
    [['--grep', '(', '--regexp'], 'pattern.text'],
    [['--exclude', '[', '--regexp'], 'pattern.text'],
    [['--baud', '9600.5'], 'options.baudRate'],
  ])('%j is a mistake of the command line, and says where', async (args, place) => {
    const { code, stdout, stderr } = await monitor('', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(place);
  });

  test.runIf(process.platform === 'linux')('a file that is full is told of at once; the log goes on', async () => {
    const { code, stdout, stderr } = await monitor('hello\n', '--record', '/dev/full');
    expect(stderr).toMatch(/\/dev\/full is not written any more: ENOSPC\s+error store\/disk-full/);
    expect(stdout).toContain('heard hello');
    expect(code).toBe(1);
  });

  test.runIf(process.platform === 'linux')('… also with --json, and not on standard output', async () => {
    const { stderr, lines } = await monitor('hello\n', '--record', '/dev/full', '--json');
    expect(stderr).toContain('/dev/full is not written any more: ENOSPC');
    expect(lines().at(-1)).toMatchObject({ error: { code: 'store/disk-full' } });
  });
});

describe('a port that a command holds', () => {
  function clientOf(state: string | null): { client: Client; closed: string[] } {
    const closed: string[] = [];
    const client = {
      subscribe(_name: string, _body: unknown, { onSnapshot }: { onSnapshot(states: unknown[]): void }) {
        queueMicrotask(() => onSnapshot(state === null ? [] : [{ address: 'COM1', state }]));
        return () => {};
      },
      onClose: () => () => {},
      async call(name: string, { address }: { address: string }) {
        if (name === 'ports.close') closed.push(address);
      },
    };
    return { client: client as unknown as Client, closed };
  }

  test.each([
    [null, ['COM1']],
    ['closed', ['COM1']],
    ['failed', ['COM1']],
    ['open', []],
    ['lost', []],
    ['yielded', []],
  ])('was %s before: closes %j', async (state, expected) => {
    const { client, closed } = clientOf(state);
    await (await holdPort(client, 'COM1', {}))[Symbol.asyncDispose]();
    expect(closed).toEqual(expected);
  });
});
