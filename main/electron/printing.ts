import { BrowserWindow, type Session, session, type UtilityProcess } from 'electron';
import type { FromCore, ToCore } from './core-messages.ts';
import { limitPermissions } from './security.ts';

const SCHEME = 'talkbench-report';
/** In memory: nothing of a report stays. */
const PARTITION = 'talkbench-reports';
const TIMEOUT_MS = 60_000;

/**
 * Prints the core's reports, in a window that nobody sees: sandboxed, without scripts, in a session of its own that reaches nothing but the
 * page itself. Windows that are still printing go with the core.
 */
export function servePrinting(core: UtilityProcess): void {
  const pages = new Map<number, string>();
  const windows = new Map<number, BrowserWindow>();
  let own: Session | null = null;

  function isolated(): Session {
    if (own !== null) return own;
    own = session.fromPartition(PARTITION);
    limitPermissions(own);
    own.protocol.handle(SCHEME, ({ url }) => {
      const page = pages.get(Number(URL.parse(url)?.pathname.slice(1)));
      return page === undefined
        ? new Response(null, { status: 404 })
        : new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    });
    own.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !url.startsWith(`${SCHEME}:`) }));
    return own;
  }

  async function printed(id: number, page: string): Promise<Uint8Array> {
    pages.set(id, page);
    const window = new BrowserWindow({
      show: false,
      webPreferences: {
        session: isolated(),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        javascript: false,
        webSecurity: true,
        webviewTag: false,
      },
    });
    windows.set(id, window);
    // Whatever hangs ends with its window: both steps reject then.
    const timer = setTimeout(() => window.destroy(), TIMEOUT_MS);
    const { promise: isGone, reject } = Promise.withResolvers<never>();
    window.once('closed', () => reject(new Error('the window was closed')));
    isGone.catch(() => {}); // also when it is closed after the work is done
    try {
      await Promise.race([window.loadURL(`${SCHEME}:/${id}`), isGone]);
      return await Promise.race([window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true }), isGone]);
    } finally {
      clearTimeout(timer);
      pages.delete(id);
      windows.delete(id);
      if (!window.isDestroyed()) window.destroy();
    }
  }

  const tell = (message: ToCore) => core.postMessage(message);
  core.on('message', (message: FromCore) => {
    if (message.type === 'cancel-print') windows.get(message.id)?.destroy();
    if (message.type !== 'print') return;
    const { id, page } = message;
    printed(id, page).then(
      (data) => tell({ type: 'printed', id, data: new Uint8Array(data), reason: '' }),
      (error: unknown) => tell({ type: 'printed', id, data: null, reason: String(error) }),
    );
  });
  core.once('exit', () => {
    for (const window of windows.values()) window.destroy();
  });
}
