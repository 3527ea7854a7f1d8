import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { flash } from '../../../../../../../main/core/checks/kinds/memory/flash.ts';
import { heap } from '../../../../../../../main/core/checks/kinds/memory/heap.ts';
import { leak } from '../../../../../../../main/core/checks/kinds/memory/leak.ts';
import { trendOf } from '../../../../../../../main/core/checks/kinds/memory/trend.ts';
import { espBoot, prints } from '../../../../../../fakes/board-log.ts';
import { FakeBench } from '../../../../../../fakes/fake-bench.ts';

let bench: FakeBench;
beforeEach(() => {
  bench = new FakeBench();
});

const sdk = '========\ncurrent version: 1.1.8\ndevice_id      : PROD000001_board1\n========\n';
async function printed(log: string): Promise<void> {
  prints(bench, log, 1);
  await bench.drive(bench.sleep(1000));
}

describe('the trend of points', () => {
  test('a line is itself, and certain', () => {
    const points = Array.from({ length: 40 }, (_, index) => [index, 1000 - 5 * index] as const);
    expect(trendOf(points)).toEqual({ slope: -5, low: -5, high: -5 });
  });
  test('a heap that always says the same does not fall', () => {
    expect(trendOf(Array.from({ length: 40 }, (_, index) => [index, 1000] as const))).toEqual({ slope: 0, low: 0, high: 0 });
  });
  test('few points have no trend', () => {
    expect(trendOf([[0, 1]])).toBeNull();
  });
  test('noise about a level has zero between its bounds, 95 times of 100', () => {
    let outside = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const random = uniform(seed);
      const trend = trendOf(Array.from({ length: 60 }, (_, index) => [index, 1000 + 200 * random()] as const));
      if (trend === null || trend.low > 0 || trend.high < 0) outside++;
    }
    expect(outside).toBeLessThanOrEqual(10);
  });
  test('the bounds enclose the slope, whatever the points', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 8, maxLength: 300 });
    fc.assert(
      fc.property(values, (heights) => {
        const trend = trendOf(heights.map((height, index) => [index, height] as const));
        expect(trend).not.toBeNull();
        expect(trend?.low).toBeLessThanOrEqual(trend?.slope ?? 0);
        expect(trend?.high).toBeGreaterThanOrEqual(trend?.slope ?? 0);
      }),
    );
  });
});

describe('memory.heap', () => {
  test('free before the SDK began, lowest while it ran', async () => {
    await printed(
      `${espBoot}I (460) app: Free heap: 250000\n${sdk}I (900) app: Free heap: 120000\nI (950) app: Free heap: 110000, min 98000\n`,
    );
    const result = await bench.run(heap);
    expect(result).toMatchObject({
      values: { heapForSdkBytes: 250_000, lowestFreeBytes: 98_000, freeBytes: 110_000, stackOverflows: 0, failedAllocations: 0 },
    });
    expect(result).toHaveProperty('values.ramForSdkBytes', 0x549c0 + 0x5724);
  });
  test('told only while the SDK runs: what it takes by the vendor’s figures was there', async () => {
    bench.board.tell({ kind: 'device.property', properties: { free_heap: 30_000 } });
    expect(await bench.run(heap)).toMatchObject({
      values: { heapForSdkBytes: 30_000 + 81_920, ramForSdkBytes: 30_000 + 102_400, lowestFreeBytes: 30_000 },
    });
  });
  test('a stack of 8 KB for the SDK’s task is short', async () => {
    const task = '[INF] created task _twetalk_recv_thread thread_id 0x3fcebc50 stack_size : 8 Kbytes\n';
    await printed(`${espBoot}${task}I (900) app: Free heap: 120000\n`);
    expect(await bench.run(heap)).toMatchObject({ values: { stackBytes: 8192 } });
  });
  test('a board that says nothing of its heap is not judged', async () => {
    await printed(espBoot);
    expect(await bench.run(heap)).toMatchObject({ skipped: 'not-in-log' });
    expect(await new FakeBench({ port: null }).run(heap)).toEqual({ skipped: 'no-port' });
  });
});

