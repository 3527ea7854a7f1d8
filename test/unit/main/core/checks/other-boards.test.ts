import { expect, test } from 'vitest';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { type Jig, jig, macs, runOf } from '../../../../fakes/board-jig.ts';

// What another board leaves behind: in its log, in the results, under the run's own name.

const say = (its: Jig, payload: object) => its.row('x', its.clock.nowUs() - 1000, { event: 'boot.app-info', payload });

test('what a stranger’s log told is not the right board’s once it is back', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.good, identity.firmware]');
  const bench = await onBench();
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  its.plugs({ mac: macs.b, name: 'wrong' });
  say(its, { key: 'App version', value: 'B-9.9' });
  say(its, { key: 'Project name', value: 'of-b' });
  await its.clock.advance(2_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  expect(states()[0]).toBe('power.good check/other-board');
  its.plugs({ mac: macs.a, name: 'toy' });
  await its.clock.advance(2_000_000);
  await its.drive(
    board.work(
      bench,
      ['power.good', 'identity.firmware'].map((id) => board.repeat(id)),
    ),
  );
  expect(JSON.stringify(run)).not.toContain('B-9.9');
});

test('nor is the memory that it told', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.good, memory.heap]');
  const bench = await onBench();
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  its.plugs({ mac: macs.b, name: 'wrong' });
  await its.clock.advance(2_000_000);
  its.row('free heap', its.clock.nowUs() - 1000, { event: 'heap', payload: { freeBytes: 1234, minimumBytes: 1234 } });
  await its.clock.advance(2_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  expect(states()[0]).toBe('power.good check/other-board');
  // native USB: its ROM's banner is told to nobody
  its.notice('port.lost');
  its.notice('port.reopened');
  its.on = { mac: macs.a, name: 'toy' };
  await its.clock.advance(300_000);
  its.names('toy');
  its.row('free heap', its.clock.nowUs() - 1000, { event: 'heap', payload: { freeBytes: 200_000, minimumBytes: 190_000 } });
  await its.clock.advance(2_000_000);
  await its.drive(
    board.work(
      bench,
      ['power.good', 'memory.heap'].map((id) => board.repeat(id)),
    ),
  );
  expect(JSON.stringify(run.results[1])).not.toContain('1234');
});

test('what a board of the same name passed is disowned when its chip tells it apart: its cable was exchanged', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, onBench, states } = runOf(
    its,
    'checks: [identity.chip, { check: power.good, id: one }, { check: power.good, id: mid }, { check: identity.chip, id: again }]',
  );
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(await onBench()), () => {
    if (states()[1] === 'one running' && its.on.mac === macs.a && its.clock.nowUs() > 2_000_000)
      its.soon(() => its.plugs({ mac: macs.b, name: 'toy' }));
  });
  expect(states()).toEqual(['identity.chip passed', 'one check/other-board', 'mid check/other-board', 'again check/other-board']);
});
test('what a board of the same name passed is disowned when its chip tells it apart: the bridge stayed', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, onBench, states } = runOf(
    its,
    'checks: [identity.chip, { check: power.good, id: one }, { check: power.good, id: mid }, { check: identity.chip, id: again }]',
  );
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(await onBench()), () => {
    if (states()[1] === 'one running' && its.on.mac === macs.a && its.clock.nowUs() > 2_000_000)
      its.soon(() => its.swapTo({ mac: macs.b, name: 'toy' }));
  });
  expect(states()).toEqual(['identity.chip passed', 'one check/other-board', 'mid check/other-board', 'again check/other-board']);
});
test('a board of the same name is asked for its chip, where its cable was exchanged', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, run, onBench, states } = runOf(
    its,
    'checks: [identity.chip, { check: power.good, id: one }, { check: power.good, id: mid }]',
  );
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(await onBench()), () => {
    if (states()[1] === 'one running' && its.on.mac === macs.a && its.clock.nowUs() > 2_000_000)
      its.soon(() => its.plugs({ mac: macs.b, name: 'toy' }));
  });
  expect(run.state).not.toBe('passed');
});

