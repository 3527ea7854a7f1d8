import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { forkNodeProcess, type NodeProcessEnd } from '../../../pipeline/node-process.ts';
import { parentProcess } from '../../../pipeline/parent-process.ts';

const echo = new URL('../../fixtures/node-process/echo.process.ts', import.meta.url);

function started(script = echo, args: string[] = []) {
  const child = forkNodeProcess(script, args);
  const heard: unknown[] = [];
  const waiting: (() => void)[] = [];
  child.onMessage((message) => {
    heard.push(message);
    for (const wake of waiting.splice(0)) wake();
  });
  const ended = new Promise<NodeProcessEnd>((resolve) => child.onExit(resolve));
  onTestFinished(() => child.kill());
  const until = async (count: number) => {
    while (heard.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return heard;
  };
  return { child, until, ended };
}

describe('a script as a child of this process', () => {
  test('gets its arguments; samples go there and back as samples', async () => {
    const { child, until } = started(echo, ['one', 'two words']);
    const pcm = Int16Array.of(1, -2, 3);
    child.send({ kind: 'play', pcm });
    expect(await until(2)).toEqual([{ args: ['one', 'two words'] }, { kind: 'play', pcm }]);
  });

  test('is heard in the middle of something that takes it long', async () => {
    const { child, until } = started();
    const folder = mkdtempSync(join(tmpdir(), 'talkbench-process-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    child.send(`until ${join(folder, 'heard')}`);
    await until(2);
    writeFileSync(join(folder, 'heard'), '');
    expect(await until(3)).toEqual([{ args: [] }, 'begun', 'heard']);
  });

  test('that ends is told once, with its code and the end of its last words', async () => {
    const { child, until, ended } = started();
    await until(1);
    child.send('die');
    const { code, said } = await ended;
    expect([code, said.length, said.endsWith('out of memory\n'), child.isRunning]).toEqual([7, 300, true, false]);
    child.send('anybody there');
    child.kill();
  });

  test('is killed, which is told later, and twice is once', async () => {
    const { child, ended } = started();
    child.kill();
    expect(child.isRunning).toBe(false);
    child.kill();
    expect((await ended).code).toBe('SIGKILL');
  });

  test('that is not there ends with what Node says', async () => {
    const { ended } = started(new URL('./no-such.process.ts', echo));
    const { code, said } = await ended;
    expect(code).toBe(1);
    expect(said).not.toBe('');
  });
});

describe('the script’s side in a utility process of Electron', () => {
  const { process: real } = globalThis;
  afterEach(() => {
    Reflect.deleteProperty(real, 'parentPort');
    vi.restoreAllMocks();
  });

  test('takes its end of the channel from the first message; what was said before waits on both sides', async () => {
    const parentPort = new EventEmitter();
    Object.assign(real, { parentPort });
    const exit = vi.spyOn(real, 'exit').mockImplementation(() => undefined as never);
    const { port1, port2 } = new MessageChannel();
    // Node's ports give the data itself, Electron's an event with it.
    const port = {
      postMessage: (message: unknown) => port2.postMessage(message),
      start: () => port2.start(),
      on: (event: string, listener: (...given: unknown[]) => void) =>
        port2.on(event, (data: unknown) => (event === 'message' ? listener({ data, ports: [] }) : listener())),
    };
    const parent = parentProcess<string, string>();
    parent.send('ready');
    port1.postMessage('early');
    parentPort.emit('message', { data: null, ports: [port] });
    const heard = new Promise<string>((resolve) => parent.onMessage(resolve));
    expect(await heard).toBe('early');
    const told = await new Promise((resolve) => port1.once('message', resolve));
    expect(told).toBe('ready');
    const gone = new Promise((resolve) => port2.once('close', resolve));
    port1.close();
    await gone;
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0), { timeout: 15_000 });
  });
});

test('one that nobody waits for does not keep this process, and ends with it', async () => {
  const starter = new URL('../../../pipeline/node-process.ts', import.meta.url).href;
  const source = `
    import { forkNodeProcess } from ${JSON.stringify(starter)};
    const child = forkNodeProcess(new URL(${JSON.stringify(echo.href)}));
    child.onMessage(() => child.keepWaiting(false));`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], { timeout: 15_000 });
  expect(stderr).toBe('');
});
