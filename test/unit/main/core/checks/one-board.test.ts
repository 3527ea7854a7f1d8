import { describe, expect, test } from 'vitest';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { type Jig, jig, macs, runOf } from '../../../../fakes/board-jig.ts';
import { toy } from '../../../../fakes/core-services.ts';

// A run is about one board: whole runs over the core's bench, while somebody swaps boards.

describe('a board that is not the one the operator named', () => {
  test('never passes as it: its chip, asked in this very run, vouches for nothing', async () => {
    const its = jig({ mac: macs.b, name: 'wrong' });
    const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, network.who]');
    const bench = await onBench({ claimed: true });
    await its.drive(board.work(bench));
    expect(run.state).toBe('incomplete');
    expect(states()).toEqual(['identity.chip check/other-board', 'power.good check/other-board', 'network.who check/other-board']);
    for (const id of ['identity.chip', 'power.good', 'network.who']) await its.drive(board.work(bench, [board.repeat(id)]));
    expect([run.state, run.deviceName, run.facts.mac]).toEqual(['incomplete', null, undefined]);
  });

  test('says so late: what was found meanwhile is none of the run’s', async () => {
    const its = jig({ mac: macs.b, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
    await its.drive(board.work(await onBench({ claimed: true })), () => {
      if (states()[1] === 'power.good passed' && its.on.name === null) {
        its.on = { mac: macs.b, name: 'wrong' };
        its.names('wrong');
      }
    });
    expect(states()).toEqual(['identity.chip check/other-board', 'power.good check/other-board', 'last check/other-board']);
    expect(run.results[1]?.values).toEqual([]);
    expect(run.facts).toEqual({});
  });
});

describe('boards that are swapped in the middle of a run', () => {
  test('are not made one: what was done since the other started is disowned, and its MAC forgotten', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const list = 'checks: [power.good, { check: power.good, id: middle }, identity.chip, { check: power.good, id: last }]';
    const { board, run, onBench, states } = runOf(its, list);
    const bench = await onBench();
    its.starts();
    await its.clock.advance(1_000_000);
    let isSwapped = false;
    await its.drive(board.work(bench), () => {
      if (!isSwapped && states()[0] === 'power.good passed') {
        isSwapped = true;
        its.soon(() => its.swapTo({ mac: macs.b, name: 'board-b' }));
      }
    });
    expect(run.deviceName).toBe('toy');
    const others = ['middle', 'identity.chip', 'last'].map((id) => `${id} check/other-board`);
    expect(states()).toEqual(['power.good passed', ...others]);
    expect(run.facts).toEqual({});
    // Again with the wrong one on the port, and with the right one.
    const again = () =>
      board.work(
        bench,
        ['middle', 'identity.chip', 'last'].map((id) => board.repeat(id)),
      );
    await its.drive(again());
    expect(states()).toEqual(['power.good passed', ...others]);
    its.swapTo({ mac: macs.a, name: 'toy' });
    await its.clock.advance(1_000_000);
    await its.drive(again());
    expect([run.state, run.deviceName, run.facts.mac]).toEqual(['passed', 'toy', macs.a]);
  });

  test('are noticed by the chip where the log never names them: all that was not proven since is disowned', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(
      its,
      'checks: [identity.chip, power.good, { check: identity.chip, id: again }, { check: power.good, id: last }]',
    );
    await its.drive(board.work(await onBench()), () => {
      if (states()[1] === 'power.good running' && its.on.mac === macs.a) its.swapTo({ mac: macs.b, name: null });
    });
    expect(states().slice(1)).toEqual(['power.good check/other-board', 'again check/other-board', 'last check/other-board']);
    expect(run.state).toBe('incomplete');
  });

  test('and written there: another chip’s write makes no other device of the run’s board, nor does one that failed', async () => {
    for (const job of [
      { state: 'done', chip: { mac: macs.b } },
      { state: 'failed', chip: null },
    ]) {
      const its = jig({ mac: macs.b, name: 'board-b' });
      const { board, run, onBench, states } = runOf(its, 'checks: [power.good]');
      const bench = await onBench();
      its.names('toy');
      board.facts.set('mac', macs.a);
      its.jobs.push({ jobId: 'w', kind: 'write', address: '/dev/a', ...job } as unknown as FlashJob);
      its.notice('port.lent');
      await its.clock.advance(1_000_000);
      its.starts();
      await its.drive(board.work(bench));
      // It is asked before anything is checked, so that nothing is known of the run's.
      expect([run.deviceName, ...states()]).toEqual([null, 'power.good check/other-board']);
    }
  });
});