test('what another board passed is not the run’s where it is cancelled while that one is asked, and taken up with the right one', async () => {
  const its = jig({ mac: macs.a, name: null });
  const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  const quickly = its.deps.flash.begin;
  // To ask a chip takes its time.
  Object.assign(its.deps.flash, {
    begin: (address: string, options: never) => {
      const { job, ended } = quickly(address, options);
      return { job, ended: new Promise((resolve) => its.clock.at((its.clock.nowUs() + 4_000_000) as MonoUs, () => resolve(ended))) };
    },
  });
  let isCancelled = false;
  await its.drive(
    board.work(
      bench,
      ['power.good', 'last'].map((id) => board.repeat(id)),
    ),
    () => {
      if (states()[1] === 'power.good running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: null }));
      if (states()[2] === 'last running' && !isCancelled) {
        isCancelled = true;
        board.cancel();
      }
    },
  );
  await bench.close();
  its.plugs({ mac: macs.a, name: null });
  await its.clock.advance(2_000_000);
  await its.drive(board.work(await onBench({ known: false }), [board.repeat('last')]));
  expect([run.state, states()[1]]).not.toEqual(['passed', 'power.good passed']);
});

test('the board before is not the next run’s, on a port that was open all the time', async () => {
  const its = jig({ mac: null, name: 'board-a' }, { isOpen: true });
  its.names('board-a');
  await its.clock.advance(60_000_000);
  // Next board in the jig: it starts, and names itself three seconds later
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.clock.advance(500_000);
  const { board, run, onBench } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
  const bench = await onBench();
  its.clock.at((its.clock.nowUs() + 2_500_000) as MonoUs, () => its.names('board-b'));
  await its.drive(board.work(bench));
  await its.drive(
    board.work(
      bench,
      ['power.good', 'last'].map((id) => board.repeat(id)),
    ),
  );
  expect([run.state, run.deviceName]).toEqual(['passed', 'board-b']);
});

test('a module that is starting on another day is waited for', async () => {
  const imei = { a: '490154203237518', b: '356938035643809' };
  const its = jig({ mac: null, name: null });
  let told: string | null = null;
  Object.assign(its.deps.at.calls, {
    'at.send': async ({ command, timeoutMs }: { command: string; timeoutMs: number }) => {
      its.did.push(command);
      if (told === null) throw new TalkError('timeout', { operation: command, timeoutMs });
      return { lines: [told, 'OK'] };
    },
  });
  its.clock.at(5_000_000 as MonoUs, () => (told = imei.b));
  const { board, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]', {
    imei: imei.a,
    module: 'EC800',
  });
  await its.drive(board.work(await onBench({ known: true, boardKind: 'cat1' })));
  expect(states()).toEqual(['power.good check/other-board', 'last check/other-board']);
});

test('an IMEI that was never written vouches for nobody', async () => {
  const zeros = '000000000000000';
  const its = jig({ mac: null, name: 'toy' }, { imei: zeros });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.sim, power.good, { check: power.good, id: last }]');
  its.names('toy');
  const bench = await onBench({ boardKind: 'cat1' });
  its.names('toy');
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench), () => {
    if (states()[1] === 'power.good running' && its.on.name === 'toy') its.soon(() => its.plugs({ mac: null, name: 'wrong' }));
  });
  expect([run.deviceName, states()[2]]).toEqual(['toy', 'last check/other-board']);
});

test('a parting and a name that come at once are another board’s', async () => {
  const its = jig({ mac: macs.a, name: null });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.good, network.who]', { mac: macs.a });
  await its.drive(board.work(await onBench({ known: true })), () => {
    if (states()[1] !== 'network.who running' || its.on.mac === macs.b) return;
    its.on = { mac: macs.b, name: 'wrong' };
    const at = its.clock.nowUs() - 1000;
    const r = (seq: number, text: string, atUs: number, more: object) => ({
      seq,
      port: '/dev/a',
      text,
      message: text,
      atUs,
      direction: 'received',
      ...more,
    });
    const rows = [
      r(9001, 'port.lost', at - 30_000, { direction: 'notice', event: 'port.lost' }),
      r(9002, 'port.reopened', at - 20_000, { direction: 'notice', event: 'port.reopened' }),
      r(9003, 'SDK', at - 10_000, { event: 'twetalk.sdk', payload: { productId: 'P', deviceName: 'wrong' } }),
    ];
    for (const { onRows } of its.listeners) onRows?.(rows as never, { startedUs: 1000 } as never);
  });
  expect(run.deviceName).not.toBe('wrong');
});

