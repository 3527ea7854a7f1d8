import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Core, createCore } from '../../../../../main/core/core.ts';
import { createClient } from '../../../../../preload/contract/client.ts';
import { memoryTransportPair } from '../../../../../preload/contract/transports/memory.ts';
import type { WifiSetupRun } from '../../../../../preload/contract/wifi-setup.ts';
import { silentLog } from '../../../../fakes/store.ts';

let core: Core | null = null;
let dataDirectory = '';
afterEach(async () => {
  await core?.close();
  rmSync(dataDirectory, { recursive: true, force: true });
});

const title = 'a board that was set up comes to the real broker with its token, and it and the password stay';
it.each([
  { rememberSecrets: true, where: 'among the secrets alone', keeping: ['secrets.json'] },
  { rememberSecrets: false, where: 'nowhere', keeping: [] },
])(`${title} $where`, async ({ rememberSecrets, keeping }) => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-wifi-'));
  core = await createCore({
    dataDirectory,
    listeners: { enabled: true, host: '127.0.0.1', mqttPort: 0, gatewayPort: 0 },
    log: silentLog,
    appVersion: '0.0.0',
  });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);
  await client.call('settings.set', { changes: { retention: { rememberSecrets } } });
  await client.call('sessions.start', {});
  const ended = Promise.withResolvers<WifiSetupRun>();
  const hear = (runs: WifiSetupRun[]): void => {
    for (const run of runs) if (run.state !== 'running') ended.resolve(run);
  };
  client.subscribe('wifi.runs', {}, { onSnapshot: hear, onDelta: hear, onEnd: (error) => error !== null && ended.reject(error) });

  const secrets = { password: 'hunter22-of-the-lab', token: 'c0ffee00c0ffee00' };
  await client.call('wifi.start', { method: 'ble', ssid: 'Lab', ...secrets, virtual: {} });
  const run = await ended.promise;
  expect(run).toMatchObject({ state: 'done', reached: 'bound', device: { productId: 'TALKBENCH1', deviceName: 'wifi-ble' } });

  await client.call('sessions.stop', {});
  await core.close();
  core = null;
  const files = readdirSync(dataDirectory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name)).toString('latin1') }));
  expect(kept.map(({ text }) => text).join()).toContain('wifi-ble');
  expect(kept.filter(({ text }) => /hunter22|c0ffee00/.test(text)).map(({ name }) => name)).toEqual(keeping);
  expect(JSON.stringify(run)).not.toMatch(/hunter22|c0ffee00/);
});