describe('the run’s board on another day', () => {
  const known = { mac: macs.a, chip: 'ESP32-S3' };

  test('goes by the name that it was given since, from the first check on', async () => {
    const its = jig({ mac: macs.a, name: 'toy2' });
    const { board, run, onBench } = runOf(its, 'checks: [network.who]', known);
    await its.drive(board.work(await onBench({ known: true })));
    expect([run.state, run.deviceName, run.results[0]?.values[0]?.value]).toEqual(['passed', 'toy2', 'toy2']);
  });

  test('and is not waited for under its old one, though that seems to be online', async () => {
    const its = jig({ mac: macs.a, name: 'toy2' });
    const { board, run, onBench } = runOf(its, 'checks: [network.who]', known);
    its.devices.push({ ...toy, isOnline: true });
    const bench = await onBench({ known: true });
    const online = { kind: 'device.online', productId: 'P', deviceName: 'toy2' };
    its.clock.at(5_000_000 as MonoUs, () => its.observed.observer.event({ ...online, atUs: its.clock.nowUs() } as never));
    await its.drive(board.work(bench));
    expect(run.deviceName).toBe('toy2');
    expect(run.durationMs).toBeLessThan(10_000);
  });

  test.each(['', 'lamp-v2'])('is asked for its MAC though nobody knows yet that it is an ESP: %o', async (boardKind) => {
    const its = jig({ mac: macs.b, name: null });
    const { board, onBench, states } = runOf(its, 'checks: [power.good]', known);
    await its.drive(board.work(await onBench({ known: true, boardKind })));
    expect([its.did, states()]).toEqual([['open', 'info'], ['power.good check/other-board']]);
  });

  test('is not it where its loader tells no MAC', async () => {
    const its = jig({ mac: null, name: null });
    const { board, onBench, states } = runOf(its, 'checks: [power.good]', known);
    await its.drive(board.work(await onBench({ known: true })));
    expect(states()).toEqual(['power.good check/other-board']);
  });

  test('is vouched for until its port leaves, and no longer', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [power.good, network.who]', known);
    await its.drive(board.work(await onBench({ known: true })), () => {
      if (states()[0] !== 'power.good passed' || its.on.mac === macs.b) return;
      its.on = { mac: macs.b, name: 'wrong' };
      its.soon(() => {
        its.notice('port.lost');
        its.names('wrong');
      });
    });
    expect([run.deviceName, ...states()]).toEqual(['toy', 'power.good passed', 'network.who check/other-board']);
  });

  test('is vouched for as long as a board takes to name itself, and no longer', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench } = runOf(its, 'checks: [power.good]', known);
    const bench = await onBench({ known: true });
    await its.drive(board.work(bench));
    await its.clock.advance(3600_000_000);
    its.row('SDK', its.clock.nowUs(), { event: 'twetalk.sdk', payload: { productId: 'P', deviceName: 'wrong' } });
    expect([run.deviceName, bench.gone.aborted]).toEqual(['toy', true]);
  });

  test('a chip that does not answer at all holds the run up for a minute, not for ever', async () => {
    const its = jig({ mac: macs.a, name: null });
    Object.assign(its.deps.flash, { begin: () => ({ job: { jobId: 'i' }, ended: new Promise(() => {}) }) });
    const { board, run, onBench, states } = runOf(its, 'checks: [power.good]', known);
    await its.drive(board.work(await onBench({ known: true })));
    expect(states()).toEqual(['power.good timeout']);
    expect(run.durationMs).toBeLessThan(70_000);
  });

  test('a fault that was found stays found when another board is on the port for its repetition', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, sounds } = runOf(its, 'checks: [identity.chip, power.bad]');
    await its.drive(board.work(await onBench()));
    const [, found] = structuredClone(run.results);
    expect([run.state, found?.state, sounds.size]).toEqual(['failed', 'failed', 1]);
    its.on = { mac: macs.b, name: null };
    await its.drive(board.work(await onBench({ known: false }), [board.repeat('power.bad')]));
    expect(run.results[1]).toEqual({ ...found, error: expect.objectContaining({ code: 'check/other-board' }) });
    expect([run.state, sounds.size]).toEqual(['failed', 1]);
  });
});

