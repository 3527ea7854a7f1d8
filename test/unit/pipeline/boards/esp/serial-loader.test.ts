import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chipFacts, type EspKind } from '../../../../../pipeline/boards/esp/chips.ts';
import { FlashMemory } from '../../../../../pipeline/boards/esp/flash-memory.ts';
import { FlashSupply } from '../../../../../pipeline/boards/esp/flash-supply.ts';
import { type LoaderPort, Registers, type Security } from '../../../../../pipeline/boards/esp/registers.ts';
import { SerialLoader } from '../../../../../pipeline/boards/esp/serial-loader.ts';
import { encodeSlip, SlipReceiver } from '../../../../../pipeline/boards/esp/slip.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const sync = Buffer.from(`07071220${'55'.repeat(32)}`, 'hex');
const block = (data: Uint8Array, sequence: number) => Buffer.concat([words(data.length, sequence, 0, 0), data]);
const checksum = (data: Uint8Array) => data.reduce((sum, byte) => sum ^ byte, 0xef);

interface Loader {
  kind: EspKind;
  security: Partial<Security>;
  port: LoaderPort;
  stubStarts: boolean;
}

function build({ kind = 'esp32s3', security: locks = {}, port = 'uart', stubStarts = true }: Partial<Loader> = {}) {
  const chip = chipFacts[kind];
  const flash = new FlashMemory(8 * 1024 * 1024);
  const answers: Buffer[] = [];
  const events: string[] = [];
  const receiver = new SlipReceiver(70_000);
  const security = { secureBoot: false, flashEncryption: false, secureDownload: false, ...locks };
  const mac = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const supply = new FlashSupply('always', new VirtualClock());
  const loader = new SerialLoader({
    chip,
    flash,
    security,
    port,
    stubStarts,
    isFlashOn: () => supply.isOn,
    registers: (isFlashAttached) =>
      new Registers({ chip, mac, flashBytes: flash.sizeBytes, flashTellsSize: true, port, security, supply, isFlashAttached }),
    hooks: {
      transmit: (bytes) => {
        for (const frame of receiver.receive(bytes)) answers.push(Buffer.from(frame));
      },
      changeBaud: (baudRate) => events.push(`baud ${baudRate}`),
      reboot: () => events.push('reboot'),
    },
  });
  /** Sends a command; what came back, in hex. */
  function ask(code: number, data: Uint8Array = new Uint8Array(), sum = 0): string[] {
    answers.length = 0;
    const header = Buffer.alloc(8);
    header[1] = code;
    header.writeUInt16LE(data.length, 2);
    header.writeUInt32LE(sum, 4);
    loader.receive(encodeSlip(Buffer.concat([header, data])));
    return answers.map((answer) => answer.toString('hex'));
  }
  function startStub(): void {
    const program = new Uint8Array(64);
    ask(0x05, words(64, 1, 0x1800, 0x40378000));
    ask(0x07, block(program, 0), checksum(program));
    expect(ask(0x06, words(0, 0x40378010)).at(-1)).toBe(Buffer.from('OHAI').toString('hex'));
  }
  const received = () => answers.map((answer) => answer.toString('hex'));
  return { loader, flash, events, ask, startStub, received };
}

const ok = (code: string) => `01${code}04000000000000000000`;
const refused = (code: string, why: string) => `01${code}040000000000` + `01${why}0000`;

