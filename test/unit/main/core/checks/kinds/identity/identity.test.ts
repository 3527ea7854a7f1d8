import { beforeEach, describe, expect, test } from 'vitest';
import { chip } from '../../../../../../../main/core/checks/kinds/identity/chip.ts';
import { device } from '../../../../../../../main/core/checks/kinds/identity/device.ts';
import { firmware } from '../../../../../../../main/core/checks/kinds/identity/firmware.ts';
import { sim } from '../../../../../../../main/core/checks/kinds/identity/sim.ts';
import type { AtBringUp } from '../../../../../../../preload/contract/at.ts';
import type { DeviceState } from '../../../../../../../preload/contract/device-state.ts';
import type { FlashJob } from '../../../../../../../preload/contract/flash.ts';
import type { DeviceRecord } from '../../../../../../../preload/contract/pipeline.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { espBoot, prints } from '../../../../../../fakes/board-log.ts';
import { FakeBench } from '../../../../../../fakes/fake-bench.ts';

let bench: FakeBench;
beforeEach(() => {
  bench = new FakeBench();
});

function stateWith(facts: DeviceState['facts'], steps: DeviceState['steps'] = []): DeviceState {
  return { port: 'p', updatedUs: 0, steps, condition: 'running', facts, boots: [], turns: [], heap: [], notices: [] };
}

describe('identity.chip', () => {
  const info = {
    chip: {
      ...{ chip: 'esp32s3', description: 'ESP32-S3 (revision v0.2)', revision: 2, mac: '7C:DF:A1:00:00:01', flashBytes: 16_777_216 },
      ...{ flashId: 'c84018', security: { secureBoot: false, flashEncryption: true, secureDownload: false, jtagDisabled: true, flags: 1 } },
    },
    apps: [{ partition: 'factory', app: { version: '1.4.2', project: 'twetalk_demo', idfVersion: 'v5.4.1', elfSha256: 'ab'.repeat(32) } }],
    partitions: [
      { name: 'factory', type: 'app', subtype: 'factory', offset: 0x10000, sizeBytes: 0x300000, isEncrypted: false, isReadOnly: false },
    ],
    error: null,
  } satisfies Partial<FlashJob>;

  test('what the loader tells, and the application is back afterwards', async () => {
    bench.serial.onInfo = () => {
      prints(bench, espBoot);
      return info;
    };
    expect(await bench.run(chip)).toMatchObject({
      values: {
        ...{ chip: 'esp32s3', mac: '7c:df:a1:00:00:01', isMacReal: true, flashBytes: 16_777_216, revision: 2, isBack: true },
        ...{ hasSecureBoot: false, hasFlashEncryption: true, isJtagDisabled: true },
      },
      evidence: [{ label: 'partitions', lines: ['factory  app factory  0x10000  3145728'] }],
    });
    expect(Object.fromEntries(bench.facts)).toMatchObject({
      mac: '7c:df:a1:00:00:01',
      appVersion: '1.4.2',
      firmwareSha256: 'ab'.repeat(32),
    });
  });
  test.each(['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01'])('%s is no board’s MAC', async (mac) => {
    bench.serial.onInfo = () => ({ ...info, chip: { ...info.chip, mac } });
    expect(await bench.run(chip)).toMatchObject({ values: { isMacReal: false, isBack: false } });
  });
  const rom = 'ESP-ROM:esp32s3-20210327\nBuild:Mar 27 2021\n';
  const flashBoot = `${rom}rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\nload:0x3fce3808,len:0x178c\n`;
  const panic =
    "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\nBacktrace: 0x42008d5c:0x3fcebf20\nRebooting...\n";
  test.each([
    ['waits to be flashed', `${rom}rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\nwaiting for download\n`],
    ['waits to be flashed, and says more', `${rom}waiting for download\nhello\n`],
    ['has no valid image', `${flashBoot}invalid header: 0xffffffff\ninvalid header: 0xffffffff\n`],
    [
      'has an image that its bootloader refuses',
      `${espBoot.split('\n', 14).join('\n')}\nE (150) boot: No bootable app partitions in the partition table\n`,
    ],
    ['has nothing but a bootloader', `${espBoot.split('\n', 15).join('\n')}\n`],
    ['dies at once', `${flashBoot}our own log\n${panic}`],
    ['starts again', `${flashBoot}our own log\n${flashBoot}our own log\n`],
  ])('a board that %s is not back', async (_, log) => {
    bench.serial.onInfo = () => {
      prints(bench, log);
      return info;
    };
    expect(await bench.run(chip)).toMatchObject({ values: { isBack: false } });
  });
  test('of an application whose log nobody knows it is left open', async () => {
    bench.serial.onInfo = () => {
      prints(bench, `${flashBoot}our own log\n`);
      return info;
    };
    expect(await bench.run(chip)).not.toHaveProperty('values.isBack');
  });
  test('a loader that did not answer is the bench’s error, not a verdict', async () => {
    bench.serial.onInfo = () => ({ state: 'failed', error: new TalkError('flash/sync-timeout').value });
    await expect(bench.run(chip)).rejects.toMatchObject({ code: 'flash/sync-timeout' });
  });
  test('other families are skipped', async () => {
    bench.serial.family = 'cat1';
    expect(await bench.run(chip)).toEqual({ skipped: 'not-esp' });
    bench.serial.family = 'esp';
    expect(await bench.run(sim)).toEqual({ skipped: 'not-cat1' });
    bench.serial.family = 'known-other';
    expect([await bench.run(chip), await bench.run(sim)]).toEqual([{ skipped: 'not-esp' }, { skipped: 'not-cat1' }]);
  });
  test('a board that nobody knows the family of is not held to be another’s', async () => {
    bench.serial.family = 'other';
    expect([await bench.run(chip), await bench.run(sim)]).toEqual([{ skipped: 'unknown-board' }, { skipped: 'unknown-board' }]);
  });
});

