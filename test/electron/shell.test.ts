import { EventEmitter } from 'node:events';
import { FuseV1Options } from '@electron/fuses';
import type { App, Session } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const electron = vi.hoisted(() => ({
  BrowserWindow: vi.fn(),
  shell: { openExternal: vi.fn(async () => undefined) },
  ipcMain: { handle: vi.fn<(channel: string, handler: (...args: unknown[]) => unknown) => void>() },
  utilityProcess: { fork: vi.fn() },
  MessageChannelMain: class {
    port1 = { name: 'core end' };
    port2 = { name: 'page end' };
  },
  Menu: { buildFromTemplate: vi.fn((template: unknown) => template) },
}));
vi.mock('electron', () => electron);

const { registerBridge } = await import('../../main/electron/bridge.ts');
const { startUtilityCore } = await import('../../main/electron/core-starter.ts');
const { fuses } = await import('../../main/electron/fuses.ts');
const { applicationMenu } = await import('../../main/electron/menu.ts');
const { childEnvironment, isAllowedExternal, isTrustedSender, limitNavigation, limitPermissions } = await import(
  '../../main/electron/security.ts'
);
const { windowOptions } = await import('../../main/electron/window.ts');

beforeEach(() => vi.clearAllMocks());

describe('the window', () => {
  it('is sandboxed and isolated, whatever Electron defaults to', () => {
    expect(windowOptions('/p.cjs').webPreferences).toEqual({
      preload: '/p.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    });
  });
});

describe('permissions', () => {
  it('are refused, but for writing the clipboard', () => {
    const session = Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
    });
    limitPermissions(session as unknown as Session);
    const asked = [
      'media',
      'geolocation',
      'serial',
      'usb',
      'hid',
      'notifications',
      'openExternal',
      'clipboard-read',
      'clipboard-sanitized-write',
    ];
    const granted: string[] = [];
    for (const permission of asked) {
      session.setPermissionRequestHandler.mock.calls[0]?.[0](
        null,
        permission,
        (isGranted: boolean) => isGranted && granted.push(permission),
      );
    }
    expect(granted).toEqual(['clipboard-sanitized-write']);
    expect(asked.filter((permission) => session.setPermissionCheckHandler.mock.calls[0]?.[0](null, permission))).toEqual(granted);
    expect(session.setDevicePermissionHandler.mock.calls[0]?.[0]({})).toBe(false);
    const [preventDefault, choose] = [vi.fn(), vi.fn()];
    session.emit('select-serial-port', { preventDefault }, [{ portId: 'p' }], null, choose);
    expect([preventDefault.mock.calls.length, choose.mock.calls]).toEqual([1, [['']]]);
  });
});

describe('navigation', () => {
  function contents() {
    const app = new EventEmitter();
    limitNavigation(app as unknown as App);
    const created = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn() });
    app.emit('web-contents-created', {}, created);
    const isPrevented = (event: string, url: string) => {
      const preventDefault = vi.fn();
      created.emit(event, { url, preventDefault });
      return preventDefault.mock.calls.length === 1;
    };
    return { open: (url: string) => created.setWindowOpenHandler.mock.calls[0]?.[0]({ url }), isPrevented };
  }

  it.each(['will-navigate', 'will-redirect'])('%s stays within the page', (event) => {
    const { isPrevented } = contents();
    const urls = ['talkbench://app/#/sessions', 'https://example.com/', 'file:///etc/passwd', 'talkbench://app.evil/', 'javascript:1'];
    expect(urls.map((url) => isPrevented(event, url))).toEqual([false, true, true, true, true]);
  });

  it('refuses embedded pages', () => {
    expect(contents().isPrevented('will-attach-webview', 'talkbench://app/')).toBe(true);
  });

  it('opens no window; a documented host over https opens in the browser', () => {
    const { open } = contents();
    const urls = [
      'https://docs.espressif.com/x',
      'http://docs.espressif.com/x',
      'https://evil.com/',
      'https://docs.espressif.com.evil.com/',
      'https://a:b@github.com/',
      'file:///x',
    ];
    for (const url of urls) expect(open(url)).toEqual({ action: 'deny' });
    expect(electron.shell.openExternal.mock.calls).toEqual([['https://docs.espressif.com/x']]);
    expect(isAllowedExternal('not a url')).toBe(false);
  });
});

