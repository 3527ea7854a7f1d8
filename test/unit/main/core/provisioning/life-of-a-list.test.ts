import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceChoice } from '../../../../../preload/contract/provisioning.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { openTestProvisioning } from '../../../../fakes/provisioning.ts';

const DEVICES = ['d0', 'd1', 'd2', 'd3'];
const csv = DEVICES.map((name) => `P,${name},c2VjcmV0`).join('\n');

/** Several boards at once, each with the list, or with a device chosen by name. Null: its loader tells no MAC. */
const board = fc.record({
  mac: fc.constantFrom('aa', 'bb', 'cc', 'dd', null),
  byName: fc.option(fc.constantFrom(...DEVICES), { freq: 3 }),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('burn' as const), boards: fc.array(board, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat({ max: 7 }),
      outcome: fc.constantFrom('burned', 'untouched', 'doubtful'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), device: fc.constantFrom(...DEVICES) }) },
);

test('in whatever order boards are burned, fail and the app dies, no device is on two boards', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const bench = await openTestProvisioning();
      const { listId } = await bench.lists.import('list', csv, 'none');
      /** Which board may have the device, whatever the list thinks. */
      const mayHave = new Map<string, string>();
      let live: {
        jobId: string;
        board: string;
        device: string;
        isFirst: boolean;
        settle: (outcome: 'burned' | 'untouched' | 'doubtful') => Promise<void>;
      }[] = [];
      let jobs = 0;

      async function burn({ mac, byName }: { mac: string | null; byName: string | null }): Promise<void> {
        const jobId = `job-${jobs++}`;
        const choice: DeviceChoice = byName === null ? { kind: 'list', listId } : { kind: 'known', productId: 'P', deviceName: byName };
        const provisioner = bench.provisioner({ device: choice }, jobId);
        try {
          const { device } = await provisioner.forBoard(mac);
          const name = device?.deviceName ?? '';
          const thisBoard = mac ?? jobId;
          const holder = mayHave.get(name);
          expect([name, holder ?? thisBoard]).toEqual([name, thisBoard]);
          mayHave.set(name, thisBoard);
          live.push({ jobId, board: thisBoard, device: name, isFirst: holder === undefined, settle: provisioner.settle });
        } catch (error) {
          if (!isTalkError(error, 'provisioning/list-empty') && !isTalkError(error, 'provisioning/used')) throw error;
          await provisioner.settle('untouched');
        }
      }

      for (const each of steps) {
        if (each.do === 'burn') await Promise.all(each.boards.map(burn));
        if (each.do === 'settle') {
          const job = live[each.which % Math.max(1, live.length)];
          if (job === undefined) continue;
          live = live.filter((other) => other !== job);
          await job.settle(each.outcome);
          const isElsewhere = live.some(({ device }) => device === job.device);
          if (each.outcome === 'untouched' && job.isFirst && !isElsewhere) mayHave.delete(job.device);
        }
        if (each.do === 'crash') {
          live = [];
          await bench.restart();
        }
        if (each.do === 'release' && !live.some(({ device }) => device === each.device)) {
          await bench.lists.release(listId, { productId: 'P', deviceName: each.device });
          mayHave.delete(each.device);
        }
      }

      // What the list says at the end agrees with where the devices may be.
      for (const { deviceName, state, mac } of await bench.lists.entries(listId)) {
        if (mayHave.has(deviceName)) expect([deviceName, state]).not.toEqual([deviceName, 'free']);
        if (state === 'used' && mac !== null && mayHave.has(deviceName)) expect(mac).toBe(mayHave.get(deviceName));
      }
      const [list] = await bench.store.read('deviceList.all', {});
      expect((list?.free ?? 0) + (list?.reserved ?? 0) + (list?.used ?? 0)).toBe(DEVICES.length);
      bench.store.database.close();
    }),
    { numRuns: 150 },
  );
});
