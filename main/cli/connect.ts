import packageJson from '../../package.json' with { type: 'json' };
import { type Client, createClient } from '../../preload/contract/client.ts';
import { isTalkError } from '../../preload/contract/talk-error.ts';
import { memoryTransportPair } from '../../preload/contract/transports/memory.ts';
import type { ListenerOverrides } from '../core/core.ts';
import { attach } from '../loopback/attach.ts';
import { readRunFile } from '../loopback/run-file.ts';

/**
 * offline: nothing listens, for commands that only read or touch a port · ephemeral: the device-facing listeners on free
 * loopback ports, for a conversation of our own · settings: the listeners as the settings have them. A running app, when there is one, is used as it is.
 */
export type CoreMode = 'offline' | 'ephemeral' | 'settings';

export interface CoreConnection extends AsyncDisposable {
  client: Client;
}

const overrides: Record<CoreMode, ListenerOverrides> = {
  offline: { enabled: false },
  ephemeral: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
  settings: { enabled: true },
};

/** A client of the core on `dataDirectory`: the running app's, else of a core that lives as long as the connection. */
export async function connectToCore(dataDirectory: string, mode: CoreMode): Promise<CoreConnection> {
  const running = await attachToRunning(dataDirectory);
  if (running !== null) return { client: running, [Symbol.asyncDispose]: async () => running.close() };
  // Loaded only here: a command that attaches, or only prints its help, needs no engine and no database.
  const [{ createCore }, { createLog }, { endOnUncaught }] = await Promise.all([
    import('../core/core.ts'),
    import('../core/log.ts'),
    import('../core/last-resort.ts'),
  ]);
  const log = createLog({ level: process.env.TALKBENCH_LOG ?? 'error' });
  const core = await createCore({ dataDirectory, listeners: overrides[mode], log, appVersion: packageJson.version });
  const lastResort = endOnUncaught(log, core.flush);
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  await client.welcome;
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await core.close();
      lastResort[Symbol.dispose]();
    },
  };
}

/**
 * A client of the running app, or null when none answers: a file that a killed app left names a process number that another
 * program may have by now. (Should the app be there all the same, its lock on the library says so next.)
 */
async function attachToRunning(dataDirectory: string): Promise<Client | null> {
  const found = await readRunFile(dataDirectory);
  if (found === null) return null;
  try {
    const client = createClient(await attach({ url: found.url, token: found.token }));
    await client.welcome;
    return client;
  } catch (error) {
    if (isTalkError(error, 'disconnected') || isTalkError(error, 'forbidden')) return null;
    throw error;
  }
}
