import { describe, expect, it } from 'vitest';
import { createEspChip, type EspChipOptions } from '../../../../../pipeline/boards/esp/chip.ts';
import { buildDemoImages } from '../../../../../pipeline/boards/esp/demo-images.ts';
import { NoisyLine } from '../../../../../pipeline/boards/esp/faults.ts';
import { encodeSlip, SlipReceiver } from '../../../../../pipeline/boards/esp/slip.ts';
import { joinWithoutLines } from '../../../../../pipeline/boards/esp/without-lines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const second = 1_000_000;
const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const sync = Buffer.from(`07071220${'55'.repeat(32)}`, 'hex');
const READ_MAGIC = words(0x40001000);

/** A chip in its loader, and the bytes and frames that the host gets from it. */
async function build(options: Partial<EspChipOptions> = {}) {
  const clock = new VirtualClock();
  const chip = createEspChip({ name: 'bench', clock, ...options });
  const frames: Buffer[] = [];
  const receiver = new SlipReceiver(70_000);
  let said = '';
  chip.uart.onTransmit((data) => {
    said += Buffer.from(data).toString('latin1');
    for (const frame of receiver.receive(data)) frames.push(Buffer.from(frame));
  });
  chip.powerOn();
  chip.pressReset('download');
  await clock.advance(1000);
  const request = (code: number, data: Uint8Array = new Uint8Array(), checksum = 0) => {
    const header = Buffer.alloc(8);
    header[1] = code;
    header.writeUInt16LE(data.length, 2);
    header.writeUInt32LE(checksum, 4);
    return encodeSlip(Buffer.concat([header, data]));
  };
  return {
    clock,
    chip,
    frames,
    said: () => said,
    request,
    ask: (code: number, data?: Uint8Array, checksum?: number) => {
      frames.length = 0;
      chip.uart.receive(request(code, data, checksum));
      return frames.map((frame) => frame.toString('hex'));
    },
  };
}

const block = (data: Uint8Array, sequence: number) => Buffer.concat([words(data.length, sequence, 0, 0), data]);
const checksum = (data: Uint8Array) => data.reduce((sum, byte) => sum ^ byte, 0xef);

describe('a power cut', () => {
  it('comes after the command it was ordered for, once', async () => {
    const { chip, ask, clock } = await build({ faults: { powerCut: { afterCommands: 3 } } });
    ask(0x0a, READ_MAGIC);
    ask(0x0a, READ_MAGIC);
    expect(chip.state).toBe('download');
    ask(0x0a, READ_MAGIC);
    expect(chip.state).toBe('off');
    expect(ask(0x0a, READ_MAGIC)).toEqual([]);
    await clock.advance(60 * second);
    expect(chip.state).toBe('off');
    chip.powerOn();
    chip.pressReset('download');
    for (let count = 0; count < 5; count++) ask(0x0a, READ_MAGIC);
    expect(chip.state).toBe('download');
  });

  it('in the middle of a block leaves what was written before it, and nothing of it', async () => {
    const first = new Uint8Array(0x400).fill(1);
    const afterBytes = encodeSlip(Buffer.alloc(8 + 8)).length + encodeSlip(Buffer.alloc(8 + 20)).length + (8 + 16 + 0x400 + 2) + 500;
    const { chip, ask } = await build({ faults: { powerCut: { afterBytes } } });
    ask(0x0d, words(0, 0));
    ask(0x02, words(0x800, 2, 0x400, 0x1000, 0));
    ask(0x03, block(first, 0), checksum(first));
    expect(chip.state).toBe('download');
    ask(0x03, block(first, 1), checksum(first));
    expect(chip.state).toBe('off');
    expect(chip.flash.read(0x1000, 0x400)).toEqual(first);
    expect(chip.flash.read(0x1400, 0x400)).toEqual(new Uint8Array(0x400).fill(0xff));
  });

  it('ends when it was said to: the board boots what it has', async () => {
    const { chip, ask, clock } = await build({ faults: { powerCut: { afterCommands: 1 } }, powerBackMs: 2000 });
    ask(0x0a, READ_MAGIC);
    await clock.advance(1.9 * second);
    expect(chip.state).toBe('off');
    await clock.advance(0.2 * second);
    expect(chip.state).toBe('booting');
  });
});

