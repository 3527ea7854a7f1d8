import packageJson from '../../package.json' with { type: 'json' };
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import type { ListenerState } from '../../preload/contract/core.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import { createCore, type ListenerOverrides } from '../core/core.ts';
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
  const core = await createCore({
    dataDirectory: options.dataDirectory,
    listeners: options.listeners,
    log,
    appVersion: packageJson.version,
    isDemo: options.isDemo,
  });
  try {
    const host = await startLoopbackHost({ endpoint: core.endpoint, staticDirectory: rendererDirectory, port: options.port, log });
    await writeRunFile(options.dataDirectory, { url: host.url, token: host.token });
    return {
      ready: {
        url: host.url,
        token: host.token,
        listeners: core.status().listeners,
        boards: core.virtualBoards().map(({ name, address, ptyPath }) => ({ name, address, ptyPath })),
        dataDirectory: options.dataDirectory,
      },
      [Symbol.asyncDispose]: async () => {
        await removeRunFile(options.dataDirectory);
        await host.close();
        await core.close();
      },
    };
  } catch (error) {
    await core.close();
    throw error;
  }
}
