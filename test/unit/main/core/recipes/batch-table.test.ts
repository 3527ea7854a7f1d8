import { describe, expect, it } from 'vitest';
import { batchTable } from '../../../../../main/core/recipes/batch-table.ts';
import { flashJob } from '../../../../../preload/contract/flash.ts';
import type { Batch } from '../../../../../preload/contract/recipes.ts';

const job = flashJob.parse({
  jobId: 'j',
  address: '/dev/ttyUSB0',
  state: 'done',
  stage: 'reset',
  stages: [
    { stage: 'connect', elapsedMs: 250 },
    { stage: 'write', elapsedMs: 1750 },
  ],
  chip: {
    chip: 'esp32s3',
    description: 'ESP32-S3 (revision v0.2)',
    mac: '7c:df:a1:00:00:01',
    flashBytes: null,
    flashId: null,
    revision: null,
  },
  files: [{ offset: 0, name: 'app.bin', sizeBytes: 1, sha256: 'ab', writtenBytes: 1, md5: null, verified: true }],
  totalBytes: 1,
  writtenBytes: 1,
  bytesPerSecond: null,
  etaMs: null,
  boardState: 'running',
  device: { productId: 'P1', deviceName: 'D1' },
  error: null,
});

function batchOf(label: string): Batch {
  return {
    batchId: 'b',
    recipeId: 'r',
    name: '音箱 v2/final',
    startedWallMs: Date.UTC(2026, 10, 21, 9, 8, 7),
    state: 'done',
    boards: [
      { address: '/dev/ttyUSB0', label, job },
      { address: '/dev/ttyUSB1', label: '', job: null },
    ],
  };
}

describe('the table of a batch', () => {
  it('has a line a board, also for one that never began', () => {
    const { name, text } = batchTable(batchOf('SN1'), 'csv', 'en');
    expect(name).toBe('音箱-v2-final-2026-11-21T090807.csv');
    expect(text).toBe(
      '\uFEFFLabel,Port,Result,Chip,MAC,Product ID,Device name,Board left,Error,Seconds,Image SHA-256\r\n' +
        'SN1,/dev/ttyUSB0,done,ESP32-S3 (revision v0.2),7c:df:a1:00:00:01,P1,D1,running,,2.0,app.bin:ab\r\n' +
        ',/dev/ttyUSB1,waiting,,,,,unknown,,,\r\n',
    );
  });

  it.each([
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+1', "'+1"],
    ['a,b', '"a,b"'],
    ['two\nlines', '"two\nlines"'],
  ])('is safe to open in a spreadsheet: %s', (label, field) => {
    expect(batchTable(batchOf(label), 'csv', 'zh').text).toContain(`\r\n${field},/dev/ttyUSB0`);
  });

  it('is the same as JSON', () => {
    const parsed = JSON.parse(batchTable(batchOf('SN1'), 'json', 'en').text) as { boards: { mac: string }[] };
    expect(parsed.boards.map(({ mac }) => mac)).toEqual(['7c:df:a1:00:00:01', '']);
  });
});
