import { describe, expect, test } from 'vitest';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { type Jig, jig, macs, runOf } from '../../../../fakes/board-jig.ts';

// A board that is the right one all the time is never called another, however it starts, names itself, or does not.

const goods = (count: number) => Array.from({ length: count }, (_, index) => `{ check: power.good, id: g${index} }`).join(', ');
const four = 'checks: [power.good, { check: power.good, id: middle }, { check: power.good, id: third }, { check: power.good, id: last }]';

/** Each once, a moment after the check has begun. */
function during(its: Jig, run: ReturnType<typeof runOf>, acts: Readonly<Record<string, () => void>>): () => void {
  const done = new Set<string>();
  return () => {
    for (const [id, act] of Object.entries(acts)) {
      if (done.has(id) || !run.states().includes(`${id} running`)) continue;
      done.add(id);
      its.soon(act);
    }
  };
}

const later = (its: Jig, seconds: number, what: () => void) => its.clock.at((its.clock.nowUs() + seconds * 1e6) as MonoUs, what);

describe('a board that starts by itself twice within half a minute', () => {
  test.each([{ claimed: true }, { known: true }])('and whose log never names it: %o', async (who) => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, four);
    const acts = { 'power.good': its.starts, third: its.starts };
    await its.drive(run.board.work(await run.onBench(who)), during(its, run, acts));
    expect(run.run).toMatchObject({ state: 'passed', counts: { passed: 4 } });
  });

  test('and names itself late', async () => {
    const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 12_000 });
    const run = runOf(its, four);
    const acts = { 'power.good': its.starts, third: its.starts };
    await its.drive(run.board.work(await run.onBench({ claimed: true })), during(its, run, acts));
    expect(run.run).toMatchObject({ state: 'passed', counts: { passed: 4 } });
  });

  test('by its cable', async () => {
    const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 12_000 });
    const run = runOf(its, `checks: [${goods(20)}]`);
    const acts = { g0: () => its.plugs(its.on), g4: () => its.plugs(its.on) };
    await its.drive(run.board.work(await run.onBench({ claimed: true })), during(its, run, acts));
    expect(run.run.counts.passed).toBe(20);
  });

  test('and is known by its address alone', async () => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, 'checks: [network.who, power.good, { check: network.who, id: third }, { check: power.good, id: last }]');
    its.devices.push({ productId: 'P', deviceName: 'toy', isOnline: true, connection: { address: '10.0.0.2' } });
    const bench = await run.onBench();
    its.row('ip', its.clock.nowUs(), { event: 'wifi.got-ip', payload: { ip: '10.0.0.2' } });
    await its.drive(run.board.work(bench), during(its, run, { 'network.who': its.starts, third: its.starts }));
    expect(run.run).toMatchObject({ state: 'passed', deviceName: 'toy', counts: { passed: 4 } });
  });
});

describe('a board that names itself at its conversations only', () => {
  test('loses nothing by two starts between them', async () => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, `checks: [${goods(70)}]`);
    const bench = await run.onBench();
    its.names('toy');
    const acts = {
      g0: its.starts,
      g60: () => {
        its.starts();
        later(its, 20, () => its.names('toy'));
      },
    };
    await its.drive(run.board.work(bench), during(its, run, acts));
    expect(run.run.counts.passed).toBe(70);
  });

  test.each(['its start', 'its port'])('may be asked for its chip for the first time after %s', async (what) => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, 'checks: [power.good, identity.chip, { check: power.good, id: third }]');
    const bench = await run.onBench();
    its.names('toy');
    const act = what === 'its start' ? its.starts : () => its.plugs(its.on);
    await its.drive(run.board.work(bench), during(its, run, { 'power.good': act }));
    expect(run.run).toMatchObject({ state: 'passed', facts: { mac: macs.a } });
  });

  test('or forty seconds after a start, is waited for and goes on', async () => {
    const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 40_000 });
    const run = runOf(its, `checks: [${goods(40)}]`);
    const bench = await run.onBench();
    its.names('toy');
    await its.drive(run.board.work(bench), during(its, run, { g1: () => its.plugs(its.on) }));
    expect(run.run.counts.passed).toBe(40);
  });

  test('goes by that name, asked for its chip once more where that was long ago', async () => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, `checks: [identity.chip, ${goods(18)}, network.who, { check: network.who, id: last }]`);
    await its.drive(run.board.work(await run.onBench()), during(its, run, { g17: () => its.names('toy') }));
    expect(run.run).toMatchObject({ state: 'passed', deviceName: 'toy' });
    expect(its.did).toEqual(['open', 'info', 'info']);
  });
});

