import { EventEmitter } from 'node:events';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ToCore } from '../../main/electron/core-messages.ts';

/** Windows as far as a report is printed in them. */
const electron = await vi.hoisted(async () => {
  const { EventEmitter } = await import('node:events');
  type Handler = (request: { url: string }) => Response;
  type Filter = (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void;
  const partition = {
    handler: null as Handler | null,
    filter: null as Filter | null,
    permission: null as ((contents: unknown, name: string) => boolean) | null,
  };
  const own = {
    protocol: {
      handle: (_scheme: string, handler: Handler) => {
        partition.handler = handler;
      },
    },
    webRequest: {
      onBeforeRequest: (filter: Filter) => {
        partition.filter = filter;
      },
    },
    setPermissionRequestHandler: () => {},
    setPermissionCheckHandler: (handler: (contents: unknown, name: string) => boolean) => {
      partition.permission = handler;
    },
    setDevicePermissionHandler: () => {},
    on: () => {},
  };
  class BrowserWindow extends EventEmitter {
    shown = '';
    options: { show: boolean; webPreferences: Record<string, unknown> };
    print = Promise.withResolvers<Uint8Array>();
    webContents = { printToPDF: () => this.print.promise };
    isGone = false;
    constructor(options: BrowserWindow['options']) {
      super();
      this.options = options;
      windows.push(this);
    }
    async loadURL(url: string) {
      this.shown = (await partition.handler?.({ url })?.text()) ?? '';
    }
    destroy() {
      if (this.isGone) return;
      this.isGone = true;
      this.emit('closed');
    }
    isDestroyed() {
      return this.isGone;
    }
  }
  const windows: BrowserWindow[] = [];
  return { BrowserWindow, windows, partition, session: { fromPartition: vi.fn(() => own) }, shell: {} };
});
vi.mock('electron', () => electron);
const { servePrinting } = await import('../../main/electron/printing.ts');

beforeEach(() => {
  electron.windows.length = 0;
});

function bench() {
  const answers: ToCore[] = [];
  const core = Object.assign(new EventEmitter(), { postMessage: (message: ToCore) => void answers.push(message) });
  servePrinting(core as never);
  return { core, answers, window: () => electron.windows.at(-1) };
}

it('prints in a window that nobody sees, without scripts, that reaches only the page', async () => {
  const { core, answers, window } = bench();
  core.emit('message', { type: 'print', id: 7, page: '<p>合格</p>' });
  await vi.waitFor(() => expect(window()?.shown).toBe('<p>合格</p>'));
  expect(window()?.options).toMatchObject({
    show: false,
    webPreferences: { sandbox: true, javascript: false, contextIsolation: true, nodeIntegration: false },
  });
  expect(electron.session.fromPartition).toHaveBeenCalledWith(expect.not.stringMatching(/^persist:/));
  const verdicts = ['https://example.com/', 'file:///etc/passwd', 'talkbench-report:/7'].map((url) => {
    const answer = vi.fn();
    electron.partition.filter?.({ url }, answer);
    return answer.mock.calls[0]?.[0].cancel;
  });
  expect(verdicts).toEqual([true, true, false]);
  expect(electron.partition.permission?.(null, 'media')).toBe(false);

  window()?.print.resolve(new Uint8Array([37]));
  await vi.waitFor(() => expect(answers).toEqual([{ type: 'printed', id: 7, data: new Uint8Array([37]), reason: '' }]));
  expect(window()?.isGone).toBe(true);
  expect(electron.partition.handler?.({ url: 'talkbench-report:/7' }).status).toBe(404);
});

it('a print that is cancelled, or whose core is gone, leaves no window', async () => {
  for (const end of [{ type: 'cancel-print', id: 1 }, null]) {
    const { core, answers, window } = bench();
    core.emit('message', { type: 'print', id: 1, page: '' });
    await vi.waitFor(() => expect(window()).toBeDefined());
    if (end === null) core.emit('exit');
    else core.emit('message', end);
    await vi.waitFor(() => expect(answers).toMatchObject([{ type: 'printed', id: 1, data: null }]));
    expect(window()?.isGone).toBe(true);
    electron.windows.length = 0;
  }
});
