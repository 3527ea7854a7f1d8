import packageJson from '../../package.json' with { type: 'json' };
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import type { ListenerState } from '../../preload/contract/core.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { createCore, type ListenerOverrides } from '../core/core.ts';
import { endOnUncaught } from '../core/last-resort.ts';
import { createLog } from '../core/log.ts';
import { startLoopbackHost } from './host.ts';
import { buildIfStale, rendererDirectory } from './renderer-build.ts';
import { removeRunFile, writeRunFile } from './run-file.ts';

export interface BrowserHost extends AsyncDisposable {
  ready: {
    url: string;
    token: string;
    listeners: ListenerState[];
    boards: Pick<VirtualBoard, 'name' | 'address' | 'ptyPath'>[];
    dataDirectory: string;
  };
}

/** The whole app for a browser on this machine: a core, the loopback host before it, and the file that lets the CLI find it. */
export async function runBrowserHost(options: {
  dataDirectory: string;
  port: number;
  isDemo: boolean;
  listeners: ListenerOverrides;
}): Promise<BrowserHost> {
  if (!buildIfStale((line) => process.stderr.write(`${line}\n`)))
    throw new TalkError('unsupported', { feature: 'ui', why: 'the renderer could not be built' });
  const log = createLog();
  await using opened = new AsyncDisposableStack();
  const core = opened.adopt(
    await createCore({
      dataDirectory: options.dataDirectory,
      listeners: options.listeners,
      log,
      appVersion: packageJson.version,
      isDemo: options.isDemo,
    }),
    (it) => it.close(),
  );
  opened.use(endOnUncaught(log, core.flush));
  const host = opened.adopt(
    await startLoopbackHost({ endpoint: core.endpoint, staticDirectory: rendererDirectory, port: options.port, log }),
    (it) => it.close(),
  );
  await writeRunFile(options.dataDirectory, { url: host.url, token: host.token });
  opened.defer(() => removeRunFile(options.dataDirectory));
  const everything = opened.move();
  return {
    ready: {
      url: host.url,
      token: host.token,
      listeners: core.status().listeners,
      boards: core.virtualBoards().map(({ name, address, ptyPath }) => ({ name, address, ptyPath })),
      dataDirectory: options.dataDirectory,
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
