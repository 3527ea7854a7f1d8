import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type Core, type CoreDeps, createCore } from '../../../../main/core/core.ts';
import { type Client, createClient } from '../../../../preload/contract/client.ts';
import { memoryTransportPair } from '../../../../preload/contract/transports/memory.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startCore(deps: Partial<CoreDeps> = {}): Promise<{ core: Core; client: Client; dataDirectory: string }> {
  const dataDirectory = deps.dataDirectory ?? mkdtempSync(join(tmpdir(), 'talkbench-core-'));
  cleanups.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: false },
    log: pino({ level: 'silent' }),
    appVersion: '0.0.0',
    ...deps,
  });
  cleanups.push(() => core.close());
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  return { core, client: createClient(clientSide), dataDirectory };
}

describe('core', () => {
  test('without listeners it is ready, and a virtual board says that it finds no network', async () => {
    const { client } = await startCore();
    const { state, listeners } = await client.call('core.status', {});
    expect([state, listeners]).toEqual(['ready', []]);

    const complaint = Promise.withResolvers<string>();
    client.subscribe(
      'logs.rows',
      { filter: { ports: ['virtual://lonely'] } },
      {
        onSnapshot: () => {},
        onDelta: (rows) => {
          const row = rows.find((candidate) => candidate.text.includes('no MQTT listener'));
          if (row !== undefined) complaint.resolve(row.text);
        },
      },
    );
    await client.call('boards.start', { name: 'lonely' });
    await client.call('ports.open', { address: 'virtual://lonely' });
    expect(await complaint.promise).toContain('TWETALK');
  });

  test('a listener whose port is taken leaves the core degraded, with the reason, and the rest at work', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    cleanups.push(() => void squatter.close());
    await new Promise((done) => squatter.once('listening', done));
    const { port } = squatter.address() as { port: number };

    const { client } = await startCore({ listeners: { enabled: true, mqttPort: port, gatewayPort: 0 } });
    const { state, listeners } = await client.call('core.status', {});
    expect(state).toBe('degraded');
    const failed = listeners.filter((one) => one.state === 'failed');
    expect(failed.map((one) => [one.name, one.error?.code])).toEqual([['mqtt', 'listen/in-use']]);
    expect(listeners.map(({ name }) => name)).toEqual(expect.arrayContaining(['mqtt-tls', 'gateway', 'gateway-tls']));
  });

  test('two cores do not share a data directory', async () => {
    const { dataDirectory } = await startCore();
    await expect(startCore({ dataDirectory })).rejects.toMatchObject({ code: 'store/locked' });
  });

  test('a board that does not run cannot be spoken through', async () => {
    const { client } = await startCore();
    const speak = client.call('boards.speak', { name: 'ghost', source: { kind: 'text', text: 'hello', language: 'en' } });
    await expect(speak).rejects.toMatchObject({ code: 'board/not-running' });
  });

  test('a virtual board that is stopped takes its open port with it', async () => {
    const { client } = await startCore();
    await client.call('boards.start', { name: 'gone', firmware: 'blank' });
    await client.call('ports.open', { address: 'virtual://gone' });
    await client.call('boards.stop', { name: 'gone' });
    const states = Promise.withResolvers<string[]>();
    client.subscribe('ports.state', {}, { onSnapshot: (ports) => states.resolve(ports.map((port) => port.state)), onDelta: () => {} });
    expect(await states.promise).toEqual(['closed']);
    await expect(client.call('ports.open', { address: 'virtual://gone' })).rejects.toMatchObject({ code: 'port/not-found' });
  });

  test('the first port opened starts a session by itself; stopping it keeps the log', async () => {
    const { client } = await startCore();
    await client.call('boards.start', { name: 'alone', firmware: 'blank' });
    await client.call('ports.open', { address: 'virtual://alone' });
    const { recordingSessionId } = await client.call('core.status', {});
    expect(recordingSessionId).not.toBeNull();
    await client.call('ports.reset', { address: 'virtual://alone', into: 'download' });
    const { id } = await client.call('sessions.stop', {});
    expect(id).toBe(recordingSessionId);
    const opened = Promise.withResolvers<string>();
    client.subscribe('logs.view', { sessionId: id }, { onSnapshot: ({ viewId }) => opened.resolve(viewId), onDelta: () => {} });
    const { rows } = await client.call('logs.window', { viewId: await opened.promise, from: 0, limit: 100 });
    expect(rows.map((row) => row.text)).toContain('waiting for download');
  });

  test('a key that was removed is blacked out of what was recorded before, also by a later core, unless the user wants it forgotten', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-core-'));
    const secretKey = 'key-of-the-past-0123456789';
    const secretsFile = () => readFileSync(join(dataDirectory, 'secrets.json'), 'utf8');
    const first = await startCore({ dataDirectory });
    const { secretId } = await first.client.call('accounts.addKey', { secretKey, note: '' });
    const { id } = await first.client.call('sessions.start', { title: `with ${secretKey}` });
    await first.client.call('sessions.stop', {});
    await first.client.call('accounts.removeKey', { secretId });
    await first.core.close();
    expect(secretsFile()).toContain(secretKey);

    const second = await startCore({ dataDirectory });
    const { findings } = await second.client.call('sessions.preview', { id });
    expect(findings).toMatchObject([{ kind: 'secret', count: 1 }]);
    // Switched off it is forgotten at once.
    await second.client.call('settings.set', { changes: { retention: { rememberSecrets: false } } });
    await second.core.close();
    expect(secretsFile()).not.toContain(secretKey);
  });
});
