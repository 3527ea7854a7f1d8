import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it, vi } from 'vitest';

/** Ports and processes as Electron has them: events with `data` and `ports`, copies of what is posted. */
const electron = await vi.hoisted(async () => {
  const { EventEmitter } = await import('node:events');
  class Port extends EventEmitter {
    other: Port | null = null;
    readonly early: unknown[] = [];
    isStarted = false;
    postMessage(message: unknown) {
      const copy = structuredClone(message);
      if (this.other?.isStarted) this.other.emit('message', { data: copy, ports: [] });
      else this.other?.early.push(copy);
    }
    start() {
      this.isStarted = true;
      for (const data of this.early.splice(0)) this.emit('message', { data, ports: [] });
    }
  }
  class MessageChannelMain {
    port1 = new Port();
    port2 = new Port();
    constructor() {
      this.port1.other = this.port2;
      this.port2.other = this.port1;
    }
  }
  class Child extends EventEmitter {
    stderr = new EventEmitter();
    port: Port | null = null;
    kill = vi.fn(() => this.emit('exit', 15));
    postMessage(_message: unknown, [port]: Port[] = []) {
      this.port = port ?? null;
    }
  }
  const children: Child[] = [];
  return {
    MessageChannelMain,
    children,
    utilityProcess: {
      fork: vi.fn((_script: string, _args: string[], _options: object) => {
        const child = new Child();
        children.push(child);
        return child;
      }),
    },
  };
});
vi.mock('electron', () => electron);
const { serveHelperProcesses } = await import('../../main/electron/helper-processes.ts');
const { relayedProcesses } = await import('../../main/electron/relayed-processes.ts');

const script = (name: string) => pathToFileURL(`/app/out/main/${name}`);

/** A core whose two ends are joined: what it posts its supervisor hears, and the other way round. */
function bench() {
  const core = new EventEmitter();
  const parentPort = new EventEmitter();
  serveHelperProcesses(
    Object.assign(core, { postMessage: (data: unknown, ports: unknown[] = []) => parentPort.emit('message', { data, ports }) }) as never,
    '/app/out/main',
  );
  const start = relayedProcesses(Object.assign(parentPort, { postMessage: (data: unknown) => core.emit('message', data) }) as never);
  return { core, start };
}

beforeEach(() => {
  electron.children.length = 0;
  electron.utilityProcess.fork.mockClear();
});

it('a helper of the core is a utility process of its own, and talks with the core past the main process', () => {
  const { start } = bench();
  const helper = start(script('main-core-audio-host-audio.process.js'), ['one']);
  const heard: unknown[] = [];
  helper.onMessage((message) => heard.push(message));
  helper.send({ kind: 'list' });
  const [file, args, options] = electron.utilityProcess.fork.mock.calls[0] ?? [];
  expect([file, args]).toEqual(['/app/out/main/main-core-audio-host-audio.process.js', ['one']]);
  expect(options).toMatchObject({ serviceName: 'main-core-audio-host-audio', stdio: ['ignore', 'ignore', 'pipe'] });
  expect(JSON.stringify(options)).not.toContain('ELECTRON_RUN_AS_NODE');
  const { port } = electron.children[0] ?? {};
  port?.on('message', ({ data }) => heard.push(data));
  port?.start();
  port?.postMessage({ kind: 'captured', pcm: Int16Array.of(1, 2) });
  expect(heard).toEqual([{ kind: 'list' }, { kind: 'captured', pcm: Int16Array.of(1, 2) }]);
});

it('its end is told with its last words, and nothing more is sent to it', async () => {
  const { start } = bench();
  const helper = start(script('sherpa.process.js'));
  const ended = new Promise((resolve) => helper.onExit(resolve));
  electron.children[0]?.stderr.emit('data', Buffer.from('tokens.txt has 3 tokens\n'));
  electron.children[0]?.emit('exit', 255);
  expect(await ended).toEqual({ code: 255, said: 'tokens.txt has 3 tokens\n' });
  expect(helper.isRunning).toBe(false);
});

it('is killed when the core wants it, and when the core goes', () => {
  const { core, start } = bench();
  const [one] = [start(script('a.process.js')), start(script('b.process.js'))];
  one.kill();
  expect(one.isRunning).toBe(false);
  expect(electron.children.map(({ kill }) => kill.mock.calls.length)).toEqual([1, 0]);
  core.emit('exit', 1);
  expect(electron.children[1]?.kill).toHaveBeenCalled();
});

it.each(['/tmp/evil.process.js', '/app/out/main/../evil.process.js', '/app/out/main/index.js'])(
  'no other script is started, whoever asks: %s',
  async (path) => {
    const { start } = bench();
    const helper = start(new URL(`file://${path}`));
    expect(await new Promise((resolve) => helper.onExit(resolve))).toMatchObject({ code: 'refused' });
    expect(electron.utilityProcess.fork).not.toHaveBeenCalled();
  },
);
