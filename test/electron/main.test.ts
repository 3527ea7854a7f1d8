import { type EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** What the main process did, in order. */
const did = vi.hoisted((): string[] => []);
const electron = await vi.hoisted(async () => {
  const { EventEmitter } = await import('node:events');
  const app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    getVersion: () => '1.2.3',
    setPath: vi.fn(),
    enableSandbox: () => did.push('sandbox'),
    commandLine: { appendSwitch: vi.fn() },
    whenReady: async () => void did.push('ready'),
    requestSingleInstanceLock: vi.fn(() => true),
    quit: vi.fn(() => app.emit('before-quit', { preventDefault: () => did.push('quit held') })),
    exit: vi.fn(),
  });
  class BrowserWindow extends EventEmitter {
    static opened: BrowserWindow[] = [];
    webContents = Object.assign(new EventEmitter(), { send: vi.fn() });
    loadURL = vi.fn(async (url: string) => void did.push(`load ${url}`));
    reload = vi.fn();
    focus = vi.fn();
    show = vi.fn();
    isMinimized = () => false;
    constructor() {
      super();
      BrowserWindow.opened.push(this);
    }
  }
  const children: (EventEmitter & { postMessage: ReturnType<typeof vi.fn>; kill: ReturnType<typeof vi.fn> })[] = [];
  return {
    app,
    BrowserWindow,
    children,
    crashReporter: { start: vi.fn() },
    dialog: { showErrorBox: vi.fn() },
    ipcMain: { handle: vi.fn() },
    Menu: { buildFromTemplate: vi.fn(), setApplicationMenu: vi.fn() },
    MessageChannelMain: class {},
    protocol: { registerSchemesAsPrivileged: vi.fn(() => did.push('scheme')), handle: vi.fn() },
    session: {
      defaultSession: Object.assign(new EventEmitter(), {
        setPermissionRequestHandler: vi.fn(),
        setPermissionCheckHandler: vi.fn(),
        setDevicePermissionHandler: vi.fn(),
      }),
    },
    shell: {},
    utilityProcess: {
      fork: vi.fn((_entry: string, _args: string[]) => {
        const child = Object.assign(new EventEmitter(), { postMessage: vi.fn(), kill: vi.fn() });
        children.push(child);
        did.push('core');
        return child;
      }),
    },
  };
});
vi.mock('electron', () => electron);
vi.mock('../../main/core/log.ts', () => ({ createLog: () => ({ warn: () => undefined, error: () => undefined, fatal: () => undefined }) }));

const others = process.listeners('uncaughtException');
beforeEach(() => {
  vi.resetModules();
  vi.clearAllMocks();
  did.length = 0;
  electron.children.length = 0;
  electron.BrowserWindow.opened.length = 0;
  electron.app.removeAllListeners();
});
afterEach(() => {
  for (const listener of process.listeners('uncaughtException'))
    if (!others.includes(listener)) process.removeListener('uncaughtException', listener);
});

async function launch() {
  await import('../../main/electron/index.ts');
  await new Promise((resolve) => setImmediate(resolve));
  const [window] = electron.BrowserWindow.opened;
  const [child] = electron.children;
  return { window, child };
}

it('is sandboxed and has its scheme before it is ready, then brings up core and window', async () => {
  await launch();
  expect(did).toEqual(['scheme', 'sandbox', 'ready', 'core', 'load talkbench://app/']);
  expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([
    { scheme: 'talkbench', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  expect(electron.crashReporter.start).toHaveBeenCalledWith({ uploadToServer: false });
  expect(electron.utilityProcess.fork.mock.calls[0]?.[1]).toEqual(expect.arrayContaining(['--version', '1.2.3']));
});

it('gives way to the instance that already runs', async () => {
  electron.app.requestSingleInstanceLock.mockReturnValueOnce(false);
  await launch();
  expect([electron.app.quit.mock.calls.length, electron.children.length, electron.BrowserWindow.opened.length]).toEqual([1, 0, 0]);
});

it('shows its one window again when started a second time', async () => {
  const { window } = await launch();
  electron.app.emit('second-instance');
  expect([electron.BrowserWindow.opened.length, window?.focus.mock.calls.length]).toEqual([1, 1]);
});

it('quits only after the core has stopped', async () => {
  const { child } = await launch();
  child?.emit('message', { type: 'ready' });
  electron.app.emit('window-all-closed');
  expect(did.at(-1)).toBe('quit held');
  expect(child?.postMessage).toHaveBeenCalledWith({ type: 'stop' });
  const quitAgain = once(electron.app, 'before-quit');
  child?.emit('exit', 0);
  await quitAgain;
  expect(electron.app.quit).toHaveBeenCalledTimes(2);
  expect(did.filter((step) => step === 'quit held')).toHaveLength(1);
});

it('tells the window when the core dies and reloads a crashed page once', async () => {
  const { window, child } = await launch();
  child?.emit('exit', 1);
  expect(window?.webContents.send).toHaveBeenCalledWith('talkbench:core-state', { state: 'starting', restarts: 1, reason: 'exit 1' });
  window?.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  window?.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  expect([window?.reload.mock.calls.length, electron.dialog.showErrorBox.mock.calls]).toEqual([1, [['Talkbench', 'crashed (5)']]]);
  electron.app.emit('before-quit', { preventDefault: () => undefined }); // ends the restart timer
});