describe('the ROM loader', () => {
  it('answers SYNC eight times with a number', () => {
    const { ask } = build();
    expect(ask(0x08, Buffer.from(`07071220${'55'.repeat(32)}`, 'hex'))).toEqual(Array(8).fill('0108040007071220' + '00000000'));
  });

  it('answers a command it does not know eight times', () => {
    const { ask } = build();
    expect(ask(0xd0)).toEqual(Array(8).fill(refused('08', '05')));
  });

  it('wants SPI_ATTACH, with its own length, before the flash', () => {
    const { ask } = build();
    const begin = words(0x400, 1, 0x400, 0, 0);
    expect(ask(0x02, begin)).toEqual([refused('02', '06')]);
    expect(ask(0x0d, words(0))).toEqual([refused('0d', '05')]);
    expect(ask(0x0d, words(0, 0))).toEqual([ok('0d')]);
    expect(ask(0x02, begin)).toEqual([ok('02')]);
  });

  it('takes blocks of 1 KiB in order with the right checksum', () => {
    const { ask, flash } = build();
    ask(0x0d, words(0, 0));
    expect(ask(0x02, words(0x800, 1, 0x4000, 0, 0))).toEqual([refused('02', '05')]);
    ask(0x02, words(0x800, 2, 0x400, 0x1000, 0));
    const data = new Uint8Array(0x400).fill(0x42);
    expect(ask(0x03, block(data, 0), checksum(data) ^ 1)).toEqual([refused('03', '07')]);
    expect(ask(0x03, block(data, 1), checksum(data))).toEqual([refused('03', '06')]);
    expect(ask(0x03, block(data, 0), checksum(data))).toEqual([ok('03')]);
    expect(ask(0x03, block(data, 0), checksum(data))).toEqual([ok('03')]); // repeated: our answer was lost
    expect(ask(0x04, words(1))).toEqual([refused('04', '06')]); // one block is missing
    expect(flash.read(0x1000, 2)).toEqual(Uint8Array.of(0x42, 0x42));
  });

  it('gives the digest as 32 hex digits', () => {
    const { ask } = build();
    ask(0x0d, words(0, 0));
    const expected = createHash('md5').update(new Uint8Array(16).fill(0xff)).digest('hex');
    expect(ask(0x13, words(0, 16, 0, 0))[0]).toContain(Buffer.from(expected).toString('hex'));
  });

  it('tells its chip, and restarts when it is sent where no program is', () => {
    const { ask, events } = build();
    expect(ask(0x14)[0]?.slice(16 + 24, 16 + 32)).toBe('09000000');
    ask(0x06, words(0, 0x40380000));
    expect(events).toEqual(['reboot']);
  });

  it('answers at the old rate before it changes to the new', () => {
    const { ask, events } = build();
    expect(ask(0x0f, words(921600, 0))).toEqual([ok('0f')]);
    expect(events).toEqual(['baud 921600']);
  });
});