describe('identity.firmware', () => {
  test('log and flash agree by the digits that the log prints', async () => {
    bench.facts.set('firmwareSha256', '0f1e2d3c4'.padEnd(64, '0')).set('appVersion', '1.4.2');
    bench.serial.deviceState = stateWith({ appVersion: '1.4.2', project: 'twetalk_demo', elfSha256: '0f1e2d3c4...', sdkVersion: '1.1.8' });
    expect(await bench.run(firmware)).toEqual({
      values: {
        ...{ appVersion: '1.4.2', appName: 'twetalk_demo', sdkVersion: '1.1.8', isOneFirmware: true },
        firmwareSha256: '0f1e2d3c4'.padEnd(64, '0'),
      },
    });
  });
  test('another build in the flash than in the log', async () => {
    bench.facts.set('firmwareSha256', 'a'.repeat(64));
    bench.serial.deviceState = stateWith({ appVersion: '1.4.2', elfSha256: '0f1e2d3c4...' });
    expect(await bench.run(firmware)).toMatchObject({ values: { isOneFirmware: false } });
  });
  test('what nobody told is skipped', async () => {
    expect(await bench.run(firmware)).toEqual({ skipped: 'not-in-log' });
  });
});

describe('identity.device', () => {
  const record: DeviceRecord = {
    ...{ productId: 'PROD000001', deviceName: 'dev1', hasSecret: true, isOnline: true, activatedWallMs: null, lastOnlineWallMs: null },
    ...{ connectionCount: 1, connection: { address: '10.0.0.2', proof: 'password', isTls: false, sdkAppId: '21010406' }, topics: [] },
    ...{ certificateFingerprint: null, firmwareVersion: null, properties: {} },
  };
  test('provisioned, registered, proven, alone', async () => {
    bench.board.deviceRecord = record;
    expect(await bench.run(device)).toEqual({
      values: {
        ...{ isProvisioned: true, isRegistered: true, isProven: true, takeovers: 0, otherBoards: 0 },
        ...{ productId: 'PROD000001', deviceName: 'dev1', proof: 'password' },
      },
      evidence: [{ kind: 'lines', label: 'device', lines: ['PROD000001/dev1 · online · 10.0.0.2 · password'] }],
    });
  });
  test('two boards that are one device push each other out', async () => {
    bench.board.deviceRecord = record;
    bench.every(2000, 3, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(device)).toMatchObject({ values: { takeovers: 3 } });
  });
  test('the broker tells which connection was replaced', async () => {
    bench.board.deviceRecord = record;
    bench.at(1000, () => bench.board.tell({ kind: 'device.offline', reason: 'replaced by a new connection' }));
    bench.at(1001, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(device)).toMatchObject({ values: { takeovers: 1 } });
  });
  test('one that starts anew meanwhile is no second one', async () => {
    bench.board.deviceRecord = record;
    bench.at(1000, () => bench.serial.row('ESP-ROM:esp32s3', { event: 'boot.rom' }));
    bench.at(2000, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(device)).toMatchObject({ values: { takeovers: 0 } });
  });
  test('shows what its verdict rests on: the device as its cloud has it, and what it did there', async () => {
    bench.board.deviceRecord = { ...record, connection: { address: '192.168.7.20', proof: 'psk', isTls: true, sdkAppId: '' } };
    bench.board.tell({ kind: 'device.online' });
    bench.at(2000, () => bench.board.tell({ kind: 'device.offline', reason: 'closed' }));
    expect(await bench.run(device)).toMatchObject({
      evidence: [
        {
          kind: 'lines',
          label: 'device',
          lines: ['PROD000001/dev1 · online · 192.168.7.20 · psk · TLS', '0.000 s  device.online', '2.000 s  device.offline closed'],
        },
      ],
    });
  });
  test('a board that merely reconnects is no second one', async () => {
    bench.board.deviceRecord = record;
    bench.at(1000, () => bench.board.tell({ kind: 'device.offline', reason: 'closed' }));
    bench.at(2000, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(device)).toMatchObject({ values: { takeovers: 0 } });
  });
  test('another serial number with the same MAC', async () => {
    bench.board.deviceRecord = record;
    bench.others = [
      { runId: 'r1', serialNumber: 'SN-7', startedWallMs: 0, shares: 'mac' },
      { runId: 'r2', serialNumber: 'SN-7', startedWallMs: 0, shares: 'device' },
    ];
    expect(await bench.run(device)).toMatchObject({ values: { otherBoards: 1, sharedWith: 'SN-7' } });
  });
  test('let in without proof', async () => {
    bench.board.deviceRecord = { ...record, connection: { address: null, proof: 'none', isTls: false, sdkAppId: '' } };
    expect(await bench.run(device)).toMatchObject({ values: { isProven: false, proof: 'none' } });
  });
  test('refused: whatever it once proved', async () => {
    bench.board.deviceRecord = { ...record, isOnline: false };
    bench.board.conversation = null;
    bench.at(1000, () => bench.board.tell({ kind: 'device.refused', reason: 'bad-password' }));
    expect(await bench.run(device)).toMatchObject({ values: { isProven: false, refusal: 'bad-password' } });
  });
  test('a board that shows no device is found unprovisioned only where its log complains of it', async () => {
    bench.board.conversation = null;
    bench.serial.row('nvs: no device, the built-in one is used');
    expect(await bench.run(device, { waitS: 2 })).toEqual({ skipped: 'no-device' });
    bench.serial.row('no device info: product id, device name and secret are not set');
    expect(await bench.run(device, { waitS: 2 })).toMatchObject({ values: { isProvisioned: false }, next: 'provision' });
  });
});