describe('whoever repeats a check with another board on the port', () => {
  test.each([false, true])('takes nothing from what the right one passed and failed before, where the port is held: %o', async (isOpen) => {
    const its = jig({ mac: macs.a, name: 'toy' }, { isOpen });
    const { board, run, onBench, states, sounds } = runOf(
      its,
      'checks: [power.good, power.bad, identity.chip, { check: power.good, id: last }]',
    );
    its.starts();
    await its.clock.advance(1_000_000);
    const first = await onBench();
    await its.drive(board.work(first));
    await first.close();
    await its.clock.advance(1_000_000);
    its.plugs({ mac: macs.b, name: 'wrong' });
    await its.clock.advance(1_000_000);
    await its.drive(board.work(await onBench({ known: true }), [board.repeat('power.good')]));
    expect(states()).toEqual(['power.good check/other-board', 'power.bad failed', 'identity.chip passed', 'last passed']);
    expect([run.state, run.deviceName, run.facts.mac, sounds.size]).toEqual(['failed', 'toy', macs.a, 1]);
  });

  test.each(['while the run is under way', 'and cancels it'])('leaves a fault found: %s', async (how) => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { board, run, onBench, sounds } = runOf(its, 'checks: [power.bad, power.good]');
    const bench = await onBench({ claimed: true });
    let isAsked = false;
    await its.drive(board.work(bench), () => {
      if (isAsked || run.results[1]?.state !== 'running') return;
      isAsked = true;
      board.repeat('power.bad');
      if (how === 'and cancels it') board.cancel();
      else its.soon(() => its.swapTo({ mac: macs.b, name: 'wrong' }));
    });
    expect(isAsked).toBe(true);
    expect(run.results[0]).toMatchObject({ state: 'failed', values: [{ name: 'level', value: 0 }] });
    expect(sounds.size).toBe(1);
  });
});

describe('a board whose log never names it', () => {
  const list =
    'checks: [identity.chip, power.good, { check: power.good, id: b }, { check: identity.chip, id: c }, { check: power.good, id: d }]';

  test('is known by its chip: what it passed before it was taken away stays, and it is let in again', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, list);
    const bench = await onBench();
    await its.drive(board.work(bench), () => {
      if (states()[2] === 'b running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: null }));
    });
    const others = ['b', 'c', 'd'];
    expect(states()).toEqual(['identity.chip passed', 'power.good passed', ...others.map((id) => `${id} check/other-board`)]);
    its.plugs({ mac: macs.a, name: null });
    await its.drive(
      board.work(
        bench,
        others.map((id) => board.repeat(id)),
      ),
    );
    expect([run.state, run.facts.mac]).toEqual(['passed', macs.a]);
  });

  test('is not made another that names itself', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, network.who]');
    await its.drive(board.work(await onBench()), () => {
      if (states()[2] === 'network.who running' && its.on.mac === macs.a) its.soon(() => its.swapTo({ mac: macs.b, name: 'wrong' }));
    });
    expect(states()).toEqual(['identity.chip passed', 'power.good passed', 'network.who check/other-board']);
    expect([run.state, run.deviceName]).toEqual(['incomplete', null]);
  });

  test('is asked for at the end, where its cable was taken out in the last check', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good]');
    await its.drive(board.work(await onBench()), () => {
      if (states()[1] === 'power.good running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: null }));
    });
    expect([run.state, ...states()]).toEqual(['incomplete', 'identity.chip passed', 'power.good check/other-board']);
  });

  test('concluded by its address is not another that names itself after a start', async () => {
    const its = jig({ mac: null, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [network.who, power.good, { check: power.good, id: last }]');
    its.devices.push({ ...toy, isOnline: true, connection: { address: '10.0.0.7' } });
    const bench = await onBench();
    its.row('ip', its.clock.nowUs() - 1000, { event: 'wifi.got-ip', payload: { ip: '10.0.0.7' } });
    await its.drive(board.work(bench), () => {
      if (states()[1] === 'power.good running' && its.on.name === null) its.soon(() => its.swapTo({ mac: null, name: 'wrong' }));
    });
    expect([run.deviceName, ...states()]).toEqual([
      'toy',
      ...['network.who passed', 'power.good check/other-board', 'last check/other-board'],
    ]);
  });
});

