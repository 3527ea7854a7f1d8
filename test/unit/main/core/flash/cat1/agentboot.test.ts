import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseAgentboot, isAgentbootName, readAgentboot } from '../../../../../../main/core/flash/cat1/agentboot.ts';
import { familyIn, familyOfRom } from '../../../../../../main/core/flash/cat1/families.ts';
import { isTalkError } from '../../../../../../preload/contract/errors.ts';
import { madeImage } from '../../../../../fakes/module-package.ts';

const blob = madeImage(0x8af0, 1);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentboot-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As FlashToolCLI has it. */
function put(path: string, data: Uint8Array = blob): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, data);
  return file;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isTalkError(error) ? error.value : error;
}

const wanted = { family: 'ec718m', transport: 'usb' } as const;

test('what is no file of that size is not read into memory', async () => {
  const path = put('agentboot.bin');
  truncateSync(path, 2 ** 30);
  expect(await failure(chooseAgentboot({ path }, [], wanted))).toMatchObject({ code: 'too-large' });
});

describe('chips by their names', () => {
  test.each([
    ['EC718PM_PRD', 'ec718m'],
    ['EC718HM', 'ec718m'],
    ['YCOM_718PM', 'ec718m'],
    ['ec718m_products', 'ec718m'],
    ['EC718P_PRD', 'ec718'],
    ['EC718SEF_PRD', 'ec718'],
    ['EC716S_PRD', 'ec716'],
    ['EC618_CUSTOM', 'ec618'],
    ['QCX217_PRD', 'ec217'],
    ['ec7xx', 'ec7xx'],
    ['ESP32', null],
    ['718', null],
  ])('%s is %s', (text, family) => expect(familyIn(text)).toBe(family));

  test('by their ROMs', () => {
    // The EC618's is of a capture, the others' are of a vendor's ini files.
    expect(familyOfRom(Buffer.from('000000020100000002262120', 'hex'))).toBe('ec618');
    expect(familyOfRom(Buffer.from('000003030100000000000000', 'hex'))).toBe('ec718m');
    expect(familyOfRom(Buffer.from('000000090900000000000000', 'hex'))).toBeNull();
    expect(familyOfRom(new Uint8Array())).toBeNull();
  });
});

