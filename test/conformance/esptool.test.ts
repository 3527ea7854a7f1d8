import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSerial } from '../../main/core/devices/serial.ts';
import { chips } from '../../main/core/flash/esp/chips.ts';
import { LoaderLink } from '../../main/core/flash/esp/link.ts';
import { EspLoader } from '../../main/core/flash/esp/loader.ts';
import { Trace } from '../../main/core/flash/trace.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { ChipIdentity, FlashJob } from '../../preload/contract/flash.ts';
import { portOptions } from '../../preload/contract/ports.ts';
import { codeLike } from '../fakes/esp-data.ts';
import { callEsptool, ESPTOOL_TIMEOUT_MS, hasEsptool } from '../fakes/esptool.ts';
import { createFlashBench, type FlashBench, type FlashBenchOptions } from '../fakes/flash-bench.ts';
import { openRegisterChip } from '../fakes/register-chip.ts';

const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex');

let bench: FlashBench;
const closers: (() => Promise<void>)[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-esptool-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(folder, { recursive: true });
});

async function open(options: FlashBenchOptions = {}): Promise<string> {
  bench = await createFlashBench({ withPty: true, flash: buildDemoImages({ kind: options.kind ?? 'esp32s3' }).files, ...options });
  closers.push(bench.close);
  return bench.board.ptyPath ?? '';
}

/** Who we say it is. */
async function identify(path: string): Promise<ChipIdentity> {
  const port = await openSerial(path, portOptions.parse({}), systemClock);
  try {
    const signal = AbortSignal.timeout(ESPTOOL_TIMEOUT_MS);
    const loader = new EspLoader(new LoaderLink({ port, clock: systemClock, signal, trace: new Trace(systemClock) }));
    await loader.connect({ before: 'no-reset', baudRates: [115200] });
    return await loader.identify();
  } finally {
    await port.close();
  }
}

/** On the board's PTY. */
function onBoard(...args: readonly string[]): Promise<string> {
  return callEsptool(bench.board.ptyPath ?? '', ...args);
}

function expectDone(job: FlashJob): void {
  expect(job.error).toBeNull();
  expect(job.state).toBe('done');
}

// In the midst of an application, which does not start with it.
const data = codeLike(150_003);
const files = [{ offset: 0x20000, name: 'data.bin', source: { data } }];

describe.skipIf(!hasEsptool)('esptool and we', { timeout: ESPTOOL_TIMEOUT_MS }, () => {
  it.each([
    [{}, []],
    [{ compress: false }, []],
    [{ useStub: false }, ['--no-stub']],
  ])('it reads back what we wrote: %j', async (options, flags) => {
    const address = await open();
    expectDone(await bench.write(address, files, { ...options, baudRate: 921600, after: 'stay' }));
    const path = join(folder, 'back.bin');
    await onBoard('--baud', '921600', ...flags, 'read_flash', '0x20000', String(data.length), path);
    expect(md5(await readFile(path))).toBe(md5(data));
  });

  it.each([
    [['--baud', '921600'], []],
    [['--baud', '921600'], ['-u']],
    [['--no-stub'], []],
  ])('we read back what it wrote: %j %j', async (flags, more) => {
    const address = await open();
    const path = join(folder, 'data.bin');
    await writeFile(path, data);
    await onBoard(...flags, 'write_flash', ...more, '0x20000', path);
    const job = await bench.run(address, { kind: 'read', what: { offset: 0x20000, sizeBytes: data.length }, options: {} });
    expectDone(job);
    expect(job.result?.sha256).toBe(createHash('sha256').update(data).digest('hex'));
  });

  it.each([false, true])('we leave alone what it wrote, and it finds nothing to differ, by our ROM: %s', async (isRom) => {
    const address = await open();
    const path = join(folder, 'data.bin');
    await writeFile(path, data);
    await onBoard('write_flash', '0x20000', path);
    const job = await bench.write(address, files, { useStub: !isRom, after: 'stay' });
    expectDone(job);
    expect(job.files[0]?.unchangedBytes).toBe(isRom ? 0 : data.length);
    await onBoard('verify_flash', '0x20000', path);
  });

  it.each(['esp32', 'esp32s2', 'esp32s3', 'esp32c2', 'esp32c3', 'esp32c5', 'esp32c6', 'esp32c61', 'esp32h2', 'esp32p4'] as const)(
    'tell the same of an %s',
    async (kind) => {
      // esptool 4 has a stub for the first revisions of the ESP32-P4 only.
      const address = await open({ kind, ...(kind === 'esp32p4' ? { revision: 103 } : {}) });
      const said = await onBoard('flash_id');
      const job = await bench.run(address, { kind: 'info', family: 'esp', options: {} });
      expectDone(job);
      const { chip } = job;
      expect(said.toLowerCase()).toContain(chip?.mac ?? 'no mac');
      expect(said).toContain(`revision v${Math.floor((chip?.revision ?? 0) / 100)}.${(chip?.revision ?? 0) % 100}`);
      expect(said).toMatch(new RegExp(`${chip?.description.split(' ')[0]}\\b`));
      expect(said).toContain(`${(chip?.flashBytes ?? 0) / (1024 * 1024)}MB`);
      expect(said.toLowerCase()).toMatch(new RegExp(`manufacturer: ${chip?.flashId?.slice(0, 2)}`));
      expect(said.toLowerCase()).toMatch(new RegExp(`device: ${chip?.flashId?.slice(2)}`));
    },
  );

  it.each(chips)('ask the same registers of an $name', async (chip) => {
    const pty = await openRegisterChip(chip);
    closers.push(() => pty.close());
    const said = (await callEsptool(pty.path, '--no-stub', 'flash_id')).toLowerCase();
    const { mac, revision, flashId } = await identify(pty.path);
    expect(said).toMatch(new RegExp(`mac: +${mac}`));
    expect(said).toContain(`revision v${Math.floor((revision ?? 0) / 100)}.${(revision ?? 0) % 100})`);
    expect(said).toMatch(new RegExp(`manufacturer: ${flashId?.slice(0, 2)}\\s+device: ${flashId?.slice(2)}`));
  });

  it.each([
    { kind: 'esp32c3', security: { secureBoot: true } },
    { kind: 'esp32s3', security: { flashEncryption: true } },
    { kind: 'esp32s2', security: { secureBoot: true, flashEncryption: true } },
    { kind: 'esp32c6', security: {} },
  ] as const)('tell how a chip is locked: %j', async ({ kind, security }) => {
    const address = await open({ kind, security });
    const said = await onBoard('get_security_info');
    const job = await bench.run(address, { kind: 'info', family: 'esp', options: {} });
    const told = job.chip?.security;
    expect(said).toMatch(told?.secureBoot === true ? /Secure Boot: Enabled/ : /Secure Boot: Disabled/);
    expect(said).toMatch(told?.flashEncryption === true ? /Flash Encryption: Enabled/ : /Flash Encryption: Disabled/);
    expect(told).toMatchObject(security);
    expect(Number(/Flags: (0x[0-9a-f]+)/i.exec(said)?.[1])).toBe(told?.flags);
  });
});