describe('identity.sim', () => {
  const step = (number: number, id: AtBringUp['steps'][number]['id'], over: Partial<AtBringUp['steps'][number]> = {}) => ({
    ...{ number, id, commands: [`AT${number}`], state: 'passed' as const, values: [], limits: [], evidence: ['OK'] },
    ...over,
  });
  test('the chain’s values, and its lines as evidence', async () => {
    bench.serial.family = 'cat1';
    bench.serial.onBringUp = () => ({
      model: 'Air780EP',
      steps: [
        step(1, 'answers'),
        step(4, 'imei', { values: [{ name: 'imei', value: '862288081583054', verdict: 'good' }] }),
        step(5, 'sim'),
        step(8, 'csq', { values: [{ name: 'rssi', value: -67, unit: 'dBm', verdict: 'good' }] }),
        step(11, 'registration'),
        step(14, 'bearer', { values: [{ name: 'ip', value: '10.1.2.3', verdict: 'good' }] }),
      ],
    });
    expect(await bench.run(sim)).toMatchObject({
      values: {
        failedSteps: 0,
        isImeiValid: true,
        isSimReady: true,
        isRegistered: true,
        hasAddress: true,
        rssiDbm: -67,
        model: 'Air780EP',
      },
      evidence: [{ kind: 'lines', label: 'at' }],
    });
    expect(bench.facts.get('imei')).toBe('862288081583054');
  });
  test('the first failed step is the cause, with its own next step', async () => {
    bench.serial.family = 'cat1';
    bench.serial.onBringUp = () => ({
      ...{ failed: 1, firstFailed: 5 },
      steps: [step(1, 'answers'), step(5, 'sim', { state: 'failed', next: 'enter-pin' }), step(11, 'registration', { state: 'skipped' })],
    });
    expect(await bench.run(sim)).toMatchObject({
      values: { failedSteps: 1, isSimReady: false, isRegistered: false, firstFailed: 'sim' },
      next: 'enter-pin',
    });
  });
  test('a module whose AT port is silent tells it in its log', async () => {
    bench.serial.family = 'cat1';
    bench.serial.onBringUp = () => ({ failed: 1, firstFailed: 1, steps: [step(1, 'answers', { state: 'failed' })] });
    bench.serial.deviceState = stateWith({ imei: '862288081583054', sim: 'ready', csq: 27 }, [{ step: 'network', state: 'done' }]);
    expect(await bench.run(sim)).toMatchObject({ values: { isImeiValid: true, isSimReady: true, rssiDbm: -59, hasAddress: true } });
  });
  test('an IMEI in the log with a wrong check digit', async () => {
    bench.serial.family = 'cat1';
    bench.serial.onBringUp = () => ({ failed: 1, firstFailed: 1, steps: [step(1, 'answers', { state: 'failed' })] });
    bench.serial.deviceState = stateWith({ imei: '490154203237519', sim: 'ready' });
    expect(await bench.run(sim)).toMatchObject({ values: { isImeiValid: false } });
  });
});