describe('an agentboot given as a file', () => {
  test('says by its folders what it is for', async () => {
    const path = put('product_sets/ec718m_products/common_data/agentboot_usb/agentboot.bin');
    expect(await chooseAgentboot({ path }, [], wanted)).toMatchObject({ families: ['ec718m'], transport: 'usb' });
  });

  test('of another chip is refused, and so is the one for the other port', async () => {
    const other = put('product_sets/ec618_products/common_data/agentboot_usb/agentboot.bin');
    expect(await failure(chooseAgentboot({ path: other }, [], wanted))).toMatchObject({
      code: 'flash/wrong-agentboot',
      data: { expected: 'ec718m', actual: 'ec618' },
    });
    const uart = put('ec718m_uart.bin');
    expect(await failure(chooseAgentboot({ path: uart }, [], wanted))).toMatchObject({
      code: 'flash/wrong-agentboot',
      data: { expected: 'ec718m, usb', actual: 'ec718m, uart' },
    });
  });

  test('whose name says nothing says it within, if it names one chip only', () => {
    const naming = (...names: string[]) => {
      const data = Uint8Array.from(blob);
      for (const [at, name] of names.entries()) data.set(Buffer.from(`${name}\0`), 0x1000 * (at + 1));
      return readAgentboot('agentboot.bin', data).families;
    };
    expect(naming('EC618')).toEqual(['ec618']);
    expect(naming('EC718HM', 'ec718m')).toEqual(['ec718m']);
    expect(naming('EC618', 'EC718')).toBeNull();
    expect(naming()).toBeNull();
  });

  test.each([
    // The first eight bytes of real ones.
    ['ec618_usb', '18ca430071204200', ['ec618']],
    ['ec716_uart', 'b8c4430071204200', ['ec716']],
    ['ec718m_usb', '10b9100071104000', ['ec718m']],
    ['agentboot', '08c9430071204200', ['ec217', 'ec618', 'ec716', 'ec718']],
    ['agentboot', 'e0b8100071104000', ['ec718m']],
    // A wrong name does not help it.
    ['ec718m_usb', '48c5430071204200', ['ec217', 'ec618', 'ec716', 'ec718']],
    ['ec618_usb', '10b9100071104000', ['ec718m']],
  ])('%s that is made to run as %s tells is for %j', (name, vectors, expected) => {
    const data = Uint8Array.from(blob);
    data.set(Buffer.from(vectors, 'hex'));
    expect(readAgentboot(`${name}.bin`, data).families).toEqual(expected);
  });

  test('that speaks of its UART is for one', () => {
    const data = Uint8Array.from(blob);
    data.set(Buffer.from('CheckUartRWTimeOut end, start %x'), 0x3000);
    expect(readAgentboot('agentboot.bin', data).transport).toBe('uart');
  });

  test('of no such size is none', async () => {
    expect(await failure(chooseAgentboot({ path: put('agentboot.bin', new Uint8Array(100)) }, [], wanted))).toMatchObject({
      code: 'flash/bad-file',
    });
    expect(await failure(chooseAgentboot({ data: new Uint8Array(1_000_000) }, [], wanted))).toMatchObject({ code: 'flash/bad-file' });
  });

  test('that is not there', async () => {
    expect(await failure(chooseAgentboot({ path: join(folder, 'nowhere.bin') }, [], wanted))).toMatchObject({
      code: 'flash/bad-file',
      data: { reason: 'ENOENT' },
    });
  });
});

describe('an agentboot given as a folder', () => {
  test('is the one for this chip and this port, and not the one for another crystal', async () => {
    for (const family of ['ec618', 'ec718', 'ec718m'])
      for (const transport of ['usb', 'uart']) {
        put(`product_sets/${family}_products/common_data/agentboot_${transport}/agentboot.bin`);
        put(`product_sets/${family}_products/common_data/agentboot_${transport}_26m/agentboot.bin`);
      }
    put('product_sets/ec718m_products/common_data/readme.txt');
    const chosen = await chooseAgentboot({ path: folder }, [], wanted);
    expect(chosen?.name).toBe(join(folder, 'product_sets/ec718m_products/common_data/agentboot_usb/agentboot.bin'));
  });

  test('with none in it', async () => {
    expect(await failure(chooseAgentboot({ path: folder }, [], wanted))).toMatchObject({
      code: 'flash/no-agentboot',
      data: { chip: 'ec718m', transport: 'usb', path: folder },
    });
  });

  test('with those of other chips only', async () => {
    put('product_sets/ec618_products/common_data/agentboot_usb/agentboot.bin');
    expect(await failure(chooseAgentboot({ path: folder }, [], wanted))).toMatchObject({ code: 'flash/wrong-agentboot' });
  });
});

describe('an agentboot that came with the package', () => {
  const file = (name: string) => ({ offset: undefined, name, data: blob, path: null });

  test('is the one that fits', async () => {
    const among = [file('tool/ec618_usb.bin'), file('tool/ec718m_usb.bin'), file('tool/agentboot.bin')];
    expect((await chooseAgentboot(undefined, among, wanted))?.name).toBe('tool/ec718m_usb.bin');
    expect(await chooseAgentboot(undefined, [], wanted)).toBeNull();
  });

  test('has a name by which it is known', () => {
    for (const name of ['agentboot.bin', 'x/agentboot_usb/agentboot.bin', 'ec718m_uart.bin', 'AgentBoot.BIN'])
      expect(isAgentbootName(name)).toBe(true);
    for (const name of ['luatos.bin', 'agentboot.txt', 'ec718m.bin']) expect(isAgentbootName(name)).toBe(false);
  });
});
