/** The desktop host: brings up the core and a window onto it, and decides nothing. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { app, type BrowserWindow, crashReporter, dialog, Menu, protocol, session } from 'electron';
import { defaultDataDirectory } from '../core/data-directory.ts';
import { createLog } from '../core/log.ts';
import { enableBluetooth } from './bluetooth.ts';
import { registerBridge } from './bridge.ts';
import { CORE_SERVICE, startUtilityCore } from './core-starter.ts';
import { applicationMenu } from './menu.ts';
import { PAGE_SCHEME, PAGE_URL, servePage } from './page-protocol.ts';
import { limitNavigation, limitPermissions } from './security.ts';
import { Supervisor } from './supervisor.ts';
import { openWindow } from './window.ts';

const RELOAD_INTERVAL_MS = 60_000;
const rendererDirectory = join(import.meta.dirname, '../renderer');
const preload = join(import.meta.dirname, '../preload/index.cjs');
const coreEntry = join(import.meta.dirname, 'core.process.js');

// Chromium's own switches arrive in argv too, so unknown options are no error here. What the core understands is passed on.
const { values } = parseArgs({
  options: { data: { type: 'string' }, demo: { type: 'boolean' }, 'mqtt-port': { type: 'string' }, 'gateway-port': { type: 'string' } },
  strict: false,
});
const dataDirectory = typeof values.data === 'string' ? values.data : defaultDataDirectory();
const coreArguments = ['--data', dataDirectory, '--version', app.getVersion(), ...(values.demo === true ? ['--demo'] : [])];
for (const name of ['mqtt-port', 'gateway-port']) {
  if (typeof values[name] === 'string') coreArguments.push(`--${name}`, values[name]);
}
// Also what makes the single-instance lock one for each data directory.
app.setPath('userData', join(dataDirectory, 'electron'));
const log = createLog();

crashReporter.start({ uploadToServer: false });
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'uncaught exception in the main process');
  app.exit(1);
});
// Before ready: a scheme cannot become privileged later.
protocol.registerSchemesAsPrivileged([
  { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
app.enableSandbox();
enableBluetooth(app, process.platform);
limitNavigation(app);

const core = new Supervisor({
  start: () => startUtilityCore(coreEntry, coreArguments),
  onExit: (reason) => log.warn({ reason }, 'the core ended'),
});
let window: BrowserWindow | null = null;
let reloadedAtMs = Number.NEGATIVE_INFINITY;

function showWindow(): void {
  if (window !== null) {
    if (window.isMinimized()) window.restore();
    window.focus();
    return;
  }
  window = openWindow(preload, PAGE_URL);
  window.on('closed', () => {
    window = null;
  });
  window.on('unresponsive', () => log.warn({}, 'the page does not respond'));
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error({ reason, exitCode }, 'the page crashed');
    const nowMs = performance.now();
    // Reloading once is a remedy; reloading what crashes again at once is a loop.
    if (nowMs - reloadedAtMs > RELOAD_INTERVAL_MS) window?.reload();
    else dialog.showErrorBox('Talkbench', `${reason} (${exitCode})`);
    reloadedAtMs = nowMs;
  });
}

async function run(): Promise<void> {
  await app.whenReady();
  limitPermissions(session.defaultSession);
  protocol.handle(PAGE_SCHEME, (request) => servePage(rendererDirectory, request));
  Menu.setApplicationMenu(applicationMenu(process.platform, app.isPackaged));
  registerBridge(
    {
      get state() {
        return core.state;
      },
      onState: (listener) => core.onState(listener),
      connect(port) {
        core.core?.connect(port);
        return core.core !== null;
      },
    },
    () => (window === null ? [] : [window.webContents]),
  );
  core.start();
  showWindow();
}

app.on('second-instance', showWindow);
app.on('activate', showWindow);
app.on('window-all-closed', () => app.quit());
app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
  log.error({ type, reason, exitCode, isCore: name === CORE_SERVICE }, 'a child process is gone');
});
app.on('before-quit', (event) => {
  if (core.state.state === 'stopped') return;
  event.preventDefault();
  void core.stop().then(() => app.quit()); // always settles: the core is killed when it does not stop
});

if (app.requestSingleInstanceLock()) {
  run().catch((error: unknown) => {
    log.fatal({ err: error }, 'the app could not start');
    app.exit(1);
  });
} else {
  app.quit();
}