describe('the bridge', () => {
  const page = { senderFrame: { url: 'talkbench://app/#/', parent: null } };

  function bridged(isUp: boolean) {
    const listeners: ((state: unknown) => void)[] = [];
    const core = {
      state: { state: 'ready', restarts: 0, reason: null } as const,
      onState: (listener: (state: never) => void) => {
        listeners.push(listener as never);
        return () => undefined;
      },
      connect: vi.fn(() => isUp),
    };
    const window = { send: vi.fn() };
    registerBridge(core, () => [window as never]);
    const handlers = new Map(electron.ipcMain.handle.mock.calls);
    const sender = { postMessage: vi.fn() };
    const ask = (channel: string, event: object, argument?: unknown) => handlers.get(channel)?.({ sender, ...event }, argument);
    return { core, window, sender, ask, handlers, tell: (state: unknown) => listeners.map((listener) => listener(state)) };
  }

  it('opens three channels and no more', () => {
    expect([...bridged(true).handlers.keys()]).toEqual(['talkbench:request-port', 'talkbench:core-state', 'talkbench:choose-bluetooth']);
  });

  it('gives the core one end and the page the other, with its nonce', () => {
    const { core, sender, ask } = bridged(true);
    expect(ask('talkbench:request-port', page, 'n1')).toBe(true);
    expect(core.connect).toHaveBeenCalledWith({ name: 'core end' });
    expect(sender.postMessage).toHaveBeenCalledWith('talkbench:port', { type: 'talkbench:port', nonce: 'n1' }, [{ name: 'page end' }]);
  });

  it('says so when there is no core, and when the nonce is none', () => {
    const down = bridged(false);
    expect(down.ask('talkbench:request-port', page, 'n1')).toBe(false);
    expect(down.ask('talkbench:request-port', page, { evil: true })).toBe(false);
    expect(down.sender.postMessage).not.toHaveBeenCalled();
  });

  it.each([
    ['another origin', { senderFrame: { url: 'https://evil.com/', parent: null } }],
    ['a frame inside the page', { senderFrame: { url: 'talkbench://app/', parent: {} } }],
    ['a frame that is gone', { senderFrame: null }],
  ])('refuses %s', (_who, event) => {
    const { core, ask } = bridged(true);
    expect(() => ask('talkbench:request-port', event, 'n1')).toThrow();
    expect(() => ask('talkbench:core-state', event)).toThrow();
    expect(core.connect).not.toHaveBeenCalled();
    expect(isTrustedSender(event)).toBe(false);
  });

  it('tells the window how the core fares', () => {
    const { window, ask, tell } = bridged(true);
    expect(ask('talkbench:core-state', page)).toEqual({ state: 'ready', restarts: 0, reason: null });
    tell({ state: 'starting', restarts: 1, reason: 'SIGKILL' });
    expect(window.send.mock.calls).toEqual([['talkbench:core-state', { state: 'starting', restarts: 1, reason: 'SIGKILL' }]]);
  });
});

describe('the core process', () => {
  it('is a utility process with a clean environment that takes ports and says how it ended', () => {
    const child = Object.assign(new EventEmitter(), { postMessage: vi.fn(), kill: vi.fn() });
    electron.utilityProcess.fork.mockReturnValue(child);
    const core = startUtilityCore('/core.js', ['--data', '/d']);
    expect(electron.utilityProcess.fork.mock.calls[0]).toMatchObject(['/core.js', ['--data', '/d'], { serviceName: 'talkbench-core' }]);
    const told: unknown[] = [];
    core.onMessage((message) => told.push(message));
    core.onExit((reason) => told.push(reason));
    core.connect({ name: 'port' } as never);
    child.emit('message', { type: 'ready' });
    child.emit('exit', 9);
    expect(told).toEqual([{ type: 'ready' }, 'exit 9']);
    expect(child.postMessage).toHaveBeenCalledWith({ type: 'connect' }, [{ name: 'port' }]);
  });

  it('inherits no variable that loads code into it', () => {
    expect(
      childEnvironment({ PATH: '/bin', NODE_OPTIONS: '--require x', LD_PRELOAD: 'y', ELECTRON_RUN_AS_NODE: '1', EMPTY: undefined }),
    ).toEqual({
      PATH: '/bin',
    });
  });
});

describe('what is shipped', () => {
  it('burns every fuse; only a test build may be inspected', () => {
    const shipped = fuses({ isTestBuild: false });
    const on = Object.entries(FuseV1Options).flatMap(([name, value]) =>
      typeof value === 'number' && shipped[value as FuseV1Options] === true ? [name] : [],
    );
    expect(on).toEqual(['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar', 'WasmTrapHandlers']);
    expect(shipped.strictlyRequireAllFuses).toBe(true);
    expect(fuses({ isTestBuild: true })[FuseV1Options.EnableNodeCliInspectArguments]).toBe(true);
  });

  it('has developer tools in its menu only when not packaged', () => {
    const hasTools = (isPackaged: boolean) => JSON.stringify(applicationMenu('linux', isPackaged)).includes('toggleDevTools');
    expect([hasTools(true), hasTools(false)]).toEqual([false, true]);
  });
});
