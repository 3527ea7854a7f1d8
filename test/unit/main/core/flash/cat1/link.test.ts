import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { BytePort } from '../../../../../../main/core/devices/port.ts';
import { dialectFor } from '../../../../../../main/core/flash/cat1/dialect.ts';
import { ModuleLink } from '../../../../../../main/core/flash/cat1/link.ts';
import { Trace } from '../../../../../../main/core/flash/trace.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const block = { phase: 'AG', command: 'DOWNLOAD_DATA', index: 3, data: new Uint8Array(0x2000) } as const;
const FRAME_BYTES = 8 + 0x2000 + 4;

/** Somebody who says these, one to a frame, and how the frames came. */
function linkTo(answers: readonly (number | null)[], dialect = dialectFor({ transport: 'usb' }, '/dev/ttyACM0', 'linux')) {
  const clock = new VirtualClock();
  const writes: number[] = [];
  const frames: number[][] = [];
  let listener: (data: Uint8Array, atUs: never) => void = () => {};
  const port: BytePort = {
    address: '/dev/ttyACM0',
    async write({ length }) {
      writes.push(length);
      if (writes.reduce((sum, bytes) => sum + bytes, 0) < FRAME_BYTES) return;
      frames.push(writes.splice(0));
      const state = answers[frames.length - 1];
      if (state === undefined || state === null) return;
      const answer = Buffer.from([0x32, 4, 0xcd, 0x32, state, 0]);
      const check = Buffer.alloc(4);
      check.writeUInt32LE(crc32(answer));
      listener(Buffer.concat([answer, check]), 0 as never);
    },
    setSignals: async () => true,
    setBaudRate: async () => {},
    onData: (next) => (listener = next as typeof listener),
    onClose: () => {},
    close: async () => {},
  };
  const link = new ModuleLink({ port, clock, signal: new AbortController().signal, trace: new Trace(clock), dialect });
  const hear = (data: Uint8Array) => listener(data, 0 as never);
  const ask = async (count = 1) => {
    const asked = (async () => {
      for (let at = 0; at < count; at++) await link.request(block);
    })();
    asked.catch(() => {});
    await clock.advance(60_000_000);
    return asked;
  };
  return { ask, frames, link, clock, hear };
}

describe('an image’s block', () => {
  test('goes in large pieces, as the modules take them', async () => {
    const { ask, frames } = linkTo([0, 0]);
    await ask(2);
    expect(frames).toEqual([
      [4096, 4096, 12],
      [4096, 4096, 12],
    ]);
  });

  test('that is lost goes again in small ones, and so does what follows', async () => {
    const { ask, frames } = linkTo([null, 0, 0]);
    await ask(2);
    expect(frames.map(([first]) => first)).toEqual([4096, 64, 64]);
  });

  test('that filled up what was missing of a lost one is not taken for refused', async () => {
    const { ask, frames } = linkTo([null, 1, 0]);
    await ask();
    expect(frames.map(([first]) => first)).toEqual([4096, 64, 64]);
  });

  test('that is refused without any loss is, and is not asked again', async () => {
    const { ask, frames } = linkTo([1, 0]);
    await expect(ask()).rejects.toMatchObject({ code: 'flash/protocol', value: { data: { status: '0x01' } } });
    expect(frames).toHaveLength(1);
  });

  test('refused a second time is refused', async () => {
    const { ask } = linkTo([null, 1, 1]);
    await expect(ask()).rejects.toMatchObject({ value: { data: { status: '0x01' } } });
  });

  test('goes in the pieces that a person chose', async () => {
    const { ask, frames } = linkTo([0], dialectFor({ transport: 'usb', dialect: { chunkBytes: 512 } }, '/dev/ttyACM0', 'linux'));
    await ask();
    expect(frames[0]?.[0]).toBe(512);
  });
});

test('of a board that talks without end only the newest is kept', async () => {
  const { link, clock, hear } = linkTo([]);
  const listening = link.listen(1000);
  for (let at = 0; at < 100; at++) hear(Buffer.alloc(10_000, at));
  await clock.advance(1_000_000);
  const heard = await listening;
  expect(heard.length).toBe(64 * 1024);
  expect(heard.at(-1)).toBe(99);
});

describe('a loader and an echo say the same to the first word', () => {
  const word = Buffer.from('00d3022b', 'hex');

  /** What such a line says to each write. */
  function lineOf(answer: (data: Buffer) => Uint8Array | null, tries = 3) {
    const clock = new VirtualClock();
    let hear: (data: Uint8Array, atUs: never) => void = () => {};
    const port: BytePort = {
      address: '/dev/ttyUSB0',
      async write(data) {
        const said = answer(Buffer.from(data));
        if (said !== null) hear(said, 0 as never);
      },
      setSignals: async () => true,
      setBaudRate: async () => {},
      onData: (next) => (hear = next as typeof hear),
      onClose: () => {},
      close: async () => {},
    };
    const dialect = dialectFor({ transport: 'uart' }, '/dev/ttyUSB0', 'linux');
    const link = new ModuleLink({ port, clock, signal: new AbortController().signal, trace: new Trace(clock), dialect });
    return async (phase: 'DL' | 'LPC') => {
      const outcome = link.sync(phase, { tries, timeoutMs: 100, mayEcho: true });
      await clock.advance(10_000_000);
      return outcome;
    };
  }

  test('an AT firmware that sends back what it gets is no loader', async () => {
    expect(await lineOf((data) => data)('DL')).toBe('silent');
    expect(await lineOf((data) => data)('LPC')).toBe('silent');
  });

  test('a ROM, which answers a request in its own way or not at all, is one', async () => {
    let words = 0;
    const rom = (data: Buffer) => {
      if (data.equals(word)) return words++ % 2 === 0 ? null : word;
      return Buffer.from('2000cd32000c000000020100000002262120', 'hex');
    };
    expect(await lineOf(rom)('DL')).toBe('ready');
    expect(await lineOf((data) => (data.equals(word) && words++ % 2 === 1 ? word : null))('DL')).toBe('ready');
  });

  test('it is found when the firmware goes and the ROM comes', async () => {
    let asked = 0;
    const line = (data: Buffer) => (++asked < 8 ? data : data.equals(word) && asked % 2 === 0 ? word : null);
    expect(await lineOf(line, 20)('DL')).toBe('ready');
  });
});
