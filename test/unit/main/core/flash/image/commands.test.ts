import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandsOf } from '../../../../../../main/core/flash/image/commands.ts';
import { flashOptions, type RequestedFlashOptions } from '../../../../../../preload/contract/flash.ts';
import { app, bootloader, demoTable, prepare, upload } from './esp-files.ts';

const linesOf = async (
  files: Parameters<typeof prepare>[0],
  options: RequestedFlashOptions = {},
  provisioning: Parameters<typeof prepare>[2] = null,
) => (await prepare(files, options, provisioning)).plan.commands.map(({ line }) => line);

describe('the equivalent command', () => {
  it('says what differs from the defaults to our own, and everything to esptool', async () => {
    expect(await linesOf([upload('b.bin', bootloader), upload('t.bin', demoTable), upload('app.bin', app)])).toEqual([
      'talkbench flash --port PORT 0x0=b.bin 0x8000=t.bin 0x10000=app.bin',
      'esptool --chip esp32s3 --port PORT --baud 460800 --before default-reset --after hard-reset write-flash 0x0 b.bin 0x8000 t.bin 0x10000 app.bin',
    ]);
    const options = {
      baudRate: 115200,
      after: 'stay',
      before: 'D0|R1|W0.1|R0',
      useStub: false,
      compress: false,
      skipUnchanged: false,
    } as const;
    const header = { flashMode: 'dio', flashFrequency: '80m', flashSize: '8MB' } as const;
    expect(
      await linesOf([upload('app.bin', app)], {
        ...options,
        ...header,
        eraseAll: true,
        verify: false,
        force: true,
        expectChip: 'ESP32-S3',
      }),
    ).toEqual([
      "talkbench flash --port PORT --baud 115200 --before 'D0|R1|W0.1|R0' --after stay --chip ESP32-S3 --no-stub --no-compress " +
        '--no-skip-unchanged --no-verify --erase-all --force --flash-mode dio --flash-freq 80m --flash-size 8MB 0x10000=app.bin',
      'esptool --chip esp32s3 --port PORT --baud 115200 --after no-reset --no-stub write-flash ' +
        '--flash-mode dio --flash-freq 80m --flash-size 8MB --no-compress --erase-all --force 0x10000 app.bin',
    ]);
  });

  it('is our own alone for values without firmware: esptool does not look into the board’s table', () => {
    const nothing = { regions: [], nvs: null, options: flashOptions.parse({}), expectChip: null, buildFolder: null };
    expect(commandsOf(nothing)).toEqual([{ tool: 'talkbench', line: 'talkbench flash --port PORT' }]);
  });

  it('has the board’s own values where esptool needs a file of them', async () => {
    const [ours, esptool] = await linesOf([upload('t.bin', demoTable)], {}, { partition: 'nvs' });
    expect(ours).not.toContain('nvs');
    expect(esptool).toMatch(/0x8000 t\.bin 0x9000 nvs\.bin$/);
  });

  it('is read by a shell as it was meant, whatever a file is called', async () => {
    const names = ["it's $(reboot).bin", '-rf', 'two\nlines\x1b[2J', '<b>&;|*?', '中文 固件.bin'];
    const lines = await linesOf(names.map((name, index) => upload(name, Uint8Array.of(index), 0x10000 * index)));
    const words = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${lines[1]?.split('write-flash ').at(-1) ?? ''}`], { encoding: 'utf8' });
    expect(words.trimEnd().split('\n')).toEqual([
      '0x0',
      "it's $(reboot).bin",
      '0x10000',
      './-rf',
      '0x20000',
      'two�lines�[2J',
      '0x30000',
      '<b>&;|*?',
      '0x40000',
      '中文 固件.bin',
    ]);
  });

  it('gives a file that was taken apart once, and no address to one that says its own', async () => {
    const hex = new TextEncoder().encode(':020000040001F9\n:0100000001FE\n:020000040003F7\n:0100000002FD\n:00000001FF\n');
    const [ours, esptool] = await linesOf([upload('x.hex', hex)]);
    expect(ours).toMatch(/PORT x\.hex$/);
    expect(esptool).toMatch(/write-flash 0x10000 x\.hex$/);
  });
});
