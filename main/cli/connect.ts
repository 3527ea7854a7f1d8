import packageJson from '../../package.json' with { type: 'json' };
import { type Client, createClient } from '../../preload/contract/client.ts';
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
  const running = await readRunFile(dataDirectory);
  if (running !== null) {
    const client = createClient(await attach({ url: running.url, token: running.token }));
    await client.welcome;
    return { client, [Symbol.asyncDispose]: async () => client.close() };
  }
  // Loaded only here: a command that attaches, or only prints its help, needs no engine and no database.
  const [{ createCore }, { createLog }] = await Promise.all([import('../core/core.ts'), import('../core/log.ts')]);
  const core = await createCore({
    dataDirectory,
    listeners: overrides[mode],
    log: createLog({ level: process.env.TALKBENCH_LOG ?? 'error' }),
    appVersion: packageJson.version,
  });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  await client.welcome;
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await core.close();
    },
  };
}
