import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPortOpener } from '../../../../../main/core/devices/open.ts';
import { type Bk7258Board, createBk7258Board } from '../../../../../pipeline/boards/bk7258/board.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { portOptions } from '../../../../../preload/contract/ports.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let clock: VirtualClock;
let board: Bk7258Board;
let heard: Uint8Array[];

const LINK_CHECK = '01e0fc0100';
const LINKED = '040e0501e0fc0100';

beforeEach(async () => {
  clock = new VirtualClock(1_000_000);
  board = await createBk7258Board({ clock, withPty: false });
  heard = [];
  board.uart.onTransmit((data) => void heard.push(data));
});
afterEach(() => board.close());

function reset(): void {
  board.uart.setLines({ dtr: false, rts: true });
  board.uart.setLines({ dtr: false, rts: false });
}

/** What it answers to that within a second. */
async function ask(hex: string): Promise<string> {
  heard.length = 0;
  board.uart.receive(Buffer.from(hex, 'hex'));
  await clock.advance(1_000_000);
  return Buffer.concat(heard).toString('hex');
}

async function linked(): Promise<void> {
  reset();
  expect(await ask(LINK_CHECK)).toBe(LINKED);
}

const sector = (address: string, byte: string) => `01e0fcfff4051007${address}${byte.repeat(4096)}`;
/** Its low status register, which its flash takes alone. */
const unprotect = '01e0fcfff403000d0100';

test('it listens for eight milliseconds after a reset, and not a moment longer', async () => {
  reset();
  await clock.advance(7900);
  expect(await ask(LINK_CHECK)).toBe(LINKED);
  reset();
  await clock.advance(8100);
  expect(await ask(LINK_CHECK)).toBe('');
});

test('unlinked it hears nothing else, and held in reset nothing at all', async () => {
  reset();
  expect(await ask('01e0fcfff405000e9f000000')).toBe('');
  board.uart.setLines({ dtr: false, rts: true });
  expect(await ask(LINK_CHECK)).toBe('');
});

test('a protected flash answers and keeps what it has', async () => {
  await linked();
  expect(await ask(sector('00000000', '55'))).toBe('040eff01e0fcf40600070000000000');
  expect(board.flash.read(0, 1)).toEqual(Uint8Array.of(0xff));
  expect(board.complaints).toEqual(['WRITE_SECTOR of a protected flash']);
  expect(await ask('01e0fcfff402000c05')).toBe('040eff01e0fcf404000c00051c');
  await ask(unprotect);
  await ask(sector('00000000', '55'));
  expect(board.flash.read(0, 1)).toEqual(Uint8Array.of(0x55));
});

test('its flash takes its status registers each in its own request, and says once that it is busy with that', async () => {
  await linked();
  await ask('01e0fcfff404000d010000');
  expect(board.status.value).toBe(0x021c);
  await ask(unprotect);
  await ask('01e0fcfff403000d3142');
  expect(board.status.value).toBe(0x4200);
  expect(await ask('01e0fcfff402000c05')).toBe('040eff01e0fcf404000c000503');
  expect(await ask('01e0fcfff402000c05')).toBe('040eff01e0fcf404000c000500');
});

test('another flash takes both in one, and clears the high one when it is not given', async () => {
  await board.close();
  board = await createBk7258Board({ clock, withPty: false, statusWrites: 'together' });
  board.uart.onTransmit((data) => void heard.push(data));
  await linked();
  await ask('01e0fcfff404000d010042');
  expect(board.status.value).toBe(0x4200);
  await ask('01e0fcfff403000d3102');
  expect(board.status.value).toBe(0x4200);
  await ask('01e0fcfff403000d0104');
  expect(board.status.value).toBe(0x0004);
});

test('what is written twice without erasing is the AND of both', async () => {
  await linked();
  await ask(unprotect);
  await ask(sector('00100000', '0f'));
  await ask(sector('00100000', '3c'));
  expect(board.flash.read(0x1000, 1)).toEqual(Uint8Array.of(0x0c));
  await ask('01e0fcfff406000f2000100000');
  expect(board.flash.read(0x1000, 1)).toEqual(Uint8Array.of(0xff));
});

test('its CRC is CRC-32 without the last inversion, its end the last byte', async () => {
  await linked();
  await ask(unprotect);
  board.flash.program(0x1000, Buffer.from('123456789'));
  // CBF43926, inverted.
  expect(await ask('01e0fc09100010000008100000')).toBe('040e0801e0fc10d9c60b34');
});

test('at another rate than its own nothing is understood', async () => {
  await linked();
  board.uart.setBaudRate(460_800);
  expect(await ask(LINK_CHECK)).toBe('');
});

test('beyond its flash, off its sectors, and while it is busy it does nothing', async () => {
  await linked();
  await ask(unprotect);
  expect(await ask('01e0fcfff406000f2000008000')).toBe('');
  expect(await ask('01e0fcfff406000fd800100000')).toBe('');
  board.uart.receive(Buffer.from('01e0fcfff406000fd800000000', 'hex'));
  expect(await ask('01e0fcfff402000c05')).toBe('040eff01e0fcf407000f00d800000000');
  expect(board.complaints).toHaveLength(3);
});

test('a request of which a part is missing is refused, or not answered', async () => {
  await linked();
  for (const short of ['01e0fc0103', '01e0fc020300', '01e0fc010f', '01e0fc0310ffff']) expect(await ask(short)).toBe('');
  for (const code of ['07', '0c', '0d', '0f']) expect(await ask(`01e0fcfff40100${code}`)).toBe(`040eff01e0fcf40200${code}04`);
  expect(board.complaints).toEqual([]);
  expect(await ask(LINK_CHECK)).toBe(LINKED);
});

test('it starts what was written, and says its version', async () => {
  board.flash.program(0, Buffer.from('..LuatOS@Air8101_V2013..'));
  reset();
  await clock.advance(200_000);
  expect(board.state).toBe('running');
  expect(Buffer.concat(heard).toString()).toContain('LuatOS@Air8101_V2013');
});

test.skipIf(process.platform === 'win32')('on a PTY, which has no lines, it is reset by whoever links', async () => {
  const onPty = await createBk7258Board({ clock: systemClock });
  try {
    if (onPty.ptyPath === null) throw new Error('no PTY');
    const port = await createPortOpener({ clock: systemClock, virtualBoards: new Map() })(onPty.ptyPath, portOptions.parse({}));
    const answered = Promise.withResolvers<void>();
    let received = '';
    port.onData((data) => {
      received += Buffer.from(data).toString('hex');
      if (received.includes(LINKED)) answered.resolve();
    });
    await port.write(Buffer.from(LINK_CHECK, 'hex'));
    await answered.promise;
    expect(onPty.state).toBe('download');
    await port.close();
  } finally {
    await onPty.close();
  }
});