describe('the ROM of each chip', () => {
  it.each([
    ['esp32', '831df000'],
    ['esp32s2', 'c6070000'],
    ['esp32s3', '09000000'],
  ] as const)('%s has its magic word', (kind, word) => {
    expect(build({ kind }).ask(0x0a, words(0x40001000))).toEqual([`010a0400${word}00000000`]);
  });

  it.each([
    ['esp32s2', 12, undefined],
    ['esp32s3', 20, 9],
    ['esp32c2', 20, 12],
    ['esp32c3', 20, 5],
    ['esp32c5', 20, 23],
    ['esp32c6', 20, 13],
    ['esp32c61', 20, 20],
    ['esp32h2', 20, 16],
    ['esp32p4', 20, 18],
  ] as const)('%s tells %i bytes of security info', (kind, sizeBytes, chipId) => {
    const [answer = ''] = build({ kind, security: { secureBoot: true, flashEncryption: true } }).ask(0x14);
    const info = Buffer.from(answer, 'hex').subarray(8, -4);
    expect([info.length, info.readUInt32LE(0), info[4]]).toEqual([sizeBytes, 1, 1]);
    if (chipId !== undefined) expect(info.readUInt32LE(12)).toBe(chipId);
  });

  // As Espressif's traces have it: the no to GET_SECURITY_INFO comes as an answer to SYNC, with SYNC's value.
  it('the ESP32 knows no security info, and says so under the name and with the value of what it answered last', () => {
    const { ask } = build({ kind: 'esp32' });
    ask(0x08, sync);
    expect(ask(0x14)).toEqual(Array(8).fill('010804000707122001050000'));
    ask(0x0a, words(0x40001000));
    expect(ask(0x14)).toEqual(Array(8).fill('010a0400831df00001050000'));
  });

  it('every answer carries the value that was read last, as its buffer is not cleared', () => {
    const { ask } = build();
    ask(0x0a, words(0x40001000));
    expect(ask(0x0d, words(0, 0))).toEqual(['010d04000900000000000000']);
  });

  it.each([
    ['esp32', 4],
    ['esp32s2', 5],
    ['esp32c3', 5],
  ] as const)('%s takes FLASH_BEGIN and DEFL_BEGIN of %i words and no other', (kind, count) => {
    const { ask } = build({ kind });
    ask(0x0d, words(0, 0));
    for (const code of [0x02, 0x10]) {
      const name = code.toString(16).padStart(2, '0');
      for (const given of [3, 4, 5, 6])
        expect(ask(code, words(...[0x400, 1, 0x400, 0, 0, 0].slice(0, given)))).toEqual([given === count ? ok(name) : refused(name, '05')]);
    }
  });

  it('in secure download mode it writes, and neither reads, nor runs a program, nor gives a digest', () => {
    const { ask, flash } = build({ security: { secureDownload: true } });
    ask(0x08, sync);
    for (const [code, data] of [
      [0x0a, words(0x40001000)],
      [0x09, words(0, 0, 0, 0)],
      [0x05, words(64, 1, 64, 0x40378000)],
      [0x13, words(0, 16, 0, 0)],
      [0x0e, words(0, 16)],
    ] as const)
      expect(ask(code, data)).toEqual(Array(8).fill('010804000707122001050000'));
    expect(Buffer.from(ask(0x14)[0] ?? '', 'hex').readUInt32LE(8)).toBe(4);
    const data = new Uint8Array(0x400).fill(7);
    ask(0x0d, words(0, 0));
    ask(0x02, words(0x400, 1, 0x400, 0, 0));
    ask(0x03, block(data, 0), checksum(data));
    expect(flash.read(0, 0x400)).toEqual(data);
  });
});

