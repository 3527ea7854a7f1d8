import { describe, expect, onTestFinished, test } from 'vitest';
import { readNvs } from '../../../../../main/core/flash/nvs/read.ts';
import { createProvisioning } from '../../../../../main/core/provisioning/provisioning.ts';
import type { Provisioning } from '../../../../../preload/contract/provisioning.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { memoryListStore, memorySecrets } from '../../../../fakes/provisioning.ts';
import { silentLog } from '../../../../fakes/store.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const text = (key: string, value: string) => ({ namespace: 'n', key, type: 'string' as const, value });
const request = (more: Partial<Provisioning>): Provisioning => ({ partition: 'nvs', entries: [], variables: {}, ...more });

async function service() {
  const store = memoryListStore();
  onTestFinished(() => void store.database.close());
  const put: string[] = [];
  const remembered: string[] = [];
  const provisioning = await createProvisioning({
    store,
    secrets: memorySecrets(),
    devices: {
      find: (productId, deviceName) =>
        deviceName === 'known'
          ? { productId, deviceName, secret: 'c2VjcmV0', properties: {}, certificateFingerprint: null, firmwareVersion: null }
          : deviceName === 'adopted'
            ? { productId, deviceName, secret: null, properties: {}, certificateFingerprint: null, firmwareVersion: null }
            : undefined,
      put: async (productId, deviceName) => {
        put.push(`${productId}/${deviceName}`);
        throw new Error('an image is for no board');
      },
    },
    clock: new VirtualClock(),
    log: silentLog,
    benchHost: () => '10.0.0.2',
    mqttPort: () => 1884,
    onSecret: (secret) => remembered.push(secret),
  });
  const image = async (body: Partial<Provisioning>) => {
    const { data, ...use } = await provisioning.calls['provisioning.image']({ provisioning: request(body), sizeBytes: 0x3000 }, context);
    return { values: readNvs(data, { withSecrets: true }).values.map(({ value }) => value), ...use };
  };
  return { ...provisioning, image, put, remembered };
}

const failure = (attempt: Promise<unknown>) =>
  attempt.then(
    () => null,
    (error: unknown) => (isTalkError(error) ? { code: error.code, ...error.value.data } : Promise.reject(error)),
  );
const triple = text('all', '${product_id}/${device_name}/${device_secret}@${bench_host}');

describe('an image by itself', () => {
  test('has secrets to be found in what its board prints later, but for those of one that was refused', async () => {
    const { image, remembered } = await service();
    const entries = [text('password', '${wifi_password}'), text('token_type', 'Bearer of news')];
    await image({ entries, variables: { wifi_password: 'correct horse' } });
    expect(remembered).toEqual(['correct horse']);
    expect(await failure(image({ entries }))).toMatchObject({ code: 'nvs/missing-variable' });
    expect(remembered).toHaveLength(1);
  });

  test('is of a device the lab knows, or of one that was typed in, and tells the cloud nothing', async () => {
    const { image, put } = await service();
    const known = { kind: 'known', productId: 'P', deviceName: 'known' } as const;
    expect(await image({ entries: [triple], device: known })).toEqual({
      values: ['P/known/c2VjcmV0@10.0.0.2'],
      usedEntries: 3,
      totalEntries: 252,
    });
    const given = { kind: 'given', productId: 'P', deviceName: 'typed', deviceSecret: 'in' } as const;
    const variables = { bench_host: 'bench.local', product_id: 'the device’s own counts' };
    expect((await image({ entries: [triple], device: given, variables })).values).toEqual(['P/typed/in@bench.local']);
    expect(put).toEqual([]);
  });

  test('is of variables alone, too', async () => {
    const { image } = await service();
    const variables = { product_id: 'P', device_name: 'd', device_secret: 's' };
    expect((await image({ entries: [triple], variables })).values).toEqual(['P/d/s@10.0.0.2']);
  });

  test('takes no device of a list, for it is for no board', async () => {
    const { image, calls } = await service();
    const { listId } = await calls['provisioning.importList']({ name: 'list', csv: 'P,a,MQ==', header: 'none' }, context);
    expect(await failure(image({ entries: [triple], device: { kind: 'list', listId } }))).toMatchObject({ code: 'unsupported' });
    expect((await calls['provisioning.list']({ listId }, context)).entries).toMatchObject([{ state: 'free' }]);
  });

  test('fails for a device that is not there, and for one without a secret where that is asked for', async () => {
    const { image } = await service();
    const of = (deviceName: string) => ({ entries: [triple], device: { kind: 'known', productId: 'P', deviceName } as const });
    expect(await failure(image(of('gone')))).toEqual({ code: 'device/unknown', productId: 'P', deviceName: 'gone' });
    expect(await failure(image(of('adopted')))).toEqual({ code: 'nvs/missing-variable', name: 'device_secret' });
  });
});

test('templates have the port the bench listens on', async () => {
  const { calls } = await service();
  const { templates } = await calls['provisioning.templates']({}, context);
  expect(templates.map(({ id }) => id)).toEqual(['twetalk', 'device', 'wifi']);
  expect(templates[0]?.entries.find(({ key }) => key === 'mqtt_port')?.value).toBe('1884');
});

test('an image is read without its secrets', async () => {
  const { calls } = await service();
  const entries = [text('ssid', 'bench'), text('password', 'geheim')];
  const { data } = await calls['provisioning.image']({ provisioning: request({ entries }), sizeBytes: 0x3000 }, context);
  const { contents } = await calls['provisioning.read']({ data }, context);
  expect(contents.values.map(({ key, value }) => [key, value])).toEqual([
    ['ssid', 'bench'],
    ['password', null],
  ]);
});