test('a stranger stays one until the right board says so, whatever else its log tells', async () => {
  const its = jig({ mac: null, name: 'wrong' });
  const { board, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
  const bench = await onBench({ claimed: true });
  its.names('wrong');
  await its.clock.advance(1_000_000);
  its.notice('port.lost');
  its.notice('port.reopened');
  its.row('ip', its.clock.nowUs() - 1000, { event: 'wifi.got-ip', payload: { ip: '10.0.0.9' } });
  await its.drive(board.work(bench));
  expect(states()).toEqual(['power.good check/other-board', 'last check/other-board']);
  its.names('toy');
  await its.drive(board.work(bench, [board.repeat('last')]));
  expect(states()[1]).toBe('last passed');
});

test('a board that tells its new name late is checked anew under it, and nothing that was found under the old one counts', async () => {
  const its = jig({ mac: macs.a, name: 'toy2' }, { nameMs: 15_000 });
  const { board, run, onBench, states } = runOf(its, 'checks: [network.who, { check: network.who, id: last }]', {
    mac: macs.a,
    chip: 'ESP32-S3',
  });
  const bench = await onBench({ known: true });
  await its.drive(board.work(bench));
  expect(states()).toEqual(['network.who check/other-board', 'last check/other-board']);
  await its.drive(
    board.work(
      bench,
      ['network.who', 'last'].map((id) => board.repeat(id)),
    ),
  );
  expect([run.state, run.deviceName, run.results[0]?.values[0]?.value]).toEqual(['passed', 'toy2', 'toy2']);
});

describe('a module', () => {
  const imei = '490154203237518';
  const known = { imei };
  test('of another day is asked for its IMEI', async () => {
    for (const [told, outcome] of [
      [imei, 'power.good passed'],
      ['356938035643809', 'power.good check/other-board'],
      [undefined, 'power.good passed'],
    ] as const) {
      const its = jig({ mac: null, name: null }, told === undefined ? {} : { imei: told });
      const { board, onBench, states } = runOf(its, 'checks: [power.good]', known);
      await its.drive(board.work(await onBench({ boardKind: 'cat1' })));
      expect([its.did, states()]).toEqual([['open', 'AT+CGSN'], [outcome]]);
    }
  });

  test.each([{ imei: '490154203237518' }, { chip: 'BK7258' }])('or another family is no ESP of another day: %o', async (payload) => {
    const its = jig({ mac: null, name: null });
    const { board, onBench, states } = runOf(its, 'checks: [power.good]', { mac: macs.a, chip: 'ESP32-S3' });
    const bench = await onBench({ boardKind: '' });
    its.row('who', its.clock.nowUs() - 1000, { grammar: 'at', event: 'identity', payload });
    await its.drive(board.work(bench));
    expect(states()).toEqual(['power.good check/other-board']);
  });
});

describe('between two checks, and after the last', () => {
  test('a board that is flashed with a new name is checked under it from the next check on', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const list = 'checks: [identity.chip, network.who, { check: network.who, id: next }, { check: network.who, id: last }]';
    const { board, run, onBench } = runOf(its, list);
    const bench = await onBench();
    its.starts();
    await its.clock.advance(1_000_000);
    const items = (...ids: string[]) => ids.map((id) => board.repeat(id));
    await its.drive(board.work(bench, items('identity.chip', 'network.who')));
    await its.clock.advance(1_000_000);
    its.notice('port.lent');
    its.jobs.push({ jobId: 'w', kind: 'write', address: '/dev/a', state: 'done', chip: { mac: macs.a } } as unknown as FlashJob);
    its.on = { mac: macs.a, name: 'toy2' };
    await its.clock.advance(5_000_000);
    its.starts();
    await its.clock.advance(5_000_000);
    await its.drive(board.work(bench, items('next', 'last')));
    expect([run.state, run.deviceName]).toEqual(['passed', 'toy2']);
    expect(run.results.map(({ values }) => values[0]?.value).slice(1)).toEqual(['toy', 'toy2', 'toy2']);
  });

  test.each(['power.bad', 'power.good'])('what is asked for again while the board is asked who it is, is done: %s', async (id) => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [power.bad, identity.chip, power.good]');
    const done = new Set<string>();
    await its.drive(board.work(await onBench()), () => {
      if (states()[2] === 'power.good running' && !done.has('out')) {
        done.add('out');
        its.soon(() => its.plugs({ mac: macs.a, name: null }));
      }
      if (states()[2] === 'power.good passed' && !done.has('again')) {
        done.add('again');
        board.repeat(id);
      }
    });
    expect([...done]).toEqual(['out', 'again']);
    expect(run.counts).toMatchObject({ passed: 2, failed: 1, waiting: 0 });
  });

  test('a board that does not answer at the end who it is has passed nothing since', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good]');
    const bench = await onBench();
    await its.drive(board.work(bench), () => {
      if (states()[1] !== 'power.good running' || its.on.mac === macs.b) return;
      const failed = { address: '/dev/a', error: new TalkError('flash/sync-timeout').value };
      Object.assign(its.deps.flash, { begin: () => ({ job: { jobId: 'i' }, ended: Promise.resolve(failed) }) });
      its.soon(() => its.plugs({ mac: macs.b, name: null }));
    });
    expect([run.state, ...states()]).toEqual(['incomplete', 'identity.chip passed', 'power.good flash/sync-timeout']);
  });

  test('two boards of one name are told apart by their chips, whatever their logs say', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { board, run, onBench, states } = runOf(
      its,
      'checks: [identity.chip, { check: identity.chip, id: b }, { check: power.good, id: c }]',
    );
    const bench = await onBench();
    await its.drive(board.work(bench, [board.repeat('identity.chip')]));
    await its.clock.advance(1_000_000);
    its.plugs({ mac: macs.b, name: 'toy' });
    await its.clock.advance(5_000_000);
    for (const id of ['b', 'c']) await its.drive(board.work(bench, [board.repeat(id)]));
    expect([run.state, ...states()]).toEqual(['incomplete', 'identity.chip passed', 'b check/other-board', 'c check/other-board']);
  });

  test('a module whose IMEI this run has measured is told from another, and let in again', async () => {
    const imei = { a: '490154203237518', b: '356938035643809' };
    const its = jig({ mac: null, name: null });
    let told = imei.a;
    Object.assign(its.deps.at.calls, {
      'at.bringUp': async () => ({ steps: [{ values: [{ name: 'imei', value: told }] }] }),
      'at.send': async () => ({ lines: [told, 'OK'] }),
    });
    const { board, onBench, states } = runOf(
      its,
      'checks: [power.sim, power.good, { check: power.good, id: b }, { check: power.good, id: c }]',
    );
    const bench = await onBench({ boardKind: 'cat1' });
    const does = (...ids: string[]) =>
      its.drive(
        board.work(
          bench,
          ids.map((id) => board.repeat(id)),
        ),
      );
    await does('power.sim', 'power.good');
    for (const [now, id] of [
      [imei.b, 'b'],
      [imei.a, 'c'],
    ] as const) {
      await its.clock.advance(1_000_000);
      told = now;
      its.notice('port.lost');
      its.notice('port.reopened');
      await its.clock.advance(5_000_000);
      await does(id);
    }
    expect(states()).toEqual(['power.sim passed', 'power.good passed', 'b check/other-board', 'c passed']);
  });
});

