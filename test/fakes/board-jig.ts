import { expect } from 'vitest';
import type { Check } from '../../main/core/checks/check.ts';
import { createCoreBench } from '../../main/core/checks/core-bench.ts';
import { chip } from '../../main/core/checks/kinds/identity/chip.ts';
import { firmware } from '../../main/core/checks/kinds/identity/firmware.ts';
import { sim as realSim } from '../../main/core/checks/kinds/identity/sim.ts';
import { heap } from '../../main/core/checks/kinds/memory/heap.ts';
import { readList } from '../../main/core/checks/lists/read.ts';
import type { RunBench } from '../../main/core/checks/run-bench.ts';
import type { RunnerPorts } from '../../main/core/checks/runner/ports.ts';
import { BoardRun, waitingResult } from '../../main/core/checks/runner/run.ts';
import { countsOf } from '../../main/core/checks/runner/verdict.ts';
import type { CheckRun } from '../../preload/contract/checks.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { services, subject, toy } from './core-services.ts';
import { fakeCheck } from './run-bench.ts';

// Whole runs over the core's bench, while somebody swaps boards on its port.

export const macs = { a: '7c:df:a0:00:00:01', b: '7c:df:a0:00:00:02' };

const good = fakeCheck('power.good', async (bench) => {
  await bench.sleep(2000);
  return { values: { level: 2 } };
});
const bad = fakeCheck('power.bad', async (bench) => ({
  values: { level: 0 },
  evidence: [bench.keepSound('heard', new Int16Array(160))],
}));
/** Which device a check is given that asks once, at its beginning. */
const who = fakeCheck(
  'network.who',
  async (bench) => {
    const device = bench.device();
    await bench.sleep(3000);
    return { values: { name: device?.name.deviceName ?? null } };
  },
  { group: 'network', values: [{ name: 'name' }] },
);
/** A module's IMEI, by AT. */
const sim = fakeCheck('power.sim', async (bench) => {
  const told = (await bench.port?.bringUp())?.steps.flatMap(({ values }) => values).find(({ name }) => name === 'imei')?.value;
  bench.facts.set('imei', String(told));
  return { values: { level: 2 } };
});
/** As power.boot starts a module. */
const restart = fakeCheck('power.restart', async (bench) => {
  await bench.port?.at('AT+CFUN=1,1').catch(() => null);
  await bench.sleep(20_000);
  return { values: { level: 2 } };
});
const checks: readonly Check[] = [restart, good, bad, who, sim, chip, firmware, heap, realSim];

export interface OnPort {
  mac: string | null;
  /** As its log calls it after a start; null: it never does. */
  name: string | null;
}

/** A jig: one port, and which board is on it. Asked for its chip a board is lent, starts anew and names itself. */
export function jig(on: OnPort, { nameMs = 300, ...over }: Parameters<typeof services>[0] & { nameMs?: number } = {}) {
  const its = services(over);
  const { clock, deps, row, names, notice } = its;
  const bench = {
    ...its,
    on,
    /** A board starts on the port; the bridge's USB side stays. */
    starts() {
      row('I (10) cpu_start: Pro cpu up', clock.nowUs() - 1000, { event: 'boot.app-started' });
      const { name } = bench.on;
      if (name !== null) clock.at((clock.nowUs() + nameMs * 1000) as MonoUs, () => names(name));
    },
    /** Nobody swaps boards in no time. */
    soon: (what: () => void) => clock.at((clock.nowUs() + 50_000) as MonoUs, what),
    swapTo(next: OnPort) {
      bench.on = next;
      bench.starts();
    },
    /** The cable goes from one board to another. */
    plugs(next: OnPort) {
      notice('port.lost');
      notice('port.reopened');
      bench.swapTo(next);
    },
    /** Until it is over, a tenth of a second at a time. */
    async drive(work: Promise<unknown>, each: () => void = () => {}) {
      let isOver = false;
      work.then(
        () => (isOver = true),
        () => (isOver = true),
      );
      for (let tenths = 0; tenths < 4000 && !isOver; tenths++) {
        each();
        await clock.advance(100_000);
      }
      expect(isOver).toBe(true);
    },
  };
  Object.assign(deps.flash, {
    begin: (address: string) => {
      its.did.push('info');
      notice('port.lent');
      const { mac } = bench.on;
      clock.at((clock.nowUs() + 100_000) as MonoUs, () => bench.starts());
      return {
        job: { jobId: 'i' },
        ended: Promise.resolve({ address, error: null, apps: [], chip: { mac, chip: 'ESP32-S3', flashBytes: 8 << 20 } }),
      };
    },
  });
  return bench;
}
export type Jig = ReturnType<typeof jig>;

export function runOf(its: Jig, list: string, facts: Record<string, string> = {}) {
  const read = readList(`name: t\nversion: '1'\n${list}`, checks);
  const results = read.items.map(({ id, check }) => waitingResult({ id, check: check.name, group: check.group, title: null }));
  const run: CheckRun = {
    ...{ id: 'run', listId: null, listName: 't', listVersion: '1', boardKind: '', serialNumber: 'SN-1', operator: '', port: null },
    ...{ productId: null, deviceName: null, firmwareVersion: null, sessionId: 's', startedWallMs: 0, durationMs: 0, state: 'running' },
    ...{ counts: countsOf(results), failed: [], results, facts },
  };
  const sounds = new Set<string>();
  const ports: RunnerPorts = {
    clock: its.clock,
    session: () => ({ id: 's', startedUs: 0 }),
    redact: async () => (line) => line,
    keepSound: (id) => void sounds.add(id),
    dropSound: (id) => void sounds.delete(id),
    baselines: { find: async () => null, propose: () => {} },
    namesakes: async () => [],
    checkedElsewhere: () => null,
    isImpaired: () => false,
    onChange: () => {},
    onResult: () => {},
    onBug: (error) => {
      throw error;
    },
  };
  const board = new BoardRun(run, read, { serialNumber: 'SN-1', language: 'en', isUnattended: true, only: null }, ports);
  /** On the bench, as runs.ts has it: today, or on another day. */
  const onBench = (of: { claimed?: boolean; boardKind?: string; known?: boolean } = {}): Promise<RunBench> =>
    createCoreBench(its.deps)(
      subject({
        device: of.claimed === true || of.known === true ? toy : null,
        isClaimed: of.claimed === true,
        boardKind: of.boardKind ?? 'esp32s3',
        isUnattended: true,
        facts: board.facts,
        onStranger: (error, sinceUs, isDoubt) => board.disown(error, sinceUs, isDoubt),
      }),
    );
  const states = () => run.results.map(({ id, state, error }) => [id, error?.code ?? state].join(' '));
  return { board, run, onBench, states, sounds };
}
