import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PortNames } from '../../../../../main/core/devices/port-names.ts';
import { ownerOf } from '../../../../../main/core/devices/port-owner.ts';
import { permissionHelp } from '../../../../../main/core/devices/port-permission.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-ports-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe.runIf(process.platform === 'linux')('who holds a port', () => {
  test('another program, by name and process', async () => {
    const path = join(folder, 'device');
    await writeFile(path, '');
    const child = spawn('sh', ['-c', 'exec 3<"$0"; echo open; read line', path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(await ownerOf(path)).toEqual({ owner: `sh, ${child.pid}`, pid: child.pid });
    child.stdin.end();
    await once(child, 'exit');
    expect(await ownerOf(path)).toBeNull();
  });

  test('a program that an interpreter runs is named by its script', async () => {
    const path = join(folder, 'device');
    await writeFile(path, '');
    const script = join(folder, 'holder.mjs');
    await writeFile(
      script,
      "import { openSync } from 'node:fs'; openSync(process.argv[2], 'r'); console.log('open'); process.stdin.resume();",
    );
    const child = spawn(process.execPath, ['--no-warnings', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    expect(await ownerOf(path)).toEqual({ owner: `node holder.mjs, ${child.pid}`, pid: child.pid });
    child.stdin.end();
    child.kill();
    await once(child, 'exit');
  });

  test('ourselves', async () => {
    await using file = await open(join(folder, 'device'), 'w');
    expect(file.fd).toBeGreaterThan(0);
    expect(await ownerOf(join(folder, 'device'))).toMatchObject({ owner: `Talkbench, ${process.pid}` });
  });
});

describe('no permission', () => {
  test('the group of the device, how to join it, and a rule for the board', async () => {
    const path = join(folder, 'ttyUSB0');
    await writeFile(path, '');
    const groups = join(folder, 'group');
    await writeFile(groups, `root:x:0:\nuucp:x:${userInfo().gid === 0 ? 20 : userInfo().gid}:\n`);
    const help = await permissionHelp(path, { groups, list: async () => [{ path, vendorId: '10c4', productId: 'ea60' }] });
    // Root's own files name Debian's group: nobody is told to join root's.
    const group = userInfo().gid === 0 ? 'dialout' : 'uucp';
    expect(help).toEqual({
      group,
      command: `sudo usermod -aG ${group} $USER`,
      rule: `SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", ATTRS{idProduct}=="ea60", GROUP="${group}", MODE="0660", TAG+="uaccess"`,
    });
  });

  test('a port that is no USB device is named in the rule', async () => {
    const { rule } = await permissionHelp('/dev/ttyAMA9', { list: async () => [] });
    expect(rule).toContain('KERNEL=="ttyAMA9"');
  });
});

describe('names of boards', () => {
  const port = { address: '/dev/ttyUSB0', kind: 'serial', label: 'CP210x', identity: 'usb:10c4:ea60:ab12' } as const;

  test('follow the board, are kept, and can be taken away', async () => {
    const names = new PortNames(folder);
    await names.set(port.identity, { name: 'kitchen', colour: 'green' });
    const moved = { ...port, address: '/dev/ttyUSB7' };
    expect(await new PortNames(folder).applyTo([moved])).toEqual([{ ...moved, label: 'kitchen', name: 'kitchen', colour: 'green' }]);
    await names.set(port.identity, { name: '', colour: null });
    expect(await new PortNames(folder).applyTo([moved])).toEqual([moved]);
  });

  test('a colour alone leaves the label', async () => {
    const names = new PortNames(folder);
    await names.set(port.identity, { name: '', colour: 'red' });
    expect(await names.applyTo([port])).toEqual([{ ...port, colour: 'red' }]);
  });

  test('a spoilt file is no names', async () => {
    await writeFile(join(folder, 'port-names.json'), '{"a": 5}');
    expect(await new PortNames(folder).applyTo([port])).toEqual([port]);
  });
});