test('a board that was lent to a flasher is asked for its chip', async () => {
  const its = jig({ mac: macs.a, name: null });
  const { board, run, onBench } = runOf(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  await its.clock.advance(20_000_000);
  its.notice('port.lent');
  its.on = { mac: macs.b, name: null };
  await its.clock.advance(10_000_000);
  its.jobs.push({ jobId: 'w', kind: 'write', address: '/dev/a', state: 'done', chip: { mac: macs.b } } as unknown as FlashJob);
  its.notice('port.returned');
  its.starts();
  await its.clock.advance(5_000_000);
  await its.drive(
    board.work(
      bench,
      ['power.good', 'last'].map((id) => board.repeat(id)),
    ),
  );
  expect(run.state).not.toBe('passed');
});

test.each([
  ['toy1', 'toy12'],
  ['toy12', 'toy1'],
])('a name that may have lost characters has its chip asked: %s %s', async (a, b) => {
  const its = jig({ mac: macs.a, name: a });
  const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
  its.starts();
  await its.clock.advance(1_000_000);
  await its.drive(board.work(await onBench()), () => {
    if (states()[1] === 'power.good running' && its.on.mac === macs.a && its.clock.nowUs() > 2_000_000)
      its.soon(() => its.swapTo({ mac: macs.b, name: b }));
  });
  expect(run.state).not.toBe('passed');
});

test('a name that comes after the last check is waited for', async () => {
  const its = jig({ mac: null, name: 'toy' }, { nameMs: 3000 });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
  const bench = await onBench();
  its.starts();
  await its.clock.advance(5_000_000);
  await its.drive(board.work(bench), () => {
    if (states()[1] === 'last running' && its.on.name === 'toy') its.soon(() => its.plugs({ mac: null, name: 'wrong' }));
  });
  await its.clock.advance(5_000_000);
  expect(run.state).not.toBe('passed');
});

test('what the chip has told to be another’s is done again', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, run, onBench } = runOf(
    its,
    'checks: [identity.chip, { check: power.good, id: one }, { check: power.good, id: mid }, { check: identity.chip, id: again }]',
  );
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  await its.clock.advance(30_000_000);
  its.plugs({ mac: macs.b, name: 'toy' });
  await its.clock.advance(5_000_000);
  for (const id of ['one', 'mid']) {
    await its.drive(board.work(bench, [board.repeat(id)]));
    await its.clock.advance(1_000_000);
  }
  await its.drive(board.work(bench, [board.repeat('again')]));
  its.plugs({ mac: macs.a, name: 'toy' });
  await its.clock.advance(5_000_000);
  await its.drive(board.work(bench, [board.repeat('again')]));
  expect(run.state).not.toBe('passed');
});
test('a quiet board is not called what the one before was', async () => {
  const its = jig({ mac: null, name: 'board-a' }, { isOpen: true });
  its.names('board-a');
  await its.clock.advance(60_000_000);
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.clock.advance(20_000_000);
  const { board, run, onBench } = runOf(its, 'checks: [power.good]');
  await its.drive(board.work(await onBench()));
  expect(run.deviceName).toBe(null);
});
test('what the log told of the board before says nothing against the operator’s name', async () => {
  const its = jig({ mac: null, name: 'board-a' }, { isOpen: true });
  its.names('board-a');
  await its.clock.advance(60_000_000);
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.clock.advance(500_000);
  const { board, run, onBench } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
  its.clock.at((its.clock.nowUs() + 2_500_000) as MonoUs, () => its.names('toy'));
  await its.drive(board.work(await onBench({ claimed: true })));
  expect(run.state).toBe('passed');
});
test('nor does it rename a board of another day', async () => {
  const its = jig({ mac: macs.a, name: null }, { isOpen: true });
  its.names('board-z');
  await its.clock.advance(60_000_000);
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.clock.advance(5_000_000);
  const { board, run, onBench } = runOf(its, 'checks: [power.good, network.who]', { mac: macs.a });
  await its.drive(board.work(await onBench({ known: true })));
  expect(run.deviceName).toBe('toy');
});
test('a board that started in the last check is asked for its chip at the end', async () => {
  const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 3000 });
  const { board, run, onBench, states } = runOf(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  await its.clock.advance(30_000_000);
  await its.drive(
    board.work(
      bench,
      ['power.good', 'last'].map((id) => board.repeat(id)),
    ),
    () => {
      if (states()[2] === 'last running' && its.on.mac === macs.a) its.soon(() => its.swapTo({ mac: macs.b, name: 'wrong' }));
    },
  );
  expect(run.state).not.toBe('passed');
});
test('an ESP in the place of a module of another day is another board', async () => {
  const its = jig({ mac: macs.b, name: null });
  const { board, run, onBench } = runOf(its, 'checks: [power.good]', {
    imei: '490154203237518',
    iccid: '89860000000000000000',
    module: 'EC800',
  });
  const bench = await onBench({ known: true, boardKind: '' });
  its.row('chip', its.clock.nowUs() - 1000, { event: 'boot.app-info', payload: { key: 'chip', value: 'ESP32-S3' } });
  its.row('chip', its.clock.nowUs() - 1000, { event: 'boot.bootloader', payload: { idfVersion: 'v5.3' } });
  await its.drive(board.work(bench));
  expect(run.state).not.toBe('passed');
});

