import { describe, expect, test } from 'vitest';
import { findFirmware, type ListedFile, listPicked } from '../../../../../renderer/features/flash/dropped-files.ts';

const flasherArguments = JSON.stringify({ flash_files: { '0x0': 'bootloader/bootloader.bin', '0x10000': 'app.bin' } });

/** `opened` notes what was read. */
function listed(contents: Record<string, string>, opened: string[] = []): ListedFile[] {
  return Object.entries(contents).map(([path, text]) => ({
    path,
    open: async () => {
      opened.push(path);
      return new File([text], path.replace(/.*\//, ''));
    },
  }));
}

const names = ({ files }: { files: { name: string }[] }): string[] => files.map(({ name }) => name);

describe('what is taken of a drop', () => {
  test('of a project folder only what its build names, by the build’s own names, and nothing else is read', async () => {
    const opened: string[] = [];
    const found = await findFirmware(
      listed(
        {
          'project/build/flasher_args.json': flasherArguments,
          'project/build/app.bin': 'app',
          'project/build/bootloader/bootloader.bin': 'boot',
          'project/build/other.bin': 'huge',
          'project/build/bootloader/flasher_args.json': '{}',
        },
        opened,
      ),
    );
    expect(names(found)).toEqual(['flasher_args.json', 'bootloader/bootloader.bin', 'app.bin']);
    expect(found.isWhole).toBe(true);
    expect(opened).not.toContain('project/build/other.bin');
  });

  test('a flasher_args.json whose files are not with it comes along with whatever else can be flashed', async () => {
    const found = await findFirmware(listed({ 'flasher_args.json': flasherArguments, 'app.bin': 'app', 'notes.md': 'x' }));
    expect(names(found)).toEqual(['flasher_args.json', 'app.bin']);
    expect(found.isWhole).toBe(false);
  });

  test('a folder without a build gives its firmware under names within it; loose files are only added', async () => {
    const folder = await findFirmware(listed({ 'out/fw/a.bin': '', 'out/fw/sub/b.hex': '', 'out/readme.txt': '' }));
    expect([names(folder), folder.isWhole]).toEqual([['a.bin', 'sub/b.hex'], true]);
    const loose = await findFirmware(listed({ 'a.bin': '', 'photo.png': '' }));
    expect([names(loose), loose.isWhole]).toEqual([['a.bin'], false]);
  });

  test('a module’s package replaces what was there', async () => {
    expect((await findFirmware(listed({ 'luatos.soc': '' }))).isWhole).toBe(true);
  });

  test('a broken flasher_args.json, or none of use, is no mistake here: the core will say', async () => {
    expect(names(await findFirmware(listed({ 'flasher_args.json': '{', 'a.bin': '' })))).toEqual(['flasher_args.json', 'a.bin']);
    expect(names(await findFirmware(listed({ 'photo.png': '' })))).toEqual([]);
  });

  test('of a picked folder the inner life of a build is left out', () => {
    const picked = ['build/app.bin', 'build/CMakeFiles/x.bin', 'build/esp-idf/main/y.bin'].map((path) => {
      const file = new File([''], path.replace(/.*\//, ''));
      Object.defineProperty(file, 'webkitRelativePath', { value: path });
      return file;
    });
    expect(listPicked(picked).map(({ path }) => path)).toEqual(['build/app.bin']);
  });
});
