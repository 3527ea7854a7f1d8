import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BoardFault } from '../../preload/contract/board-faults.ts';
import { openProofBench, type ProofBench } from '../fakes/check-proof/bench.ts';

/** The whole proof is `npm run bench checks` (docs/check-faults.md); this is what of it does not depend on how busy a machine is. */
const list = `
name: A handful
version: '1'
checks:
  - { check: power.boot, parameters: { settleS: 2, connectS: 20 } }
  - { check: identity.firmware, limits: { appVersion: { equals: 1.0.0 } } }
  - { check: identity.device, after: power.boot, parameters: { waitS: 5, windowS: 0 } }
  - { check: network.attach, after: identity.device, parameters: { timeoutS: 40 }, limits: { readyMs: null } }
  - { check: network.clock, after: identity.device }
  - { check: memory.heap, after: network.attach }
`;

const boards: { name: string; faults: BoardFault[]; fails: string[] }[] = [
  { name: 'healthy', faults: [], fails: [] },
  { name: 'double-reset', faults: [{ name: 'double-reset' }], fails: ['power.boot'] },
  { name: 'wrong-firmware', faults: [{ name: 'wrong-firmware' }], fails: ['identity.firmware'] },
  { name: 'wrong-secret', faults: [{ name: 'wrong-secret' }], fails: ['identity.device'] },
  { name: 'wrong-clock', faults: [{ name: 'wrong-clock' }], fails: ['network.clock'] },
  { name: 'short-stack', faults: [{ name: 'short-stack' }], fails: ['memory.heap'] },
];

let bench: ProofBench;
beforeAll(async () => {
  bench = await openProofBench();
}, 60_000);
afterAll(() => bench.close(), 60_000);

test('boards at once on one bench: each fault is found by the check that should, and a healthy board passes', async () => {
  const found = await Promise.all(
    boards.map(async ({ name, faults }) => {
      const { results } = await bench.check({ name, spoilt: { faults }, list });
      const failed = results.flatMap(({ check, state }) => (state === 'failed' ? [check] : []));
      const errors = results.flatMap(({ check, error }) => (error === null ? [] : [`${check}: ${error.code}`]));
      return { name, failed, errors };
    }),
  );
  expect(found).toEqual(boards.map(({ name, fails }) => ({ name, failed: fails, errors: [] })));
}, 120_000);