test('a stranger’s log makes no ESP of a module: its SIM is checked all the same', async () => {
  const its = jig({ mac: null, name: 'toy' }, { imei: '490154203237518' });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.good, identity.sim]');
  const bench = await onBench({ boardKind: 'cat1' });
  its.names('toy');
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  // An ESP is put there by mistake, noticed, and taken away again.
  its.plugs({ mac: macs.b, name: 'wrong' });
  its.row('chip', its.clock.nowUs() - 1000, { event: 'boot.bootloader', payload: { idfVersion: 'v5.3' } });
  await its.clock.advance(2_000_000);
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  expect(states()[0]).toBe('power.good check/other-board');
  its.notice('port.lost');
  its.notice('port.reopened');
  its.names('toy');
  await its.clock.advance(2_000_000);
  await its.drive(
    board.work(
      bench,
      ['power.good', 'identity.sim'].map((id) => board.repeat(id)),
    ),
  );
  expect(run.results[1]?.reason).not.toBe('not-cat1');
});
test('a module that was flashed meanwhile is asked for its IMEI before its name counts', async () => {
  const imei = { a: '490154203237518', b: '356938035643809' };
  const its = jig({ mac: null, name: null }, { imei: imei.a });
  let told = imei.a;
  Object.assign(its.deps.at.calls, { 'at.send': async () => ({ lines: [told, 'OK'] }) });
  const { board, run, onBench, states } = runOf(its, 'checks: [power.sim, network.who, { check: network.who, id: last }]');
  its.names('toy');
  const bench = await onBench({ boardKind: 'cat1' });
  its.names('toy');
  await its.drive(
    board.work(
      bench,
      ['power.sim', 'network.who'].map((id) => board.repeat(id)),
    ),
  );
  await its.clock.advance(5_000_000);
  its.notice('port.lent');
  told = imei.b;
  await its.clock.advance(20_000_000);
  its.jobs.push({ jobId: 'w', kind: 'write', address: '/dev/a', state: 'done' } as unknown as FlashJob);
  its.notice('port.returned');
  await its.clock.advance(3_000_000);
  its.names('wrong');
  await its.drive(board.work(bench, [board.repeat('last')]));
  expect([run.deviceName, states()[2]]).toEqual(['toy', 'last check/other-board']);
});
const ids = { a: '490154203237518', b: '356938035643809' };
const logsImei = (its: Jig, imei: string) =>
  its.row('+CGSN', its.clock.nowUs() - 1000, { grammar: 'at', event: 'identity', payload: { imei } });
