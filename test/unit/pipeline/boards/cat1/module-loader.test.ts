import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { madeUpAgentboot } from '../../../../../pipeline/boards/cat1/made-up-agentboot.ts';
import { ModuleFlash } from '../../../../../pipeline/boards/cat1/module-flash.ts';
import { ModuleLoader, type ModuleLoaderOptions } from '../../../../../pipeline/boards/cat1/module-loader.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const DL = '00d3022b';
const AG = 'aad3022b';
const LPC = 'cdd3022b';

/** A module in download mode and a host that writes by hand: these bytes are not made by the bench's own code. */
function bench(options: Partial<ModuleLoaderOptions> = {}) {
  const clock = new VirtualClock(1_000_000);
  const flash = new ModuleFlash(options.chip ?? 'ec618');
  const gone: string[] = [];
  const loader = new ModuleLoader(
    { clock, chip: 'ec618', flash, ...options },
    { began: () => {}, finished: () => {}, gone: (why) => void gone.push(why) },
  );
  const heard: Uint8Array[] = [];
  loader.uart.onTransmit((data) => void heard.push(data));
  return {
    clock,
    flash,
    gone,
    /** What it says to these bytes. */
    async say(...parts: (string | Uint8Array)[]): Promise<string> {
      heard.length = 0;
      loader.uart.receive(
        Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part.replaceAll(' ', ''), 'hex') : part))),
      );
      await clock.advance(100_000);
      return Buffer.concat(heard).toString('hex');
    },
  };
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

/** For the ROM: the data with the sum of all. */
function block(index: number, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from([0x32, index, 0xcd, 0x32]), u32(data.length), data]);
  return Buffer.concat([body, u32(body.reduce((sum, byte) => sum + byte, 0))]);
}

function header(image: Uint8Array, id = 0x4f424d49): Buffer {
  const bytes = Buffer.alloc(272);
  bytes.writeUInt32LE(0x10000001, 0);
  bytes.writeUInt32LE(0x54494d48, 4);
  bytes.writeUInt32LE(0x20180507, 8);
  bytes.writeUInt32LE(1, 16);
  bytes[20] = 0xee;
  bytes.writeUInt32LE(id, 64);
  bytes.writeUInt32LE(0x04010000, 72);
  bytes.writeUInt32LE(image.length, 76);
  createHash('sha256').update(image).digest().copy(bytes, 96);
  createHash('sha256').update(bytes).digest().copy(bytes, 32);
  return bytes;
}

describe('the mask ROM, as the capture of an EC618 has it', () => {
  test('word for word up to the header', async () => {
    const { say } = bench();
    expect(await say(DL)).toBe('');
    expect(await say(DL)).toBe(DL);
    expect(await say('20 00 CD 32 00 00 00 00')).toBe('2000cd32000c000000020100000002262120');
    expect(await say('21 00 CD 32 00 00 00 00')).toBe('2100cd320004484d4954');
    expect(await say('22 00 CD 32 00 00 00 00')).toBe('2200cd320000');
    expect(await say('31 00 CD 32 04 00 00 00 10 01 00 00')).toBe('3100cd32000410010000');
    expect(await say(block(0, header(new Uint8Array(100))))).toBe('3201cd320000');
    expect(await say('3A 00 CD 32 00 00 00 00')).toBe('3a00cd320000');
  });

  test('says nothing to the other words, to orders, or before it was woken', async () => {
    const { say } = bench();
    expect(await say(AG, AG)).toBe('');
    expect(await say(LPC, LPC)).toBe('');
    expect(await say('20 00 CD 32 00 00 00 00')).toBe('');
    await say(DL, DL);
    expect(await say('aa004cb300000000fe9c5271')).toBe('');
  });

  test('refuses what comes in the wrong order, with a wrong sum, length or index', async () => {
    const { say } = bench();
    await say(DL, DL);
    expect(await say('22 00 CD 32 00 00 00 00')).toBe('2200cd320100');
    expect(await say('31 00 CD 32 04 00 00 00 10 01 00 00')).toBe('3100cd320100');
    await say('21 00 CD 32 00 00 00 00', '22 00 CD 32 00 00 00 00');
    expect(await say(block(0, new Uint8Array(272)))).toBe('3201cd320100');
    expect(await say('31 00 CD 32 04 00 00 00 11 01 00 00')).toBe('3100cd320500');
    await say('31 00 CD 32 04 00 00 00 10 01 00 00');
    const spoilt = block(0, new Uint8Array(272));
    spoilt[20] = 1;
    expect(await say(spoilt)).toBe('3201cd320200');
    expect(await say(block(0, new Uint8Array(271)))).toBe('3201cd320300');
    expect(await say(block(1, new Uint8Array(272)))).toBe('3202cd320100');
    expect(await say('3A 00 CD 32 00 00 00 00')).toBe('3a00cd320100');
  });

  test('refuses a header whose hash is wrong', async () => {
    const { say } = bench();
    await say(DL, DL, '21 00 CD 32 00 00 00 00', '22 00 CD 32 00 00 00 00', '31 00 CD 32 04 00 00 00 10 01 00 00');
    const wrong = header(new Uint8Array(100));
    wrong[70] = 1;
    await say(block(0, wrong));
    expect(await say('3A 00 CD 32 00 00 00 00')).toBe('3a00cd320400');
  });

  test('acknowledges a block again whose answer was lost', async () => {
    const { say } = bench();
    await say(DL, DL, '21 00 CD 32 00 00 00 00', '22 00 CD 32 00 00 00 00', '31 00 CD 32 04 00 00 00 10 01 00 00');
    const good = block(0, header(new Uint8Array(100)));
    expect(await say(good)).toBe('3201cd320000');
    expect(await say(good)).toBe('3201cd320000');
    expect(await say('3A 00 CD 32 00 00 00 00')).toBe('3a00cd320000');
  });

  test('a request that stops in the middle is forgotten', async () => {
    const { say, clock } = bench();
    await say(DL, DL);
    await say('20 00 CD 32 00');
    await clock.advance(400_000);
    expect(await say('20 00 CD 32 00 00 00 00')).toMatch(/^2000cd32000c/);
  });

  test('is mute without DTR', async () => {
    const clock = new VirtualClock(0);
    const loader = new ModuleLoader(
      { clock, chip: 'ec618', flash: new ModuleFlash('ec618') },
      { began: () => {}, finished: () => {}, gone: () => {} },
    );
    const heard: Uint8Array[] = [];
    loader.uart.onTransmit((data) => void heard.push(data));
    loader.uart.setLines({ dtr: false, rts: false });
    loader.uart.receive(Buffer.from(DL + DL, 'hex'));
    expect(heard).toEqual([]);
  });
});

