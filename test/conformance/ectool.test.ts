import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBinpkg } from '../../main/core/flash/cat1/package/binpkg.ts';
import { ModuleFlash } from '../../pipeline/boards/cat1/module-flash.ts';
import { ModuleLoader } from '../../pipeline/boards/cat1/module-loader.ts';
import { openPty, type Pty } from '../../pipeline/boards/pty.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { madeBinpkg, madeImage } from '../fakes/module-package.ts';

/**
 * An implementation of the host's side that is not ours: openLuat/ectool2py, whose code needs cstruct and pyserial. TALKBENCH_ECTOOL
 * is the folder that Python finds `ectool` and `cstruct` in.
 */
const ectool = process.env.TALKBENCH_ECTOOL;
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const TIMEOUT_MS = 120_000;

/** A pseudo-terminal has no control lines, which pyserial takes for an error. */
const program = `
import serial.serialposix as posix, sys
posix.Serial._update_dtr_state = lambda self: None
posix.Serial._update_rts_state = lambda self: None
import ectool.eccli as cli
cli.main()
`;

const images = { bl: madeImage(0x1800, 6), ap: madeImage(0x22345, 7), cp: madeImage(0x8000, 8) };
const binpkg = madeBinpkg([
  { name: 'ap_bootloader', type: 'BL', address: 0, data: images.bl },
  { name: 'ap', type: 'AP', address: 0x24000, data: images.ap },
  { name: 'cp-demo-flash', type: 'CP', address: 0, data: images.cp },
]);

let folder: string;
let pty: Pty;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-ectool-'));
  pty = await openPty();
});
afterEach(async () => {
  await pty.close();
  await rm(folder, { recursive: true });
});

describe.skipIf(ectool === undefined)('ectool2py', () => {
  test('flashes the virtual EC618 with a package made by our tests, and resets it', { timeout: TIMEOUT_MS }, async () => {
    const flash = new ModuleFlash('ec618');
    const gone: string[] = [];
    // It asks for the image once, where the vendor's tool asks before each 64 KiB.
    const options = { clock: systemClock, chip: 'ec618', flash, wantsInfoPerPiece: false } as const;
    const loader = new ModuleLoader(options, { began: () => {}, finished: () => {}, gone: (why) => void gone.push(why) });
    pty.onData((data) => loader.uart.receive(data));
    loader.uart.onTransmit((data) => pty.write(data));
    const path = join(folder, 'made.binpkg');
    await writeFile(path, binpkg);
    const { stderr } = await promisify(execFile)(python, ['-c', program, 'burn', '-f', path, '-p', pty.path, '--sysreset'], {
      cwd: folder,
      timeout: TIMEOUT_MS,
      env: { ...process.env, PYTHONPATH: ectool },
    });
    expect(stderr).toContain('burn ok');
    expect(gone).toEqual(['reset']);
    const is = (store: 'common' | 'cp', at: number, image: Uint8Array) => Buffer.from(flash.read(store, at, image.length)).equals(image);
    expect([is('common', 0, images.bl), is('common', 0x24000, images.ap), is('cp', 0, images.cp)]).toEqual([true, true, true]);
    expect(flash.isCalibrated).toBe(true);
  });

  test('takes the same files out of a package as we do', { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, 'made.binpkg');
    await writeFile(path, binpkg);
    const script = `import json, ectool.unpkg as u; print(json.dumps({n: [f["image_type"], f["addr"], f["hash"]] for n, f in u.binpkg_unpack(${JSON.stringify(path)}, None, True).items()}))`;
    const { stdout } = await promisify(execFile)(python, ['-c', script], { cwd: folder, env: { ...process.env, PYTHONPATH: ectool } });
    const theirs = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, [string, number, string]>;
    const ours = readBinpkg(binpkg, path).entries;
    expect(Object.entries(theirs).map(([name, [type, address]]) => [name, type, address])).toEqual(
      ours.map(({ name, type, address }) => [name, type, address]),
    );
  });
});