test('the operator’s name stands against an IMEI that is answered into the log', async () => {
  const its = jig({ mac: null, name: 'wrong' }, { imei: ids.a });
  Object.assign(its.deps.at.calls, {
    'at.send': async () => {
      await Promise.resolve();
      logsImei(its, ids.a);
      return { lines: [ids.a, 'OK'] };
    },
  });
  const { board, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]', { imei: ids.a });
  const bench = await onBench({ claimed: true, boardKind: 'cat1' });
  its.names('wrong');
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench));
  expect(states()).toEqual(['power.good check/other-board', 'last check/other-board']);
});
test('a module whose log tells its IMEI may be called otherwise since', async () => {
  const its = jig({ mac: null, name: null });
  Object.assign(its.deps.at.calls, {
    'at.send': async () => {
      throw new TalkError('timeout', { operation: 'at', timeoutMs: 3000 });
    },
  });
  const { board, run, onBench } = runOf(
    its,
    'checks: [power.good, network.who, { check: network.who, id: next }, { check: network.who, id: last }]',
  );
  const bench = await onBench({ boardKind: 'cat1' });
  logsImei(its, ids.a);
  its.names('toy');
  await its.drive(board.work(bench, [board.repeat('power.good')]));
  await its.clock.advance(1_000_000);
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.clock.advance(1_000_000);
  logsImei(its, ids.a);
  await its.clock.advance(1_000_000);
  its.names('lamp');
  await its.clock.advance(1_000_000);
  let tick = 0;
  await its.drive(
    board.work(
      bench,
      ['network.who', 'next', 'last'].map((id) => board.repeat(id)),
    ),
    () => {
      if (++tick % 7 === 0) logsImei(its, ids.a);
      if (tick % 11 === 0) its.names('lamp');
    },
  );
  expect([run.state, run.deviceName]).toEqual(['passed', 'lamp']);
});
test('the operator’s name stands against an IMEI that the log repeats', async () => {
  const its = jig({ mac: null, name: 'wrong' });
  Object.assign(its.deps.at.calls, {
    'at.send': async () => {
      throw new TalkError('timeout', { operation: 'at', timeoutMs: 3000 });
    },
  });
  const { board, onBench, states } = runOf(its, 'checks: [power.good, { check: power.good, id: last }]');
  const bench = await onBench({ claimed: true, boardKind: 'cat1' });
  logsImei(its, ids.a);
  await its.clock.advance(500_000);
  its.names('wrong');
  await its.clock.advance(1_000_000);
  logsImei(its, ids.a);
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench));
  expect(states()).toEqual(['power.good check/other-board', 'last check/other-board']);
});
test('a name tells that it is another, its chip since when', async () => {
  const its = jig({ mac: macs.a, name: 'toy' });
  const { board, onBench, states } = runOf(
    its,
    'checks: [identity.chip, { check: power.good, id: one }, { check: power.good, id: mid }, { check: power.good, id: last }]',
  );
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  await its.clock.advance(30_000_000);
  its.plugs({ mac: macs.b, name: 'toy' });
  await its.clock.advance(5_000_000);
  await its.drive(board.work(bench, [board.repeat('one')]));
  await its.clock.advance(5_000_000);
  its.on = { mac: macs.b, name: 'wrong' };
  its.names('wrong');
  await its.clock.advance(1_000_000);
  await its.drive(board.work(bench, [board.repeat('mid')]));
  expect(states().slice(1, 3)).toEqual(['one check/other-board', 'mid check/other-board']);
});
test('a loader that could not be asked leaves no time in which starts are the bench’s own', async () => {
  const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 1500 });
  const { board, onBench, states } = runOf(
    its,
    'checks: [identity.chip, { check: identity.chip, id: c2 }, { check: power.good, id: one }, { check: power.good, id: mid }]',
  );
  const bench = await onBench();
  await its.drive(board.work(bench, [board.repeat('identity.chip')]));
  await its.clock.advance(30_000_000);
  const well = its.deps.flash.begin;
  Object.assign(its.deps.flash, {
    begin: () => ({ job: { jobId: 'i' }, ended: Promise.resolve({ address: '/dev/a', error: new TalkError('flash/sync-timeout').value }) }),
  });
  await its.drive(board.work(bench, [board.repeat('c2')]));
  Object.assign(its.deps.flash, { begin: well });
  await its.clock.advance(20_000_000);
  its.on = { mac: macs.b, name: 'wrong' };
  its.row('ROM', its.clock.nowUs() - 1000, { event: 'boot.rom' });
  await its.drive(board.work(bench, [board.repeat('one')]));
  await its.clock.advance(3_000_000);
  its.names('wrong');
  await its.clock.advance(1_000_000);
  expect(states()[2]).toBe('one check/other-board');
});