describe('memory.leak', () => {
  function falling(bytesPerMinute: number, noiseBytes: number): void {
    const random = uniform(7);
    bench.every(2000, 400, (index) => {
      const freeBytes = Math.round(200_000 - (bytesPerMinute * (index * 2)) / 60 + noiseBytes * (random() - 0.5));
      bench.serial.row(`I (1) app: Free heap: ${freeBytes}`, { event: 'heap', payload: { freeBytes } });
    });
  }
  test('a fall is measured, in a conversation that goes on', async () => {
    falling(6000, 4000);
    const result = await bench.run(leak, { minutes: 5 });
    expect(result).toMatchObject({ evidence: [{ kind: 'curve', label: 'heap' }] });
    expect('values' in result && result.values?.leakBytesPerMin).toBeGreaterThan(5500);
    expect('values' in result && result.values?.leakBytesPerMin).toBeLessThan(6500);
    expect(bench.board.did.filter(({ what }) => what === 'text')).toHaveLength(20);
  });
  test('noise is no leak', async () => {
    falling(0, 30_000);
    expect(await bench.run(leak, { minutes: 5 })).toMatchObject({ values: { leakBytesPerMin: 0 } });
  });
  test('peaks of single turns do not make one', async () => {
    bench.every(2000, 200, (index) => {
      const freeBytes = index % 9 === 8 ? 120_000 : 200_000;
      bench.serial.row('heap', { event: 'heap', payload: { freeBytes } });
    });
    expect(await bench.run(leak, { minutes: 5 })).toMatchObject({ values: { leakBytesPerMin: 0 } });
  });
  test('a board that tells nothing is given up after a minute, not after ten', async () => {
    expect(await bench.run(leak)).toEqual({ skipped: 'not-in-log' });
    expect(bench.clock.nowUs()).toBeLessThan(100e6);
  });
  test('without a conversation it is not measured', async () => {
    bench.board.conversation = null;
    expect(await bench.run(leak)).toEqual({ skipped: 'no-conversation' });
  });
});

describe('memory.flash', () => {
  test('what the bootloader loads against the partition it is in', async () => {
    await printed(espBoot);
    // The end of the last segment, from the partition's start.
    const imageBytes = 0x46a7c + 0x2000 - 0x10000 + 48;
    expect(await bench.run(flash)).toMatchObject({
      values: {
        ...{ imageBytes, partitionBytes: 0x300000, freeBytes: 0x300000 - imageBytes, partition: 'factory', hasSdk: false },
        roomForSdkBytes: 0x300000 - imageBytes,
      },
    });
  });
  test('an image with the SDK in it has its share', async () => {
    await printed(espBoot.replace('00300000', '00040000') + sdk);
    const result = await bench.run(flash);
    expect(result).toMatchObject({ values: { hasSdk: true } });
    const { freeBytes, roomForSdkBytes } = ('values' in result && result.values) || {};
    expect(Number(roomForSdkBytes) - Number(freeBytes)).toBe(204_800);
  });
  test('a log without the table: the flash is asked', async () => {
    await printed(espBoot.replaceAll(/.*(?:factory|nvs).*\n/g, ''));
    const partition = { name: 'factory', type: 'app', subtype: 'factory', offset: 0x10000, sizeBytes: 0x200000 };
    bench.serial.onInfo = () => ({ partitions: [{ ...partition, isEncrypted: false, isReadOnly: false }] });
    expect(await bench.run(flash)).toMatchObject({ values: { partitionBytes: 0x200000 } });
  });
  test('a log without segments tells nothing', async () => {
    await printed('ESP-ROM:esp32s3-20210327\nI (452) main_task: Calling app_main()\n');
    expect(await bench.run(flash)).toEqual({ skipped: 'not-in-log' });
  });
});

/** 0 … 1, the same for a seed each time (Park and Miller). */
function uniform(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
