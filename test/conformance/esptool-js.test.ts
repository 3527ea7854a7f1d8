import { createHash } from 'node:crypto';
import { ESPLoader, Transport } from 'esptool-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { BytePort } from '../../main/core/devices/port.ts';
import { openSerial } from '../../main/core/devices/serial.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { portOptions } from '../../preload/contract/ports.ts';
import { createFlashBench, type FlashBench } from '../fakes/flash-bench.ts';

let bench: FlashBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

/** Just enough of Web Serial over a local port. A cancelled reader and a closed writer are followed by fresh ones, as in a browser. */
class SerialAdapter {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #path: string;
  #port: BytePort | null = null;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async open({ baudRate }: { baudRate: number }): Promise<void> {
    const port = await openSerial(this.#path, portOptions.parse({ baudRate }), systemClock);
    this.#port = port;
    port.onData((data) => this.#controller?.enqueue(data));
    this.#freshReadable();
    this.#freshWritable(port);
  }

  async close(): Promise<void> {
    this.readable = null;
    this.writable = null;
    await this.#port?.close();
  }

  async setSignals(): Promise<void> {} // a PTY has none

  async setBaudRate(baudRate: number): Promise<void> {
    await this.#port?.setBaudRate(baudRate);
  }

  getInfo(): object {
    return {};
  }

  #freshReadable(): void {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#freshReadable(),
    });
  }

  #freshWritable(port: BytePort): void {
    this.writable = new WritableStream({ write: (data) => port.write(data), close: () => this.#freshWritable(port) });
  }
}

describe.skipIf(process.platform === 'win32')('Espressif’s own esptool-js', () => {
  it('flashes the virtual board over its PTY, and the board runs what it wrote', async () => {
    const booted: (string | undefined)[] = [];
    bench = await createFlashBench({
      withPty: true,
      onBoot(app) {
        booted.push(app.descriptor?.projectName);
        return { receive() {}, stop() {} };
      },
    });
    const adapter = new SerialAdapter(bench.board.ptyPath ?? '');
    const transport = new Transport(adapter);
    const loader = new ESPLoader({
      transport,
      baudrate: 460800,
      romBaudrate: 115200,
      terminal: { clean() {}, writeLine() {}, write() {} },
    });
    expect(await loader.main('no_reset')).toContain('ESP32-S3');

    const demo = buildDemoImages();
    await loader.writeFlash({
      fileArray: demo.files.map(({ offset, data }) => ({ address: offset, data })),
      flashSize: 'keep',
      flashMode: 'keep',
      flashFreq: 'keep',
      eraseAll: false,
      compress: true,
      calculateMD5Hash: (image) => createHash('md5').update(image).digest('hex'),
    });
    for (const { offset, data } of demo.files)
      expect(Buffer.from(bench.board.chip.flash.read(offset, data.length)).equals(data)).toBe(true);
    await transport.disconnect();
    await bench.running();
    expect(booted).toEqual(['talkbench-demo']);
  });
});