test('a board that has been seen to name itself, and comes back to its port without a name, is another until it does', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const run = runOf(its, four);
  const bench = await run.onBench();
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(run.board.work(bench), during(its, run, { middle: () => its.plugs({ mac: macs.b, name: null }) }));
  expect(run.states().slice(2)).toEqual(['third check/other-board', 'last check/other-board']);
  its.plugs({ mac: macs.a, name: 'toy' });
  await its.clock.advance(1_000_000);
  const again = ['middle', 'third', 'last'].map((id) => run.board.repeat(id));
  await its.drive(run.board.work(bench, again));
  expect(run.run.state).toBe('passed');
});

test.each([false, true])(
  'a board flashed in mid run may take a minute and a half to say its new name; its chip known: %o',
  async (isKnown) => {
    const its = jig({ mac: macs.a, name: null });
    const run = runOf(its, `checks: [${isKnown ? 'identity.chip, ' : ''}${goods(60)}, network.who]`);
    const flashed = { jobId: 'w', kind: 'write', address: '/dev/a', state: 'done', chip: { mac: macs.a } } as unknown as FlashJob;
    const acts = {
      g1: () => {
        its.notice('port.lent');
        its.jobs.push(flashed);
        its.starts();
        later(its, 90, () => its.names('lamp'));
      },
    };
    await its.drive(run.board.work(await run.onBench({ known: true })), during(its, run, acts));
    expect([run.states().at(-1), run.run.deviceName]).toEqual(['network.who passed', 'lamp']);
  },
);

test.each([
  ['plugs', 'plugs'],
  ['plugs', 'swapTo'],
  ['swapTo', 'plugs'],
  ['swapTo', 'swapTo'],
] as const)('a silent board goes by no name that another told between two checks: %s, %s', async (there, back) => {
  const its = jig({ mac: macs.a, name: null });
  const run = runOf(its, 'checks: [identity.chip, network.who]');
  const bench = await run.onBench();
  await its.drive(run.board.work(bench, [run.board.repeat('identity.chip')]));
  await its.clock.advance(20_000_000);
  its[there]({ mac: macs.b, name: 'wrong' });
  await its.clock.advance(20_000_000);
  its[back]({ mac: macs.a, name: null });
  await its.clock.advance(20_000_000);
  await its.drive(run.board.work(bench, [run.board.repeat('network.who')]));
  expect([run.run.state, run.run.deviceName, run.run.results[1]?.values[0]?.value]).toEqual(['passed', null, null]);
});

test.each([3, 8, 15])('a board with a USB of its own may leave its port %i s after its flasher got it', async (seconds) => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const run = runOf(its, 'checks: [power.good, identity.chip, { check: power.good, id: last }]');
  Object.assign(its.deps.flash, {
    begin: (address: string) => {
      its.notice('port.lent');
      const ended = new Promise((resolve) => {
        later(its, seconds, () => its.notice('port.lost'));
        later(its, seconds + 1, () => {
          its.notice('port.returned');
          resolve({ address, error: null, apps: [], chip: { mac: macs.a, chip: 'ESP32-S3', flashBytes: 8 << 20 } });
        });
        later(its, seconds + 1.3, () => {
          its.notice('port.reopened');
          its.starts();
        });
      });
      return { job: { jobId: 'i' }, ended };
    },
  });
  const bench = await run.onBench();
  await its.drive(run.board.work(bench), during(its, run, { 'power.good': its.starts }));
  expect(run.run).toMatchObject({ state: 'passed', deviceName: 'toy', facts: { mac: macs.a } });
});

test('a module that is put in the place of another while that one is away after its reset passes nothing', async () => {
  const [imei, other] = ['490154203237518', '356938035643809'];
  const its = jig({ mac: null, name: null });
  let told = imei;
  Object.assign(its.deps.at.calls, {
    'at.bringUp': async () => ({ steps: [{ values: [{ name: 'imei', value: told }] }] }),
    'at.send': async () => ({ lines: [told, 'OK'], final: { kind: 'ok' } }),
  });
  const run = runOf(its, 'checks: [power.sim, power.restart, power.good]');
  const away = () => {
    later(its, 2, () => its.notice('port.lost'));
    later(its, 14, () => {
      told = other;
      its.notice('port.reopened');
      its.row('RDY', its.clock.nowUs() - 1000, { grammar: 'at', event: 'boot.rom', payload: { rom: 'RDY' } });
    });
  };
  const bench = await run.onBench({ boardKind: 'cat1' });
  await its.drive(run.board.work(bench), during(its, run, { 'power.restart': away }));
  expect(run.states().slice(1)).toEqual(['power.restart check/other-board', 'power.good check/other-board']);
});
