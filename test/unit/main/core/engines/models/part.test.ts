import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPart, requireSpace, writeFault, writeOrigin } from '../../../../../../main/core/engines/models/part.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-part-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isLinux = process.platform === 'linux';

describe('a disk that is full', () => {
  test('more than there is room for is refused before a byte is fetched', async () => {
    const path = join(folder, 'model.onnx');
    await requireSpace(path, 0);
    await expect(requireSpace(path, 2 ** 52)).rejects.toMatchObject({
      value: { code: 'model/no-space', data: { neededBytes: 2 ** 52 + 64 * 1024 * 1024 } },
    });
  });

  test.runIf(isLinux)('one that fills up meanwhile is said as such', async () => {
    // Every write to this device fails as a full disk's does.
    const full = await open('/dev/full', 'w');
    const error = await full.write('x').catch((reason: unknown) => reason);
    await full.close();
    expect(await writeFault(error, join(folder, 'model.onnx'), 1000)).toMatchObject({
      value: { code: 'model/no-space', data: { neededBytes: 1000 } },
    });
  });

  test('another fault of the disk stays what it is', async () => {
    const fault = Object.assign(new Error('broken'), { code: 'EIO' });
    expect(await writeFault(fault, join(folder, 'model.onnx'), 1)).toBe(fault);
  });
});

describe('a beginning', () => {
  const origin = { url: 'https://models.example/a', etag: '"one"', lastModified: null, totalBytes: 10 };

  test('is nothing without bytes, and is dropped when another file is begun', async () => {
    const path = join(folder, 'model.onnx');
    await writeOrigin(path, origin);
    expect(await readPart(path)).toBeNull();
    await new Promise<void>((done) => createWriteStream(`${path}.part`).end('12345', () => done()));
    expect(await readPart(path)).toEqual({ doneBytes: 5, origin });
    await writeOrigin(path, { ...origin, etag: '"two"' });
    expect(() => statSync(`${path}.part`)).toThrow(/ENOENT/);
  });
});
