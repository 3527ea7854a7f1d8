import { describe, expect, test } from 'vitest';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { type Jig, jig, macs, runOf } from '../../../../fakes/board-jig.ts';

// Whoever comes after the run's board, or was there before it, passes nothing; and the run's own is refused for nothing that it does itself.

const SECOND = 1_000_000;
const seconds = (its: Jig, count: number) => its.clock.advance(count * SECOND);
const imei = '490154203237518';
const three = 'checks: [power.good, { check: power.good, id: mid }, { check: power.good, id: last }]';
const four = 'checks: [identity.chip, power.good, { check: power.good, id: mid }, { check: power.good, id: last }]';

/** A run on its bench, of which checks are asked for one by one. */
async function begun(its: Jig, list: string, of: { claimed?: boolean; boardKind?: string } = {}) {
  const all = runOf(its, list);
  const bench = await all.onBench(of);
  const does = (ids: string[], each?: () => void) =>
    its.drive(
      all.board.work(
        bench,
        ids.map((id) => all.board.repeat(id)),
      ),
      each,
    );
  return { ...all, bench, does };
}

/** It is lent to a flasher for so long, and written. */
async function isWritten(its: Jig, jobId: string, chip: { mac: string } | null, forSeconds: number) {
  await seconds(its, 2);
  its.notice('port.lent');
  await seconds(its, forSeconds);
  its.jobs.push({ jobId, kind: 'write', address: '/dev/a', state: 'done', chip } as unknown as FlashJob);
  its.notice('port.returned');
  its.starts();
  await seconds(its, 5);
}

async function plugs(its: Jig, mac: string, name: string | null) {
  await seconds(its, 2);
  its.plugs({ mac, name });
  await seconds(its, 5);
}

/** Once, as soon as it may be. */
function once(isDue: () => boolean, what: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone || !isDue()) return;
    isDone = true;
    what();
  };
}

describe('a write', () => {
  test.each([{ mac: macs.a }, null])(
    'after which the board kept its name makes no device of another that comes later: %o',
    async (chip) => {
      const its = jig({ mac: macs.a, name: 'toy' });
      const { run, does, states } = await begun(its, three);
      its.starts();
      await seconds(its, 1);
      await does(['power.good']);
      await isWritten(its, 'w', chip, 5);
      await does(['mid']);
      expect(states().slice(0, 2)).toEqual(['power.good passed', 'mid passed']);
      await seconds(its, 100);
      await plugs(its, macs.b, 'wrong');
      await does(['last']);
      expect([run.state, run.deviceName, ...states()]).toEqual([
        ...['incomplete', 'toy', 'power.good passed', 'mid passed', 'last check/other-board'],
      ]);
    },
  );

  test('leaves no other board’s name on the one whose MAC is known, which is let in again though it tells none', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { run, does, states } = await begun(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
    its.starts();
    await seconds(its, 1);
    await does(['identity.chip']);
    await seconds(its, 30);
    await isWritten(its, 'w', { mac: macs.a }, 2);
    await does(['power.good']);
    await seconds(its, 100);
    await plugs(its, macs.b, 'wrong');
    await does(['last']);
    expect([run.deviceName, states()[2]]).toEqual(['toy', 'last check/other-board']);
    await plugs(its, macs.a, null);
    await does(['last']);
    expect([run.state, run.deviceName]).toEqual(['passed', 'toy']);
  });

  test('gives a board a new name as often as it is written', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const list = 'checks: [network.who, { check: network.who, id: mid }, { check: network.who, id: last }]';
    const { run, does, states } = await begun(its, list);
    its.starts();
    await seconds(its, 5);
    await does(['network.who']);
    for (const [name, id] of [
      ['second', 'mid'],
      ['third', 'last'],
    ] as const) {
      its.on = { mac: macs.a, name };
      await isWritten(its, name, { mac: macs.a }, 5);
      await does([id]);
    }
    expect([run.state, run.deviceName, ...states()]).toEqual(['passed', 'third', 'network.who passed', 'mid passed', 'last passed']);
  });
});