test('what is told for the first time brings nobody back: a module asked for its IMEI while its log names another', async () => {
  const its = jig({ mac: null, name: 'wrong' }, { imei: '356938035643809' });
  const { board, onBench, states } = runOf(its, 'checks: [power.good, power.sim, { check: power.good, id: last }]');
  const bench = await onBench({ claimed: true, boardKind: 'cat1' });
  let isNamed = false;
  const { 'at.bringUp': bringUp } = its.deps.at.calls;
  Object.assign(its.deps.at.calls, {
    'at.bringUp': async (...asked: Parameters<typeof bringUp>) => {
      isNamed = true;
      its.names('wrong');
      return bringUp(...asked);
    },
  });
  await its.drive(board.work(bench));
  expect([isNamed, ...states()]).toEqual([true, ...['power.good', 'power.sim', 'last'].map((id) => `${id} check/other-board`)]);
});

test('a modem’s IMEI says nothing of an ESP that the run knows by its MAC', async () => {
  const its = jig({ mac: macs.a, name: null }, { imei: '356938035643809' });
  const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, power.sim]');
  await its.drive(board.work(await onBench()), () => {
    if (states()[1] === 'power.good running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: null }));
  });
  expect(states()).toEqual(['identity.chip passed', 'power.good check/other-board', 'power.sim check/other-board']);
  expect(run.facts).toMatchObject({ mac: macs.a });
  expect(run.facts).not.toHaveProperty('imei');
});

