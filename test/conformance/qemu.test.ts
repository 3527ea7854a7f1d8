import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { codeLike } from '../fakes/esp-data.ts';
import { createFlashBench } from '../fakes/flash-bench.ts';

/** Espressif's QEMU, which runs the chips' real ROMs: TALKBENCH_QEMU is the path of its qemu-system-xtensa. */
const qemu = process.env.TALKBENCH_QEMU;
const FLASH_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 600_000;
/** GPIO straps of an ESP32: with IO0 low its ROM waits for a download, with IO0 high it boots from flash. */
const STRAPS = { download: '0x0f', run: '0x12' } as const;

let folder: string;
const machines: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-qemu-'));
});
afterEach(async () => {
  for (const machine of machines.splice(0)) await powerOff(machine);
  await rm(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

/** An ESP32 whose UART0 is a TCP port: waits for its first client before it starts, so that nothing it says is lost. */
async function powerOn(straps: keyof typeof STRAPS): Promise<{ machine: ChildProcess; port: number }> {
  const port = await freePort();
  const machine = spawn(
    qemu ?? '',
    [
      ...['-machine', 'esp32', '-nographic', '-monitor', 'none', '-nic', 'none'],
      ...['-drive', `file=${join(folder, 'flash.bin')},if=mtd,format=raw`],
      ...['-global', `driver=esp32.gpio,property=strap_mode,value=${STRAPS[straps]}`],
      ...['-serial', `tcp:127.0.0.1:${port},server=on,wait=on,nodelay=on`],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  machines.push(machine);
  return { machine, port };
}

/** Its flash is in the file once it has ended. */
async function powerOff(machine: ChildProcess): Promise<void> {
  if (machine.exitCode !== null || machine.signalCode !== null) return;
  machine.kill();
  await once(machine, 'exit');
}

/** What the chip says on its UART until `isEnough`. */
async function listen(port: number, isEnough: (text: string) => boolean): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (isEnough(text)) break;
  }
  socket.destroy();
  return text;
}

/** The emulator opens its TCP port a moment after it was started. */
async function untilListening<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 100) throw error;
      await wait(100);
    }
  }
}

describe.skipIf(qemu === undefined)('Espressif’s QEMU with an ESP32’s own ROM', { timeout: TIMEOUT_MS }, () => {
  it.each([{}, { useStub: false }])(
    'is flashed over socket://, read back identical, and its ROM boots what was written: %j',
    async (options) => {
      await writeFile(join(folder, 'flash.bin'), new Uint8Array(FLASH_BYTES).fill(0xff));
      const demo = buildDemoImages({ kind: 'esp32' });
      const extra = { offset: 0x200000, name: 'extra.bin', data: codeLike(options.useStub === false ? 20_000 : 300_000) };
      const files = [...demo.files, extra];
      const bench = await createFlashBench();
      try {
        const { machine, port } = await powerOn('download');
        const address = `socket://127.0.0.1:${port}`;
        const requested = { before: 'no-reset', after: 'stay', ...options } as const;
        const sources = files.map(({ offset, name, data }) => ({ offset, name, source: { data } }));
        const written = await untilListening(async () => {
          const job = await bench.write(address, sources, requested);
          if (job.error?.code === 'port/refused') throw new Error('not yet');
          return job;
        });
        expect(written.error).toBeNull();
        expect(written.files.every(({ verified }) => verified === true)).toBe(true);

        const what = { offset: extra.offset, sizeBytes: extra.data.length };
        const read = await bench.run(address, { kind: 'read', what, options: requested });
        expect(read.error).toBeNull();
        expect(read.result?.sha256).toBe(createHash('sha256').update(extra.data).digest('hex'));
        await powerOff(machine);
      } finally {
        await bench.close();
      }
      const flash = await readFile(join(folder, 'flash.bin'));
      for (const { offset, data } of files) expect(flash.subarray(offset, offset + data.length).equals(data)).toBe(true);

      // The ROM checks the bootloader's image before it says where it enters it.
      const { port } = await powerOn('run');
      const entry = Buffer.from(demo.files.find(({ offset }) => offset === 0x1000)?.data ?? []).readUInt32LE(4);
      const said = await untilListening(() => listen(port, (text) => /entry 0x|invalid header|error/i.test(text)));
      expect(said).toContain(`entry 0x${entry.toString(16).padStart(8, '0')}`);
    },
  );
});