describe('a bad cable', () => {
  const data = Uint8Array.from({ length: 10_000 }, (_, index) => index % 256);
  const spoiled = (kind: 'flip' | 'drop' | 'insert', seed = 1, rate = 0.01) => new NoisyLine({ kind, rate, seed }).pass(data, 115_200);

  it('flips one bit of some bytes, drops some, puts some in, at about the rate', () => {
    const flipped = spoiled('flip');
    const differences = [...flipped].map((byte, index) => byte ^ (data[index] ?? 0)).filter((bits) => bits !== 0);
    expect(differences.every((bits) => (bits & (bits - 1)) === 0)).toBe(true);
    expect(flipped.length).toBe(data.length);
    for (const count of [differences.length, data.length - spoiled('drop').length, spoiled('insert').length - data.length]) {
      expect(count).toBeGreaterThan(50);
      expect(count).toBeLessThan(150);
    }
  });

  it('spoils the same bytes for the same seed, and others for another', () => {
    expect(spoiled('flip')).toEqual(spoiled('flip'));
    expect(spoiled('flip')).not.toEqual(spoiled('flip', 2));
  });

  it('carries everything at the rates it is good for, and spoils both directions above', async () => {
    const { ask } = await build({ faults: { noise: { kind: 'drop', rate: 1, aboveBaud: 230_400, seed: 1 } } });
    expect(ask(0x0f, words(230_400, 0))).toHaveLength(1);
    expect(ask(0x0a, READ_MAGIC)).toHaveLength(1);
    expect(ask(0x0f, words(460_800, 0))).toHaveLength(1);
    expect(ask(0x0a, READ_MAGIC)).toEqual([]);
  });
});

describe('a loader', () => {
  it('that answers late does so in the same order', async () => {
    const { clock, ask, frames } = await build({ faults: { lateAnswersMs: 80 } });
    expect(ask(0x08, sync)).toEqual([]);
    await clock.advance(79_000);
    expect(frames).toEqual([]);
    await clock.advance(1000);
    expect(frames).toHaveLength(8);
  });

  it('with an echo sends back what it was sent before its answer', async () => {
    const { ask, request } = await build({ faults: { echo: true } });
    const [echo, answer] = ask(0x0a, READ_MAGIC);
    expect(echo).toBe(Buffer.from(request(0x0a, READ_MAGIC).slice(1, -1)).toString('hex'));
    expect(answer).toBe('010a04000900000000000000');
  });

  it('whose stub does not start acknowledges the jump and is never heard of again, until it is reset', async () => {
    const { chip, ask, clock, said } = await build({ faults: { stubStarts: false } });
    const program = new Uint8Array(64);
    ask(0x05, words(64, 1, 0x1800, 0x40378000));
    ask(0x07, block(program, 0), checksum(program));
    expect(ask(0x06, words(0, 0x40378010))).toEqual(['010604000000000000000000']);
    expect(ask(0x08, sync)).toEqual([]);
    expect(said()).not.toContain('OHAI');
    chip.pressReset('download');
    await clock.advance(1000);
    expect(ask(0x08, sync)).toHaveLength(8);
  });

  it('of a flash that does not tell its size reads an identification with no capacity', async () => {
    const readId = async (options: Partial<EspChipOptions>) => {
      const { ask } = await build(options);
      ask(0x0d, words(0, 0));
      ask(0x09, words(0x60002028, 23, 0xffffffff, 0));
      ask(0x09, words(0x60002020, 0x7000009f, 0xffffffff, 0));
      ask(0x09, words(0x60002000, 1 << 18, 0xffffffff, 0));
      return ask(0x0a, words(0x60002058))[0]?.slice(8, 16);
    };
    expect(await readId({})).toBe('c8401700');
    expect(await readId({ faults: { flashTellsSize: false } })).toBe('c8400000');
  });

  it('over worn flash says that it wrote, and the flash keeps what it was', async () => {
    const { chip, ask } = await build({ faults: { wornFlash: { offset: 0x1010, sizeBytes: 2 } } });
    const data = new Uint8Array(0x400).fill(0x42);
    ask(0x0d, words(0, 0));
    ask(0x02, words(0x400, 1, 0x400, 0x1000, 0));
    expect(ask(0x03, block(data, 0), checksum(data))).toEqual(['010304000000000000000000']);
    expect([...chip.flash.read(0x100f, 4)]).toEqual([0x42, 0xff, 0xff, 0x42]);
  });
});