describe('a board that never names itself', () => {
  test('has passed nothing in the place of one that did', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { board, run, bench, states } = await begun(its, three);
    its.starts();
    await seconds(its, 1);
    await its.drive(board.work(bench), () => {
      if (states()[1] === 'mid running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: null }));
    });
    expect([run.state, ...states()]).toEqual(['incomplete', 'power.good passed', 'mid check/other-board', 'last check/other-board']);
  });

  test('makes its MAC the run’s no more than its results', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { run, does, states } = await begun(its, 'checks: [power.good, { check: power.good, id: mid }, identity.chip]');
    its.starts();
    await seconds(its, 1);
    await does(['power.good']);
    await plugs(its, macs.b, null);
    await does(['mid', 'identity.chip']);
    expect(states()).toEqual(['power.good passed', 'mid check/other-board', 'identity.chip check/other-board']);
    await plugs(its, macs.a, 'toy');
    await does(['identity.chip']);
    expect([run.state, run.facts.mac, states()[1]]).toEqual(['incomplete', macs.a, 'mid check/other-board']);
  });

  test('has passed nothing for one that comes after it and does', async () => {
    const its = jig({ mac: macs.b, name: null });
    const { run, does, states } = await begun(its, three);
    its.starts();
    await does(['power.good']);
    await plugs(its, macs.a, 'toy');
    await does(['mid', 'last']);
    expect([run.state, ...states()]).toEqual(['incomplete', 'power.good check/other-board', 'mid passed', 'last passed']);
  });

  test('is heard by its start where one as quiet was there, some seconds after the bench had reset that', async () => {
    const its = jig({ mac: macs.a, name: null });
    const rom = () => its.row('ESP-ROM:esp32s3-20210327', its.clock.nowUs() - 1000, { event: 'boot.rom', grammar: 'esp-rom' });
    // No application speaks after it.
    its.starts = rom;
    const { bench, does, states } = await begun(its, 'checks: [identity.chip, power.good, { check: power.good, id: last }]');
    await does(['identity.chip']);
    const { bench: one, end } = bench.begin({ signal: new AbortController().signal, facts: new Map() } as never);
    await one.port?.reset();
    rom();
    await end();
    await seconds(its, 8);
    its.swapTo({ mac: macs.b, name: null });
    rom();
    await seconds(its, 5);
    await does(['power.good', 'last']);
    expect(states().slice(1)).toEqual(['power.good check/other-board', 'last check/other-board']);
  });
});

describe('a board that names itself otherwise', () => {
  test('without a start that was heard leaves no name behind on a board without one', async () => {
    const its = jig({ mac: macs.a, name: null });
    const { run, does, states } = await begun(its, 'checks: [identity.chip, power.good, { check: identity.chip, id: again }]');
    await does(['identity.chip']);
    await seconds(its, 30);
    its.on = { mac: macs.b, name: 'wrong' };
    its.names('wrong');
    await seconds(its, 1);
    await does(['power.good', 'again']);
    expect(states().slice(1)).toEqual(['power.good check/other-board', 'again check/other-board']);
    await plugs(its, macs.a, null);
    await does(['power.good', 'again']);
    expect([run.state, run.deviceName]).toEqual(['passed', null]);
  });

  test.each([
    ['lamp-1', 'lamp-12', 'swapTo'],
    ['lamp-12', 'lamp-1', 'swapTo'],
    ['lamp-1', 'lamp-12', 'plugs'],
    ['lamp-12', 'lamp-1', 'plugs'],
  ] as const)('is another though one name is part of the other: %s, %s, %s', async (name, other, how) => {
    const its = jig({ mac: macs.a, name });
    const { run, does, states } = await begun(its, three);
    its.starts();
    await seconds(its, 1);
    await does(['power.good']);
    await seconds(its, 2);
    its[how]({ mac: macs.b, name: other });
    await seconds(its, 20);
    await does(['mid']);
    // So it is told twice.
    its.starts();
    await seconds(its, 20);
    await does(['last']);
    expect([run.state, ...states()]).toEqual(['incomplete', 'power.good passed', 'mid check/other-board', 'last check/other-board']);
  });

  test('is waited for in a run that is taken up, where its cable has just been put in', async () => {
    const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 3000 });
    const { board, run, bench: first, does, onBench, states } = await begun(its, three);
    its.starts();
    await seconds(its, 5);
    await does(['power.good', 'mid']);
    await first.close();
    await seconds(its, 5);
    await its.drive(board.work(await onBench({ known: true }), [board.repeat('last')]), () => {
      if (states()[2] === 'last running' && its.on.mac === macs.a) its.soon(() => its.plugs({ mac: macs.b, name: 'wrong' }));
    });
    expect([run.state, ...states().slice(1)]).toEqual(['incomplete', 'mid passed', 'last check/other-board']);
  });

  test('than the operator is waited for, though the checks take less', async () => {
    const its = jig({ mac: macs.b, name: 'wrong' }, { nameMs: 8000 });
    const { board, run, bench } = await begun(its, 'checks: [power.good, { check: power.good, id: last }]', { claimed: true });
    its.starts();
    await its.drive(board.work(bench));
    expect([run.state, run.counts.passed]).toEqual(['incomplete', 0]);
  });
});

describe('an exchange that nobody heard', () => {
  const begunOfA = async (list: string) => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const all = await begun(its, list);
    its.starts();
    await seconds(its, 1);
    await all.does(['identity.chip']);
    await seconds(its, 30);
    its.on = { mac: macs.b, name: 'wrong' };
    await seconds(its, 5);
    await all.does(['power.good']);
    await seconds(its, 30);
    return { its, ...all };
  };

  test('goes back to when its chip told last, where a name tells of it and its chip thereafter', async () => {
    const { its, run, does, states } = await begunOfA(four);
    await does(['mid']);
    its.names('wrong');
    await seconds(its, 1);
    await does(['last']);
    expect(states().slice(1)).toEqual(['power.good', 'mid', 'last'].map((id) => `${id} check/other-board`));
    await plugs(its, macs.a, 'toy');
    await does(['mid', 'last']);
    expect(run.state).toBe('incomplete');
  });

  test('goes back as far where its chip alone tells of it', async () => {
    const { does, states } = await begunOfA('checks: [identity.chip, power.good, { check: identity.chip, id: mid }]');
    await does(['mid']);
    expect(states().slice(1)).toEqual(['power.good check/other-board', 'mid check/other-board']);
  });
});

