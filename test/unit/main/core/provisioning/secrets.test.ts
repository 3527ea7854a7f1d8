import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createCore } from '../../../../../main/core/core.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { type Client, createClient } from '../../../../../preload/contract/client.ts';
import type { FlashJob, FlashTask } from '../../../../../preload/contract/flash.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { memoryTransportPair } from '../../../../../preload/contract/transports/memory.ts';

const ADDRESS = 'virtual://board';
const DEVICE_SECRET = Buffer.from('device secret 42').toString('base64');
const WIFI_PASSWORD = 'correct horse battery';
const LITERAL = 'a secret in an entry';

/** As text, and as it would look within hex or base64. */
const shapes = [DEVICE_SECRET, WIFI_PASSWORD, LITERAL].flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('hex'),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(`${'x'.repeat(shift)}${secret}`)
      .toString('base64')
      .slice(4, -4),
  ),
]);

/** What holds a secret, by its name. */
function leaks(places: ReadonlyMap<string, Uint8Array | string>): string[] {
  return [...places].flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    return shapes.some((shape) => bytes.includes(shape)) ? [name] : [];
  });
}

async function startLab() {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-secrets-'));
  const logged: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const core = await createCore({ dataDirectory, listeners: { enabled: false }, log, appVersion: '0.0.0' });
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await core.close();
    isOpen = false;
  };
  onTestFinished(async () => {
    await close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return { client: createClient(clientSide), dataDirectory, logged, close };
}

/** Everything these streams said, and the end of each job. */
function listen(client: Client) {
  const heard: unknown[] = [];
  const jobs = new Map<string, FlashJob>();
  let onJob = () => {};
  const hear = (message: unknown) => void heard.push(message);
  const all = { onSnapshot: hear, onDelta: hear };
  client.subscribe('provisioning.lists', {}, all);
  client.subscribe('recipes.all', {}, all);
  client.subscribe('devices.state', {}, all);
  client.subscribe('logs.rows', { filter: {} }, all);
  const take = (job: FlashJob) => {
    hear(job);
    jobs.set(job.jobId, job);
    onJob();
  };
  client.subscribe('flash.jobs', {}, { onSnapshot: (list) => list.forEach(take), onDelta: (list) => list.forEach(take) });
  return {
    heard,
    async run(task: FlashTask): Promise<FlashJob> {
      const { jobId } = await client.call('flash.start', { address: ADDRESS, task });
      client.subscribe('flash.trace', { jobId }, all);
      return new Promise((done) => {
        onJob = () => {
          const job = jobs.get(jobId);
          if (job !== undefined && job.state !== 'running') done(job);
        };
        onJob();
      });
    },
  };
}

test('the secrets of a provisioned board are nowhere but in its flash and the secret store', async () => {
  const { client, dataDirectory, logged, close } = await startLab();
  const { heard, run } = listen(client);
  const places = new Map<string, Uint8Array | string>();
  await client.call('boards.start', { name: 'board', firmware: 'blank' });
  await client.call('ports.open', { address: ADDRESS });
  const { listId } = await client.call('provisioning.importList', { name: 'list', csv: `P,dev-1,${DEVICE_SECRET}\n` });

  const text = (key: string, value: string) => ({ namespace: 'twetalk', key, type: 'string' as const, value });
  const firmware = {
    files: buildDemoImages()
      .files.filter(({ offset }) => offset < 0x10000)
      .map(({ offset, name, data }) => ({ offset, name, source: { data } })),
    // Plain bytes on the wire, so that they would be seen.
    options: { compress: false },
    provisioning: {
      partition: 'nvs',
      entries: [
        ...[text('product_id', '${product_id}'), text('device_name', '${device_name}'), text('device_secret', '${device_secret}')],
        ...[text('wifi_password', '${wifi_password}'), text('private', LITERAL)],
      ],
      variables: { wifi_password: WIFI_PASSWORD },
      device: { kind: 'list' as const, listId },
    },
  };
  const written = await run({ kind: 'write', ...firmware });
  expect([written.state, written.error, written.device]).toEqual(['done', null, { productId: 'P', deviceName: 'dev-1' }]);

  // The same bytes come back over the wire, decoded on the way.
  const read = await run({ kind: 'nvs', partition: 'nvs', options: {} });
  expect(read.nvs?.values.map(({ key, value }) => [key, value === null])).toEqual([
    ['product_id', false],
    ['device_name', false],
    ['device_secret', true],
    ['wifi_password', true],
    ['private', true],
  ]);

  // And what goes wrong with them, in words.
  const tooMuch = {
    ...firmware.provisioning,
    entries: [...firmware.provisioning.entries, { ...text('wifi_pin', WIFI_PASSWORD), type: 'u32' as const }],
  };
  const failed = await run({ kind: 'write', ...firmware, provisioning: tooMuch });
  expect(failed.error).toMatchObject({ code: 'nvs/bad-value', data: { key: 'wifi_pin' } });
  const refused = await client
    .call('provisioning.importList', { name: 'again', csv: `P,dev-1,${DEVICE_SECRET}\n` })
    .catch((error: unknown) => error);
  expect(isTalkError(refused, 'provisioning/duplicate')).toBe(true);
  places.set('an error', JSON.stringify(refused));
  places.set('the devices of the list', JSON.stringify(await client.call('provisioning.list', { listId })));

  const recipe = await client.call('recipes.save', {
    recipe: {
      id: 'recipe',
      name: 'recipe',
      family: 'esp',
      chip: null,
      files: [],
      notes: '',
      changedWallMs: 0,
      ...{ provisioning: firmware.provisioning },
    },
  });
  places.set('a recipe', JSON.stringify(recipe));
  places.set('an exported recipe', (await client.call('recipes.export', { id: 'recipe', withFiles: true })).json);

  const { id } = await client.call('sessions.stop', {});
  const exported = await client.call('sessions.export', { id: id ?? '', includeIdentities: true });
  places.set('a session file', exported.data);
  places.set('the session', JSON.stringify(await client.call('sessions.show', { id: id ?? '' })));
  for (const format of ['raw', 'text', 'jsonl', 'csv'] as const) {
    const { data } = await client.call('logs.export', {
      source: { sessionId: id ?? '', filter: { ports: [ADDRESS] } },
      format,
      style: {},
      includeIdentities: true,
      cursor: null,
    });
    places.set(`a log as ${format}`, data);
  }
  await close();
  places.set('what the streams told', JSON.stringify(heard));
  places.set('the app’s own log', logged.join(''));
  const files = readdirSync(dataDirectory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const file of files) places.set(file.name, readFileSync(join(file.parentPath, file.name)));

  // What went over the wire was recorded but for the private bytes: a partition's name stands there as it was sent.
  expect(Buffer.from(places.get('library.db') ?? '').includes('phy_init')).toBe(true);
  expect(JSON.stringify(heard)).toContain('dev-1');
  expect(leaks(places)).toEqual(['secrets.json']);
  // What was typed in and is stored nowhere else, the board may print at every start from now on.
  const remembered = JSON.parse(String(places.get('secrets.json'))) as Record<string, string>;
  expect(Object.values(remembered)).toEqual(expect.arrayContaining([DEVICE_SECRET, WIFI_PASSWORD, LITERAL]));
});
