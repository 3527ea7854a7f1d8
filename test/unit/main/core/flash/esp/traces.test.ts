import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type CommandName, opcodes } from '../../../../../../main/core/flash/esp/commands.ts';
import { createEspBench, type EspBench } from '../../../../../fakes/esp-run.ts';
import { ReplayedChip, readTrace, requestOf } from '../../../../../fakes/esptool-trace.ts';

const vectors = join(import.meta.dirname, '../../../../../../../shared/vectors');

let bench: EspBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

/** Those that flash depends on, whose order and words are no matter of taste. */
const binding: readonly CommandName[] = [
  'memoryBegin',
  'memoryEnd',
  'changeBaudRate',
  'spiSetParameters',
  'flashBegin',
  'flashData',
  'deflateBegin',
  'deflateData',
  'deflateEnd',
  'flashMd5',
];

/** Byte for byte, but for a stub's size and place and for deflated bytes: another zlib, another stream of the same. */
function bindingOf(requests: readonly Uint8Array[]): string[] {
  const bound = requests.filter((request) => binding.some((name) => opcodes[name] === request[1]));
  return bound.map((request) => {
    const isStub = request[1] === opcodes.memoryBegin || request[1] === opcodes.memoryEnd;
    if (isStub) return `stub ${request[1]}`;
    if (request[1] === opcodes.deflateData) return 'deflated';
    return Buffer.from(request.subarray(1)).toString('hex');
  });
}

async function replay(name: string) {
  const events = readTrace(join(vectors, `esptool-trace-${name}.txt`));
  const traced = events.flatMap(({ direction, bytes }) => (direction === 'written' ? [requestOf(bytes) ?? []].flat() : []));
  const requests = traced.filter((request) => request instanceof Uint8Array);
  let chip: ReplayedChip | undefined;
  const opened = await createEspBench({
    port: (clock) => {
      chip = new ReplayedChip(events, clock);
      return chip;
    },
  });
  bench = opened;
  return { bench: opened, requests, ours: () => chip?.requests ?? [] };
}

/** What the trace writes, taken from its blocks. */
function writtenIn(requests: readonly Uint8Array[]): { offset: number; data: Buffer } {
  const begin = requests.find((request) => request[1] === opcodes.flashBegin || request[1] === opcodes.deflateBegin);
  const view = Buffer.from(begin ?? []);
  const blocks = requests.filter((request) => request[1] === opcodes.flashData || request[1] === opcodes.deflateData);
  const bytes = Buffer.concat(blocks.map((request) => request.subarray(24)));
  const isDeflated = begin?.[1] === opcodes.deflateBegin;
  return { offset: view.readUInt32LE(8 + 12), data: (isDeflated ? inflateSync(bytes) : bytes).subarray(0, view.readUInt32LE(8)) };
}

describe.skipIf(!existsSync(vectors))('a chip that esptool 5.3.1 was traced with', () => {
  it.each([
    ['esp32-rom-write', { useStub: false, baudRate: 115200 }],
    ['esp32-stub-write', { baudRate: 460800 }],
    ['esp32c3-stub-write', { baudRate: 115200 }],
  ] as const)('is flashed by us with the same words in the same order: %s', async (name, options) => {
    const { bench: on, requests, ours } = await replay(name);
    const { offset, data } = writtenIn(requests);
    const file = { offset, name: 'traced', data };
    expect(await on.write([file], { skipUnchanged: false, after: 'stay', ...options, table: [] })).toBeNull();
    // The traced chip's own digest is that of what we wrote.
    expect(on.job.files[0]?.verified).toBe(true);
    const traced = bindingOf(requests);
    const end = traced.findIndex((request) => request.startsWith(opcodes.flashMd5.toString(16))) + 1;
    expect(bindingOf(ours()).slice(0, end)).toEqual(traced.slice(0, end));
  });

  it('tells us who it is', async () => {
    const { bench: on } = await replay('esp32-rom-flash-id');
    expect(await on.task({ kind: 'info', family: 'esp', options: { useStub: false } })).toMatchObject({
      error: { code: 'flash/protocol' },
    });
    expect(on.job.chip).toMatchObject({ chip: 'esp32', description: 'ESP32 (revision v3.0)', flashBytes: 4 * 1024 * 1024 });
    expect(on.job.chip?.security).toMatchObject({ secureBoot: false, flashEncryption: false });
  });
});