describe('what silicon refuses is refused', () => {
  it('a SYNC that is not the one', () => {
    expect(build().ask(0x08, Buffer.alloc(36))).toEqual([refused('08', '05')]);
  });

  it.each([
    [0x0a, 8],
    [0x09, 12],
    [0x0b, 20],
    [0x05, 12],
    [0x06, 4],
    [0x04, 0],
    [0x13, 8],
    [0x0f, 4],
  ])('command %i of %i bytes', (code, sizeBytes) => {
    expect(build().ask(code, Buffer.alloc(sizeBytes))).toEqual([refused(code.toString(16).padStart(2, '0'), '05')]);
  });

  it('a block before its beginning, longer than it says, or short of a whole one', () => {
    const { ask } = build();
    const data = new Uint8Array(0x400);
    ask(0x0d, words(0, 0));
    expect(ask(0x03, block(data, 0), checksum(data))).toEqual([refused('03', '06')]);
    ask(0x02, words(0x400, 1, 0x400, 0, 0));
    expect(ask(0x03, Buffer.concat([block(data, 0), Buffer.alloc(4)]), checksum(data))).toEqual([refused('03', '05')]);
    expect(ask(0x03, block(data.subarray(0, 100), 0), checksum(data.subarray(0, 100)))).toEqual([refused('03', '05')]);
    expect(ask(0x03, block(data, 1), checksum(data))).toEqual([refused('03', '06')]);
    expect(ask(0x03, block(data, 0), checksum(data))).toEqual([ok('03')]);
  });

  it.each([
    ['the flash that there is', 16 * 1024 * 1024, 8 * 1024 * 1024],
    ['the size that was set', 2 * 1024 * 1024, 2 * 1024 * 1024],
    ['four megabytes, until a size is set', null, 4 * 1024 * 1024],
  ])('writing, reading, erasing and hashing beyond %s', (_what, setBytes, end) => {
    const { ask, startStub } = build();
    startStub();
    if (setBytes !== null) ask(0x0b, words(0, setBytes, 0x10000, 0x1000, 0x100, 0xffff));
    for (const [code, data] of [
      [0x02, words(0x1000, 1, 0x4000, end - 0x800, 0)],
      [0x10, words(0x1000, 1, 0x4000, end - 0x800, 0)],
      [0x13, words(end - 0x800, 0x1000, 0, 0)],
      [0xd1, words(end, 0x1000)],
      [0xd2, words(end - 0x800, 0x1000, 0x1000, 64)],
    ] as const)
      expect(ask(code, data)[0]).toMatch(/c400$/);
    expect(ask(0x13, words(end - 0x1000, 0x1000, 0, 0))[0]).toMatch(/0000$/);
  });

  it('RAM blocks above 6 KiB, above 2 KiB over USB-OTG', () => {
    const begin = (port: LoaderPort, blockBytes: number) => build({ port }).ask(0x05, words(64, 1, blockBytes, 0x40378000));
    expect(begin('uart', 0x1800)).toEqual([ok('05')]);
    expect(begin('uart', 0x1801)).toEqual([refused('05', '05')]);
    expect(begin('usb-otg', 0x1800)).toEqual([refused('05', '05')]);
  });

  it('an end before the last block, and one without a beginning from the stub', () => {
    const { ask, startStub } = build();
    startStub();
    expect(ask(0x04, words(1))[0]).toMatch(/c600$/);
    ask(0x02, words(0x8000, 2, 0x4000, 0, 0));
    expect(ask(0x04, words(1))[0]).toMatch(/c800$/);
  });

  it('a stream that inflates to more, or less, than was announced', () => {
    const late = (announced: number) => {
      const { ask, startStub } = build();
      startStub();
      const packed = deflateSync(Buffer.alloc(1000, 7));
      ask(0x10, words(announced, 1, 0x4000, 0, 0));
      ask(0x11, block(packed, 0), checksum(packed));
      return ask(0x12, words(1))[0]?.slice(-4);
    };
    expect([late(999), late(1000), late(1001)]).toEqual(['c900', '0000', 'c800']);
  });

  it('a rate change with a wrong old rate: the stub comes out at a rate that nobody asked for', () => {
    const { ask, startStub, events } = build();
    startStub();
    expect(ask(0x0f, words(921_600, 0))[0]).toMatch(/c000$/);
    ask(0x0f, words(921_600, 230_400));
    ask(0x0f, words(921_600, 460_800));
    expect(events).toEqual(['baud 460800', 'baud 921600']);
  });

  it.each([
    ['of more than was sent', words(9)],
    ['that is none', Buffer.of(1, 2)],
  ])('a reading is ended by an acknowledgement %s', (_what, acknowledgement) => {
    const { ask, startStub, loader, received } = build();
    startStub();
    expect(ask(0xd2, words(0x3000, 12, 4, 2))).toHaveLength(3);
    loader.receive(encodeSlip(acknowledgement));
    // What was sent until then is what the digest is of.
    expect(received().at(-1)).toBe(createHash('md5').update(new Uint8Array(8).fill(0xff)).digest('hex'));
    expect(ask(0x0a, words(0x40001000))).toHaveLength(1);
  });

  it('a power cut in a compressed stream leaves what had been inflated', () => {
    const { ask, startStub, loader, flash } = build();
    startStub();
    const plain = Buffer.concat(Array.from({ length: 2000 }, (_, index) => createHash('md5').update(String(index)).digest()));
    const packed = deflateSync(plain);
    ask(0x10, words(plain.length, Math.ceil(packed.length / 0x4000), 0x4000, 0, 0));
    const first = packed.subarray(0, 0x4000);
    ask(0x11, block(first, 0), checksum(first));
    loader.stop();
    expect(Buffer.from(flash.read(0, 0x3000)).equals(plain.subarray(0, 0x3000))).toBe(true);
    expect(flash.read(plain.length - 4, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });
});

describe('the stub', () => {
  it('answers with two status bytes, SYNC with 0, and the digest raw', () => {
    const { ask, startStub } = build();
    startStub();
    expect(ask(0x08, Buffer.from(`07071220${'55'.repeat(32)}`, 'hex'))[7]).toBe('0108020000000000' + '0000');
    const digest = createHash('md5').update(new Uint8Array(16).fill(0xff)).digest('hex');
    expect(ask(0x13, words(0, 16, 0, 0))).toEqual([`0113120000000000${digest}0000`]);
  });

  it('inflates across blocks, and tells a bad stream with the command after the last block', () => {
    const { ask, startStub, flash } = build();
    startStub();
    const plain = Buffer.from('talkbench '.repeat(3000));
    const packed = deflateSync(plain);
    const half = Math.ceil(packed.length / 2);
    ask(0x10, words(plain.length, 2, half, 0x2000, 0));
    ask(0x11, block(packed.subarray(0, half), 0), checksum(packed.subarray(0, half)));
    ask(0x11, block(packed.subarray(half), 1), checksum(packed.subarray(half)));
    expect(Buffer.from(flash.read(0x2000, plain.length))).toEqual(plain);

    ask(0x10, words(100, 1, 0x4000, 0x2000, 0));
    const bad = Uint8Array.of(1, 2, 3);
    expect(ask(0x11, block(bad, 0), checksum(bad))[0]).toMatch(/0000$/);
    expect(ask(0x0a, words(0))[0]).toMatch(/c700$/);
  });

  it('reads flash in acknowledged packets that end with their digest', () => {
    const { ask, startStub, loader, flash } = build();
    startStub();
    const data = Buffer.from('0123456789');
    flash.program(0x3000, data);
    const answers = ask(0xd2, words(0x3000, 10, 4, 2));
    expect(answers.slice(1).map((answer) => Buffer.from(answer, 'hex').toString())).toEqual(['0123', '4567']);
    loader.receive(encodeSlip(words(4)));
    loader.receive(encodeSlip(words(10)));
    expect(ask(0x0a, words(0))).toHaveLength(1); // it listens to commands again
  });

  it('erases whole sectors only, and the chip', () => {
    const { ask, startStub, flash } = build();
    startStub();
    flash.program(0x1000, Uint8Array.of(0));
    expect(ask(0xd1, words(0x1001, 0x1000))[0]).toMatch(/c400$/);
    ask(0xd1, words(0x1000, 0x1000));
    expect(flash.read(0x1000, 1)).toEqual(Uint8Array.of(0xff));
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const { loader, ask } = build();
        loader.receive(noise);
        loader.receive(Uint8Array.of(0xc0));
        loader.receive(encodeSlip(Uint8Array.of(0)));
        expect(ask(0x0a, words(0x40001000)).at(-1)).toBe('010a040009000000' + '00000000');
      }),
    );
  });
});

describe('flash memory', () => {
  it('clears bits until it is erased, by sector', () => {
    const flash = new FlashMemory(0x4000);
    flash.program(0xffe, Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf0));
    flash.program(0xffe, Uint8Array.of(0x3c, 0x3c, 0x3c, 0x3c));
    expect([...flash.read(0xffd, 6)]).toEqual([0xff, 0x30, 0x30, 0x30, 0x30, 0xff]);
    flash.erase(0x1000, 1);
    expect([...flash.read(0xffd, 6)]).toEqual([0xff, 0x30, 0x30, 0xff, 0xff, 0xff]);
  });
});