describe('wiring', () => {
  const flash = buildDemoImages().files;
  /** Each step: DTR, RTS, and how long until the next. */
  type Steps = readonly (readonly [dtr: boolean, rts: boolean, ms: number])[];
  const classic: Steps = [
    [false, true, 100],
    [true, true, 0],
    [true, false, 50],
    [false, false, 10],
  ];
  const usbSerialJtag: Steps = [
    [false, false, 100],
    [true, false, 100],
    [true, true, 0],
    [false, true, 100],
    [false, false, 10],
  ];
  const reset: Steps = [
    [false, true, 100],
    [false, false, 10],
  ];

  async function walk(options: Partial<EspChipOptions>, ...walks: readonly Steps[]) {
    const clock = new VirtualClock();
    const chip = createEspChip({ name: 'bench', clock, flash, ...options });
    let said = '';
    chip.uart.onTransmit((data) => {
      said += Buffer.from(data).toString('latin1');
    });
    const presence: boolean[] = [];
    chip.uart.presence?.onChange((isPresent) => presence.push(isPresent));
    chip.powerOn();
    await clock.advance(second);
    said = '';
    for (const steps of walks) {
      for (const [dtr, rts, ms] of steps) {
        chip.uart.setLines({ dtr, rts });
        await clock.advance(ms * 1000);
      }
    }
    return { chip, clock, presence, said: () => said };
  }

  it.each([
    ['auto', 'the classic sequence enters the loader', [classic], 'download'],
    ['auto', 'the sequence of USB Serial/JTAG only resets', [usbSerialJtag], 'booting'],
    ['no-io0', 'the classic sequence only resets', [classic], 'booting'],
    ['none', 'no sequence does anything', [classic, usbSerialJtag, reset], 'running'],
    ['usb-serial-jtag', 'the classic sequence only resets', [classic], 'booting'],
    ['usb-serial-jtag', 'its own sequence enters the loader', [usbSerialJtag], 'download'],
    ['usb-serial-jtag', 'a reset leaves it again', [usbSerialJtag, reset], 'booting'],
  ] as const)('%s: %s', async (wiring, _what, walks, state) => {
    const { chip } = await walk({ wiring }, ...walks);
    expect(chip.state).toBe(state);
  });

  it('of a board whose IO0 nothing pulls: the boot log says the wrong mode', async () => {
    const { said } = await walk({ wiring: 'no-io0' }, classic);
    expect(said()).toContain('boot:0x8 (SPI_FAST_FLASH_BOOT)');
  });

  it('by native USB: the host loses the board at each reset, and what it says meanwhile', async () => {
    const { chip, clock, presence, said } = await walk({ wiring: 'usb-serial-jtag', usbGoneMs: 300 }, usbSerialJtag);
    expect([chip.state, chip.uart.presence?.isPresent()]).toEqual(['download', false]);
    expect(said()).not.toContain('waiting for download');
    await clock.advance(300_000);
    expect(presence.slice(-2)).toEqual([false, true]);
    expect(chip.state).toBe('download');
  });

  it('by native USB without power: the host does not see the board; behind a UART it sees the bridge', async () => {
    for (const [wiring, isSeen] of [
      ['usb-serial-jtag', false],
      ['auto', true],
    ] as const) {
      const { chip } = await walk({ wiring });
      chip.powerOff();
      expect(chip.uart.presence?.isPresent()).toBe(isSeen);
      chip.powerOn();
      expect(chip.uart.presence?.isPresent()).toBe(true);
    }
  });

  it.each([
    ['auto', 'download'],
    ['none', 'running'],
    ['no-io0', 'running'],
  ] as const)('%s: a SYNC on a line without DTR and RTS finds the board at %s', async (wiring, state) => {
    const { chip, clock } = await walk({ wiring });
    const line = joinWithoutLines(chip, () => {});
    line.receive(encodeSlip(Buffer.concat([Buffer.from('0008240000000000', 'hex'), sync])));
    await clock.advance(1000);
    expect(chip.state).toBe(state);
    line.leave();
  });
});

describe('a paced UART', () => {
  it('carries a request and its answer in the time they take at the chip’s rate, and no faster than its limit', async () => {
    const { clock, ask, frames, request } = await build({ uartBaudLimit: 230_400 });
    await clock.advance(second); // the banner
    const bytes = request(0x0a, READ_MAGIC).length + encodeSlip(Buffer.from('010a04000900000000000000', 'hex')).length;
    for (const [baudRate, wireBaud] of [
      [115_200, 115_200],
      [921_600, 230_400],
    ] as const) {
      ask(0x0f, words(baudRate, 0));
      await clock.advance(second);
      const startedUs = clock.nowUs();
      ask(0x0a, READ_MAGIC);
      while (frames.length === 0) await clock.advance(100);
      const tookUs = clock.nowUs() - startedUs;
      const wireUs = (bytes * 1e7) / wireBaud;
      expect(tookUs).toBeGreaterThanOrEqual(wireUs);
      expect(tookUs).toBeLessThan(wireUs + 2 * 1000 + 200); // a grain each way
    }
  });
});