/** With its CRC-32, which the wire length is no part of. */
const ok = (body: string) => body + u32(crc32(Buffer.from(body, 'hex'))).toString('hex');

describe('the agentboot', () => {
  test('takes the orders of the fact sheet’s golden frames', async () => {
    const { say } = bench({ isResident: true, chip: 'ec718' });
    await say(LPC, LPC);
    expect(await say('42004cb30400009e49424b44d2a79621')).toBe(ok('42004cb30000'));
    expect(await say('44004cb300000000adab08e7')).toBe(ok('44004cb3000401000000'));
    expect(await say('10004cb30800002500100000000080009ac55821')).toBe(ok('10004cb30000'));
    // A chip whose modem has no flash of its own.
    expect(await say('42004cb3060000d14942504301e13657d1f2')).toBe(ok('42004cb30500'));
    expect(await say('aa004cb300000000fe9c5271')).toBe(ok(`aa004cb30008${Buffer.from('ZzZzZzZz').toString('hex')}`));
  });

  test('an EC618’s modem has one, and that is how it wants it said', async () => {
    const { say } = bench({ isResident: true });
    await say(LPC, LPC);
    expect(await say('42004cb30400009e49425043ebf9c416')).toBe(ok('42004cb30500'));
    expect(await say('42004cb3060000d14942504301e13657d1f2')).toBe(ok('42004cb30000'));
  });

  test('refuses a wrong check, and a length whose check is wrong', async () => {
    const { say } = bench({ isResident: true, chip: 'ec718' });
    await say(LPC, LPC);
    expect(await say('42004cb30400009e49424b44d2a79622')).toBe(ok('42004cb30200'));
    expect(await say('42004cb30400009f49424b44d2a79621')).toBe(ok('42004cb30200'));
  });

  test('left by an earlier job it says so to the other words, and takes orders', async () => {
    const { say } = bench({ isResident: true });
    expect(await say(DL, DL)).toBe('eed3022b');
    expect(await say(AG, AG)).toBe('eed3022b');
    expect(await say(LPC, LPC)).toBe(LPC);
    expect(await bench({ isResident: true, tellsResident: false }).say(DL, DL)).toBe('');
  });

  test('takes orders only when woken for them, images only when one was ordered', async () => {
    const { say } = bench({ isResident: true, chip: 'ec718' });
    expect(await say('42004cb30400009e49424b44d2a79621')).toBe('');
    expect(await say('2000cd3200000000b35bc3ea')).toBe('');
    await say(LPC, LPC, '42004cb30400009e49424b44d2a79621');
    expect(await say(AG, AG)).toBe(AG);
    expect(await say('2100cd32000000002d5b6926')).toBe(ok('2100cd320004484d4954'));
    // It listens for an image now.
    expect(await say('aa004cb300000000fe9c5271')).toBe('');
  });

  test('an erase that reaches the calibration data is remembered', async () => {
    const { say, flash } = bench({ isResident: true, chip: 'ec718' });
    await say(LPC, LPC);
    const body = Buffer.concat([Buffer.from([0x10, 0, 0x4c, 0xb3]), u32(8), u32(0x1000), u32(0xbf2000)]);
    const wire = Buffer.concat([body, u32(crc32(body))]);
    wire[7] = 0x25;
    expect(flash.isCalibrated).toBe(true);
    expect(await say(wire)).toBe(ok('10004cb30000'));
    expect(flash.isCalibrated).toBe(false);
  });

  test('made for the other port, it does not speak on this one', async () => {
    const { say } = bench();
    const image = madeUpAgentboot('ec618', 'uart');
    await say(
      DL,
      DL,
      '21 00 CD 32 00 00 00 00',
      '22 00 CD 32 00 00 00 00',
      '31 00 CD 32 04 00 00 00 10 01 00 00',
      block(0, header(image)),
      '3A 00 CD 32 00 00 00 00',
    );
    await say(DL, DL, '21 00 CD 32 00 00 00 00', '22 00 CD 32 00 00 00 00');
    for (let at = 0, index = 0; at < image.length; at += 0x400, index++) {
      await say(
        Buffer.concat([Buffer.from('3100cd3204000000', 'hex'), u32(image.length - at)]),
        block(index, image.subarray(at, at + 0x400)),
      );
    }
    expect(await say('3A 00 CD 32 00 00 00 00')).toBe('3a00cd320000');
    expect(await say(LPC, LPC)).toBe('');
  });
});