test('another chip that is given the run’s name afterwards is no less another', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, onBench, states } = runOf(its, 'checks: [identity.chip, { check: power.good, id: b }, { check: power.good, id: c }]');
  const bench = await onBench();
  const does = (id: string) => its.drive(board.work(bench, [board.repeat(id)]));
  await does('identity.chip');
  await its.clock.advance(1_000_000);
  for (const [name, id] of [
    ['other', 'b'],
    ['toy', 'c'],
  ] as const) {
    its.plugs({ mac: macs.b, name });
    await its.clock.advance(5_000_000);
    await does(id);
  }
  expect(states()).toEqual(['identity.chip passed', 'b check/other-board', 'c check/other-board']);
});

describe('an IMEI', () => {
  const imei = { a: '490154203237518', b: '356938035643809' };
  const logged = (its: Jig, told: string) =>
    its.row('IMEI', its.clock.nowUs() - 1000, { grammar: 'at', event: 'identity', payload: { imei: told } });

  test('in the log of a port that was open before is of the board before', async () => {
    const its = jig({ mac: null, name: null }, { isOpen: true });
    logged(its, imei.b);
    await its.clock.advance(1_000_000);
    const { board, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
    const bench = await onBench({ boardKind: 'cat1' });
    await its.clock.advance(1_000_000);
    await its.drive(board.work(bench), () => logged(its, imei.a));
    expect(states()).toEqual(['power.good passed', 'last passed']);
  });

  test('told of the board before is forgotten once the right one has told its own by AT, whatever its log tells next', async () => {
    const its = jig({ mac: null, name: null }, { imei: imei.a });
    const { board, onBench, states } = runOf(its, 'checks: [power.sim, power.good, { check: power.good, id: last }]');
    const bench = await onBench({ boardKind: 'cat1' });
    await its.drive(board.work(bench, [board.repeat('power.sim')]));
    await its.clock.advance(1_000_000);
    logged(its, imei.b);
    expect(bench.gone.aborted).toBe(true);
    await its.clock.advance(1_000_000);
    await its.drive(board.work(bench, [board.repeat('power.good'), board.repeat('last')]), () =>
      its.row('ip', its.clock.nowUs() - 1000, { event: 'wifi.got-ip', payload: { ip: '10.0.0.9' } }),
    );
    expect(states()).toEqual(['power.sim passed', 'power.good passed', 'last passed']);
  });

  test('is asked for by the other command where the plain one tells a serial number', async () => {
    const its = jig({ mac: null, name: null }, { imei: imei.a });
    Object.assign(its.deps.at.calls, {
      'at.send': async ({ command }: { command: string }) => ({
        lines: command === 'AT+CGSN=1' ? [`+CGSN: "${imei.a}"`, 'OK'] : ['SN0001', 'OK'],
      }),
    });
    const { board, onBench, states } = runOf(its, 'checks: [power.sim, power.good]');
    const bench = await onBench({ boardKind: 'cat1' });
    await its.drive(board.work(bench, [board.repeat('power.sim')]));
    await its.clock.advance(1_000_000);
    its.notice('port.lost');
    its.notice('port.reopened');
    await its.clock.advance(1_000_000);
    await its.drive(board.work(bench, [board.repeat('power.good')]));
    expect(states()).toEqual(['power.sim passed', 'power.good passed']);
  });
});
