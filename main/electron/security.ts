import { type App, type Session, shell, type WebContents } from 'electron';
import { isPageUrl } from './page-protocol.ts';

//#region Security: read reference/desktop.md §4.1 before changing anything here.

/** Where a link may lead outside the app. Never an address out of a device's log. */
const externalHosts: ReadonlySet<string> = new Set(['docs.espressif.com', 'cloud.tencent.com', 'developer.tuya.com', 'github.com']);
const grantedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function isAllowedExternal(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' && externalHosts.has(parsed.hostname) && parsed.username === '' && parsed.port === '';
}

/**
 * Nothing but writing the clipboard: microphone, serial, USB and HID are the core's, never the page's. Bluetooth asks for no
 * permission but through the choice of a device, see bluetooth.ts.
 */
export function limitPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => callback(grantedPermissions.has(permission)));
  session.setPermissionCheckHandler((_contents, permission) => grantedPermissions.has(permission));
  session.setDevicePermissionHandler(() => false);
  session.on('select-serial-port', (event, _ports, _contents, callback) => {
    event.preventDefault();
    callback('');
  });
}

/** Keeps every page of the app on the app: no leaving, no other windows, no embedded ones. */
export function limitNavigation(app: App): void {
  app.on('web-contents-created', (_event, contents) => limitContents(contents));
}

function limitContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isPageUrl(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isPageUrl(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) void shell.openExternal(url); // nobody waits for the browser to come up
    return { action: 'deny' };
  });
}

/** Only our page, in a window's main frame, may speak to the main process. */
export function isTrustedSender(event: { senderFrame: { url: string; parent: unknown } | null }): boolean {
  return event.senderFrame !== null && event.senderFrame.parent === null && isPageUrl(event.senderFrame.url);
}

const dangerousVariables: ReadonlySet<string> = new Set([
  'NODE_OPTIONS',
  'NODE_PATH',
  'ELECTRON_RUN_AS_NODE',
  'LD_PRELOAD',
  'DYLD_INSERT_LIBRARIES',
]);

/** The environment for a child, without what would load foreign code into it. */
export function childEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !dangerousVariables.has(entry[0]),
  );
  return Object.fromEntries(kept);
}

//#endregion