describe('the run’s own board is not refused', () => {
  test('where a module takes its time to name itself: its SIM is checked all the same', async () => {
    const its = jig({ mac: null, name: 'toy' }, { imei, nameMs: 20_000 });
    const { run, does } = await begun(its, 'checks: [power.good, power.sim]', { boardKind: 'cat1' });
    its.starts();
    await seconds(its, 25);
    await does(['power.good']);
    its.starts();
    await seconds(its, 1);
    await does(['power.sim']);
    expect([run.state, run.counts.passed]).toEqual(['passed', 2]);
  });

  test('where an ESP that crashed takes its time to name itself', async () => {
    const its = jig({ mac: macs.a, name: 'toy' }, { nameMs: 12_000 });
    const { board, run, bench, states } = await begun(its, 'checks: [power.good, identity.chip, { check: power.good, id: last }]');
    its.starts();
    await seconds(its, 25);
    const crashes = once(
      () => states()[0] === 'power.good running',
      () => its.soon(() => its.starts()),
    );
    await its.drive(board.work(bench), crashes);
    expect([run.state, run.counts.passed]).toEqual(['passed', 3]);
  });

  test.each([0, 5, 15])('where a module with native USB restarts by itself and is away for %i s', async (away) => {
    const its = jig({ mac: null, name: 'toy' }, { imei, nameMs: 12_000 });
    const list = 'checks: [power.sim, power.good, { check: power.sim, id: again }, { check: power.good, id: last }]';
    const { board, run, bench, states } = await begun(its, list, { boardKind: 'cat1' });
    its.starts();
    await seconds(its, 15);
    const restarts = once(
      () => states()[1] === 'power.good running',
      () =>
        its.soon(() => {
          its.notice('port.lost');
          its.clock.at((its.clock.nowUs() + away * SECOND) as MonoUs, () => {
            its.notice('port.reopened');
            its.starts();
          });
        }),
    );
    await its.drive(board.work(bench), restarts);
    expect([run.state, run.counts.passed]).toEqual(['passed', 4]);
  });

  test('where a module that told its IMEI in its log, and answers no AT there, restarts', async () => {
    const its = jig({ mac: null, name: 'toy' });
    const silent = async () => Promise.reject(new TalkError('timeout', { operation: 'at', timeoutMs: 3000 }));
    Object.assign(its.deps.at.calls, { 'at.send': silent });
    const { board, run, bench, states } = await begun(its, three, { boardKind: 'cat1' });
    its.starts();
    its.row('IMEI', its.clock.nowUs() - 1000, { grammar: 'at', event: 'identity', payload: { imei } });
    await seconds(its, 5);
    const restarts = once(
      () => states()[1] === 'mid running',
      () => its.soon(() => its.plugs(its.on)),
    );
    await its.drive(board.work(bench), restarts);
    expect([run.state, run.counts.passed]).toEqual(['passed', 3]);
  });

  test('for a name that lost a character once', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { board, run, bench, states } = await begun(its, three);
    its.starts();
    await seconds(its, 5);
    const garbles = once(
      () => states()[0] === 'power.good running',
      () =>
        its.soon(() => {
          its.row('x', its.clock.nowUs() - 1000, { event: 'boot.app-started' });
          its.names('ty');
          its.names('toy');
        }),
    );
    await its.drive(board.work(bench), garbles);
    expect([run.state, run.counts.passed]).toEqual(['passed', 3]);
  });

  test('where its console gave it another name, and its chip says that it is the one', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { run, does, states } = await begun(its, 'checks: [identity.chip, power.good, { check: network.who, id: last }]');
    its.starts();
    await seconds(its, 5);
    await does(['identity.chip', 'power.good']);
    await seconds(its, 90);
    its.on = { mac: macs.a, name: 'new' };
    its.names('new');
    await seconds(its, 1);
    await does(['last']);
    expect([run.state, run.deviceName, ...states()]).toEqual([
      ...['passed', 'new', 'identity.chip passed', 'power.good passed', 'last passed'],
    ]);
  });

  test('though it crashes every three seconds for a while', async () => {
    const its = jig({ mac: macs.a, name: 'toy' });
    const { board, run, bench, states } = await begun(its, four);
    its.starts();
    await seconds(its, 1);
    let tenths = 0;
    await its.drive(board.work(bench), () => {
      if (states()[0] !== 'identity.chip passed') return;
      tenths++;
      if (tenths % 30 === 0 && tenths <= 180) its.soon(() => its.starts());
    });
    expect([run.state, run.counts.passed]).toEqual(['passed', 4]);
  });
});
