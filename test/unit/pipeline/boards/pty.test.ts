import { mkdtemp, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSerial } from '../../../../main/core/devices/serial.ts';
import { openPty, type Pty } from '../../../../pipeline/boards/pty.ts';
import { systemClock } from '../../../../pipeline/clock.ts';
import { portOptions } from '../../../../preload/contract/ports.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function pty(linkPath?: string): Promise<Pty> {
  const opened = await openPty(linkPath === undefined ? {} : { linkPath });
  closers.push(() => opened.close());
  return opened;
}

async function host(path: string) {
  const port = await openSerial(path, portOptions.parse({}), systemClock);
  closers.push(() => port.close());
  return port;
}

/** Resolves with everything heard once `count` bytes are in. */
function collect(listen: (listener: (data: Uint8Array) => void) => void, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    listen((data) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length >= count) resolve(heard);
    });
  });
}

function becomes(terminal: Pty, isOpen: boolean): Promise<void> {
  if (terminal.isOpen === isOpen) return Promise.resolve();
  return new Promise((resolve) => terminal.onOpenChange((now) => now === isOpen && resolve()));
}

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);

describe.skipIf(process.platform === 'win32')('a pseudo-terminal', () => {
  it('carries every byte both ways untranslated and echoes nothing', async () => {
    const terminal = await pty();
    const port = await host(terminal.path);
    const atBoard = collect((listener) => terminal.onData(listener), 256);
    const atHost = collect((listener) => port.onData(listener), 256);
    await becomes(terminal, true);
    terminal.write(everyByte);
    await port.write(everyByte);
    expect([...(await atHost)]).toEqual([...everyByte]);
    expect([...(await atBoard)]).toEqual([...everyByte]);
  });

  it('that is paused leaves what a program writes in the kernel, and loses none of it', async () => {
    const terminal = await pty();
    const port = await host(terminal.path);
    await becomes(terminal, true);
    const pause = Promise.withResolvers<void>();
    let heardBytes = 0;
    const all = Promise.withResolvers<void>();
    // Far more than the kernel keeps (some 64 KiB a direction) and one read takes (64 KiB), however the two fall.
    const sizeBytes = 1_000_000;
    terminal.onData((data) => {
      // A paused stream may still hand over what it had read.
      if (heardBytes === 0) terminal.pauseUntil(pause.promise);
      heardBytes += data.length;
      if (heardBytes === sizeBytes) all.resolve();
    });
    const written = port.write(new Uint8Array(sizeBytes)).then(() => 'written');
    const looks = (async () => {
      // As many turns as the whole would have needed, and more.
      for (let turn = 0; turn < 2000; turn++) await new Promise(setImmediate);
      return 'waiting';
    })();
    expect(await Promise.race([written, looks])).toBe('waiting');
    expect(heardBytes).toBeLessThan(sizeBytes);
    pause.resolve();
    await Promise.all([written, all.promise]);
    expect(heardBytes).toBe(sizeBytes);
  });

  it('hears what was written before it noticed the opening', async () => {
    const terminal = await pty();
    const atBoard = collect((listener) => terminal.onData(listener), 5);
    const port = await host(terminal.path);
    await port.write(Buffer.from('early'));
    expect((await atBoard).toString()).toBe('early');
  });

  it.skipIf(process.platform === 'darwin')('survives its program closing and another opening, which hears nothing old', async () => {
    const terminal = await pty();
    const first = await host(terminal.path);
    await becomes(terminal, true);
    terminal.write(Buffer.from('never read'));
    await first.close();
    await becomes(terminal, false);
    terminal.write(Buffer.from('to nobody'));
    expect(terminal.droppedBytes).toBe(9);

    const second = await host(terminal.path);
    const heard = collect((listener) => second.onData(listener), 5);
    await becomes(terminal, true);
    terminal.write(Buffer.from('fresh'));
    expect((await heard).toString()).toBe('fresh');
  });

  it('drops the oldest output, counted, when the program does not read', async () => {
    const terminal = await pty();
    const port = await host(terminal.path); // opened, never listened to, so never read
    await becomes(terminal, true);
    const chunk = new Uint8Array(64 * 1024);
    const total = 40 * chunk.length;
    for (let index = 0; index < 40; index++) terminal.write(chunk.fill(index));
    expect(terminal.droppedBytes).toBeGreaterThan(1024 * 1024);

    const heard = await collect((listener) => port.onData(listener), total - terminal.droppedBytes);
    expect(heard.length).toBe(total - terminal.droppedBytes);
    expect(heard.at(-1)).toBe(39);
  });

  it('keeps a link to itself while it lives', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'talkbench-pty-'));
    closers.push(() => rm(folder, { recursive: true }));
    const link = join(folder, 'board');
    const stale = await pty(link);
    const fresh = await pty(link);
    expect(fresh.path).toBe(link);
    expect((await stat(link)).isCharacterDevice()).toBe(true);
    const target = await readlink(link);
    await stale.close();
    expect(await readlink(link)).toBe(target);
    await fresh.close();
    await expect(readlink(link)).rejects.toThrow();
  });
});
