import { beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../../../../../main/core/checks/check.ts';
import { readList } from '../../../../../../main/core/checks/lists/read.ts';
import type { RunnerPorts, RunOptions } from '../../../../../../main/core/checks/runner/ports.ts';
import { BoardRun, waitingResult } from '../../../../../../main/core/checks/runner/run.ts';
import { countsOf } from '../../../../../../main/core/checks/runner/verdict.ts';
import type { CheckRun } from '../../../../../../preload/contract/checks.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { FakeBench, type FakeBenchOptions } from '../../../../../fakes/fake-bench.ts';
import { fakeCheck, fakeRunBench } from '../../../../../fakes/run-bench.ts';

let told = '';
function checksTell(text: string): void {
  told = text;
}

const checks: Check[] = [
  fakeCheck(
    'power.tells',
    () => ({ values: { level: 1, said: told }, evidence: [{ kind: 'rows', port: 'COM7', fromSeq: 3, toSeq: 3, lines: [told] }] }),
    { values: [{ name: 'level', limit: { min: 1 } }, { name: 'said' }] },
  ),
  fakeCheck('power.good', (_, { level }) => ({ values: { level } })),
  fakeCheck('power.bad', () => ({ values: { level: 0 } })),
  fakeCheck('power.quiet', () => ({ skipped: 'not-in-log' })),
  fakeCheck('power.slow', async (bench) => {
    await bench.sleep(60_000);
    return { values: { level: 2 } };
  }),
  fakeCheck('power.refused', () => {
    throw new TalkError('port/lost', { address: 'COM7', reason: 'gone' });
  }),
  fakeCheck('power.bug', () => {
    throw new Error('a bug');
  }),
  fakeCheck('power.asks', async (bench) => {
    const answer = await bench.ask({ ask: 'heard', data: { what: 'a tone' }, kind: 'judge' });
    return answer === 'nobody' ? { person: 'nobody-there' } : { values: { level: answer === 'yes' ? 1 : 0 } };
  }),
  fakeCheck('power.progress', async (bench) => {
    for (let i = 1; i <= 1000; i++) {
      await bench.sleep(2);
      bench.progress(i / 1000);
    }
    return { values: { level: 1 }, evidence: [bench.keepSound('heard', new Int16Array(16_000))] };
  }),
  fakeCheck('power.before', (bench) => ({ values: { level: Number(bench.measured('power.good')?.level ?? 0) } })),
  fakeCheck('identity.sim', () => ({ values: { level: 1 } }), { needs: ['cat1'] }),
  fakeCheck('uplink.level', () => ({ values: { level: 1 } }), { needs: ['device', 'conversation', 'voice'] }),
  fakeCheck('downlink.playback', () => ({ values: { level: 1 } }), { needs: ['ear'] }),
];

let bench: FakeBench;
let heard: CheckRun[];
let kept: string[];
let bugs: unknown[];
beforeEach(() => {
  heard = [];
  kept = [];
  bugs = [];
});

function runOf(text: string, options: Partial<RunOptions> & { bench?: FakeBenchOptions } = {}): BoardRun {
  const list = readList(`name: t\nversion: 1\n${text}`, checks);
  bench = new FakeBench({ language: 'en', ...options.bench });
  const results = list.items.map(({ id, check }) => waitingResult({ id, check: check.name, group: check.group, title: null }));
  const run: CheckRun = {
    ...{ id: 'run', listId: null, listName: 't', listVersion: '1', boardKind: '', serialNumber: '', operator: '', port: null },
    ...{ productId: null, deviceName: null, firmwareVersion: null, sessionId: 's', startedWallMs: 0, durationMs: 0, state: 'running' },
    ...{ counts: countsOf(results), failed: [], results, facts: {} },
  };
  const ports: RunnerPorts = {
    clock: bench.clock,
    session: () => ({ id: 's', startedUs: 0 }),
    redact: async () => (line) => line.replaceAll('hunter22', '********'),
    keepSound: (id) => kept.push(id),
    dropSound: (id) => kept.splice(kept.indexOf(id), 1),
    baselines: bench.baselines,
    namesakes: async () => [],
    checkedElsewhere: () => null,
    isImpaired: () => false,
    onChange: () => heard.push(structuredClone(run)),
    onResult: () => {},
    onBug: (error) => {
      bugs.push(error);
      return 'bug-1';
    },
  };
  return new BoardRun(run, list, { serialNumber: '', language: 'en', isUnattended: false, only: null, ...options }, ports);
}

/** Ends with the last change having been told. */
async function ended(work: Promise<void>): Promise<void> {
  await bench.drive(work);
  await bench.clock.advance(200_000);
}

const states = ({ run }: BoardRun) =>
  run.results.map(({ id, state, reason }) => (reason === null ? `${id} ${state}` : `${id} ${state} ${reason}`));

describe('what is kept of a check', () => {
  test('is cut where secrets have been blacked out, so that half a one is none', async () => {
    const secret = `${'x'.repeat(495)}hunter22`;
    const it = runOf('checks: [power.tells]');
    checksTell(secret);
    await ended(it.work(fakeRunBench(bench)));
    expect(JSON.stringify(it.run)).not.toContain('hunt');
    expect(it.run.results[0]?.values[1]).toMatchObject({ name: 'said', value: `${'x'.repeat(495)}*****` });
  });

  test('has no place in a session that is not the run’s', async () => {
    const it = runOf('checks: [power.tells]');
    checksTell('I (5) boot: hello');
    it.run.sessionId = 'the one before';
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.results[0]).toMatchObject({ state: 'passed', startedUs: null });
    expect(it.run.results[0]?.evidence).toEqual([{ kind: 'lines', label: 'COM7', lines: ['I (5) boot: hello'] }]);
  });

  test('an expression of a list that never ends is the list’s fault', async () => {
    const it = runOf(`checks: [{ check: power.tells, limits: { said: { matches: '(x+x+)+y' } } }]`);
    checksTell('x'.repeat(400));
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.results[0]).toMatchObject({ state: 'error', error: { code: 'timeout', data: { operation: 'limit' } } });
  });
});

describe('a run', () => {
  test('does the checks in the list’s order, with what the list says of each, and knows what came before', async () => {
    const it = runOf(`checks:
  - { check: power.good, parameters: { level: 7 }, limits: { level: { max: 9 } } }
  - power.before
  - { id: again, check: power.good, limits: { level: { max: 2 } } }`);
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.good passed', 'power.before passed', 'again failed']);
    expect(it.run.results[1]?.values[0]).toMatchObject({ value: 7 });
    expect(it.run.results[2]).toMatchObject({ next: 'turn-up', values: [{ value: 3, limit: { max: 2 }, isMet: false }] });
    expect(it.run).toMatchObject({ state: 'failed', failed: ['power.good'], counts: { passed: 2, failed: 1, waiting: 0 } });
  });

  test('skips what the board or the bench lacks, and is incomplete where that leaves something open', async () => {
    const it = runOf('checks: [power.good, identity.sim, uplink.level, downlink.playback]', { bench: { device: null, ear: 'none' } });
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual([
      'power.good passed',
      'identity.sim skipped not-cat1',
      'uplink.level skipped no-device',
      'downlink.playback skipped no-ear',
    ]);
    expect(it.run.state).toBe('incomplete');
  });

  test('passes without what is not for this board, and without what the list calls optional', async () => {
    const it = runOf('checks: [power.good, identity.sim, { check: downlink.playback, optional: true }]', { bench: { ear: 'none' } });
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.state).toBe('passed');
  });

  test('has not passed when nothing has been done', async () => {
    const it = runOf('checks: [identity.sim]');
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.state).toBe('incomplete');
  });

  test('waits for a device once, not before each check that needs it', async () => {
    const it = runOf('checks: [uplink.level, { id: two, check: uplink.level }, { id: three, check: uplink.level }]', {
      bench: { device: null },
    });
    const before = bench.clock.nowUs();
    await ended(it.work(fakeRunBench(bench)));
    expect((bench.clock.nowUs() - before) / 1e6).toBeLessThan(16);
  });

  test('does only what is wanted; an item whose earlier one has not passed is held back', async () => {
    const text = 'checks: [power.bad, { id: late, check: power.good, after: power.bad }, { id: free, check: power.good }]';
    const all = runOf(text);
    await ended(all.work(fakeRunBench(bench)));
    expect(states(all)).toEqual(['power.bad failed', 'late skipped needs-earlier', 'free passed']);
    const some = runOf(text, { only: ['late'] });
    await ended(some.work(fakeRunBench(bench)));
    expect(states(some)).toEqual(['power.bad skipped not-wanted', 'late passed', 'free skipped not-wanted']);
    expect(some.run.state).toBe('passed');
  });

  test('one whose log told too little holds nothing back; one that could not be done does', async () => {
    const it = runOf(
      'checks: [power.quiet, { id: late, check: power.good, after: power.quiet }, identity.sim, { id: later, check: power.good, after: identity.sim }]',
    );
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual([
      'power.quiet skipped not-in-log',
      'late passed',
      'identity.sim skipped not-cat1',
      'later skipped needs-earlier',
    ]);
  });

  test('ends at the first failure where the list says so', async () => {
    const it = runOf('stopAtFirstFailure: true\nchecks: [power.good, power.bad, power.slow]');
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.good passed', 'power.bad failed', 'power.slow skipped needs-earlier']);
  });

  test('tells what could not be carried out from a board that is bad', async () => {
    const it = runOf('checks: [power.refused, power.bug, power.good]');
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.refused error', 'power.bug error', 'power.good passed']);
    expect(it.run.results.map(({ error }) => error?.code)).toEqual(['port/lost', 'internal', undefined]);
    expect(it.run.state).toBe('incomplete');
    expect(bugs).toHaveLength(1);
  });

  test('ends a check that does not end by itself', async () => {
    const it = runOf('checks: [{ check: power.slow, timeoutS: 5 }, power.good]');
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.slow error', 'power.good passed']);
    expect(it.run.results[0]).toMatchObject({
      error: { code: 'timeout', data: { operation: 'power.slow', timeoutMs: 5000 } },
      durationMs: 5000,
    });
  });

  test('is cancelled with a name for everything: what has been done stays, the rest has not been', async () => {
    const it = runOf('checks: [power.bad, power.slow, power.good]');
    const board = fakeRunBench(bench);
    bench.at(1000, () => it.cancel());
    await ended(it.work(board));
    expect(states(it)).toEqual(['power.bad failed', 'power.slow skipped cancelled', 'power.good skipped cancelled']);
    expect(it.run.state).toBe('cancelled');
    expect([board.begun, board.ended]).toEqual([2, 2]);
  });

  test('goes on without a check that does not hear that it is over', async () => {
    const deaf = fakeCheck('power.deaf', () => new Promise(() => {}));
    checks.push(deaf);
    const it = runOf('checks: [{ check: power.deaf, timeoutS: 1 }, power.good]');
    await ended(it.work(fakeRunBench(bench)));
    checks.pop();
    expect(states(it)).toEqual(['power.deaf error', 'power.good passed']);
  });
});

test('a board that is unplugged ends the check that is under way, and no later one passes for its silence', async () => {
  const it = runOf('checks: [power.good, power.slow, power.bad]');
  const gone = new AbortController();
  const board = fakeRunBench(bench);
  const there = async () => gone.signal.throwIfAborted();
  bench.at(1000, () => gone.abort(new TalkError('port/lost', { address: 'COM7', reason: 'unplugged' })));
  await ended(it.work(Object.assign(board, { gone: gone.signal, there })));
  expect(states(it)).toEqual(['power.good passed', 'power.slow error', 'power.bad error']);
  expect(it.run.results[2]?.error).toMatchObject({ code: 'port/lost', data: { address: 'COM7' } });
  expect(it.run.state).toBe('incomplete');
});

test('a check has all of its time once its board is there, however long that takes', async () => {
  const it = runOf('checks: [{ check: power.slow, timeoutS: 61 }]');
  const board = fakeRunBench(bench);
  const there = async () => (board.begun === 0 ? bench.sleep(30_000) : undefined);
  await ended(it.work(Object.assign(board, { there })));
  expect(states(it)).toEqual(['power.slow passed']);
  // What it took to find the board is no part of it.
  expect(it.run.results[0]?.durationMs).toBe(60_000);
  expect(it.run.durationMs).toBeGreaterThanOrEqual(90_000);
});

test('who cancels while its board is waited for waits no longer', async () => {
  const it = runOf('checks: [power.good]');
  const there = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  bench.at(1000, () => it.cancel());
  await ended(it.work(Object.assign(fakeRunBench(bench), { there })));
  expect(states(it)).toEqual(['power.good skipped cancelled']);
});

test('a board that is unplugged takes nothing from what a person answers: the list’s own question, before it, during it and after it', async () => {
  const it = runOf("checks: [{ id: out, question: 'Unplugged?', kind: do }, { id: dark, question: 'Is it dark?' }, power.good]");
  const gone = new AbortController();
  const there = async () => gone.signal.throwIfAborted();
  bench.at(1000, () => gone.abort(new TalkError('port/lost', { address: 'COM7', reason: 'unplugged' })));
  bench.at(30_000, () => it.answer('out', 'done', ''));
  bench.at(40_000, () => it.answer('dark', 'yes', ''));
  await ended(it.work(Object.assign(fakeRunBench(bench), { gone: gone.signal, there })));
  expect(states(it)).toEqual(['out passed', 'dark passed', 'power.good error']);
});

describe('a person', () => {
  test('is asked, and what they note is kept', async () => {
    const it = runOf('checks: [power.asks, { id: lit, question: { zh: 亮了吗, en: Lit? } }]');
    bench.at(1000, () => {
      expect(it.run.results[0]).toMatchObject({ state: 'asking', question: { ask: 'heard' } });
      expect(() => it.answer('power.asks', 'done', '')).toThrow('bad-request');
      expect(() => it.answer('lit', 'yes', '')).toThrow('not-found');
      it.answer('power.asks', 'yes', 'a little hoarse');
    });
    bench.at(2000, () => {
      expect(it.run.results[1]?.question).toEqual({ ask: 'other', data: { text: 'Lit?' }, kind: 'judge' });
      it.answer('lit', 'no', '');
    });
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.asks passed', 'lit failed']);
    expect(it.run.results[0]).toMatchObject({ note: 'a little hoarse', question: null });
    expect(it.run.results[1]).toMatchObject({ next: 'put-right', check: 'person.question' });
  });

  test('is not asked in an unattended run, which is then incomplete', async () => {
    const it = runOf('checks: [power.asks, power.good]', { isUnattended: true });
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.asks person nobody-there', 'power.good passed']);
    expect(it.run.state).toBe('incomplete');
  });

  test('who cancels ends the question too', async () => {
    const it = runOf('checks: [power.asks]');
    bench.at(1000, () => it.cancel());
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.results[0]).toMatchObject({ state: 'skipped', reason: 'cancelled', question: null });
  });
});

describe('what is told and kept', () => {
  test('is told at most ten times a second, the end always', async () => {
    const it = runOf('checks: [power.progress]');
    await ended(it.work(fakeRunBench(bench)));
    expect(heard.length).toBeLessThanOrEqual(22);
    expect(heard.length).toBeGreaterThan(10);
    expect(heard.at(-1)).toMatchObject({ state: 'passed', counts: { passed: 1 } });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  test('has no secret in it', async () => {
    checks.push(
      fakeCheck('power.talks', () => ({
        values: { level: 1, password: 'hunter22' },
        evidence: [{ kind: 'lines', label: 'log', lines: ['psk=hunter22'] }],
      })),
    );
    const it = runOf('checks: [power.talks]');
    await ended(it.work(fakeRunBench(bench)));
    checks.pop();
    expect(JSON.stringify(it.run)).not.toContain('hunter22');
  });

  test('a check that is done again stands in its own place, with its own sounds', async () => {
    const it = runOf('checks: [power.progress, power.bad]');
    await ended(it.work(fakeRunBench(bench)));
    expect(it.run.state).toBe('failed');
    const [before] = kept;
    await ended(it.work(fakeRunBench(bench), [it.repeat('power.progress')]));
    expect(kept).toHaveLength(1);
    expect(kept[0]).not.toBe(before);
    expect(states(it)).toEqual(['power.progress passed', 'power.bad failed']);
    expect(() => it.repeat('none')).toThrow('not-found');
  });

  test('no sound stays of what does not count: of an attempt that the bench spoilt, of a check that could not be carried out', async () => {
    let times = 0;
    checks.push(
      fakeCheck(
        'power.spoilt',
        async (of) => {
          const nowUs = of.clock.nowUs();
          if (times++ === 0) bench.late.push({ fromUs: nowUs, toUs: nowUs + 500_000 });
          await of.sleep(1000);
          return { values: { waitMs: times === 1 ? 400 : 20 }, evidence: [of.keepSound('uplink', new Int16Array(160))] };
        },
        { values: [{ name: 'waitMs', unit: 'ms', limit: { max: 300 }, isTimed: true }] },
      ),
      fakeCheck('power.fails', (of) => {
        of.keepSound('uplink', new Int16Array(160));
        throw new TalkError('disconnected', {});
      }),
    );
    const it = runOf('checks: [power.spoilt, power.fails]');
    await ended(it.work(fakeRunBench(bench)));
    checks.length -= 2;
    expect(states(it)).toEqual(['power.spoilt passed', 'power.fails error']);
    expect(times).toBe(2);
    expect(kept).toEqual(it.run.results[0]?.evidence.flatMap((each) => (each.kind === 'sound' ? each.id : [])));
    expect(kept).toHaveLength(1);
  });

  test('a check that is to be done again is done, though the run did not want it', async () => {
    const it = runOf('checks: [power.good, power.bad]', { only: ['power.bad'] });
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.good skipped not-wanted', 'power.bad failed']);
    await ended(it.work(fakeRunBench(bench), [it.repeat('power.good')]));
    expect(states(it)).toEqual(['power.good passed', 'power.bad failed']);
  });

  test('a run that is cancelled before it begins does nothing', async () => {
    const it = runOf('checks: [power.good]');
    it.cancel();
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.good skipped cancelled']);
    expect(it.run.state).toBe('cancelled');
  });

  test('a check that is to be done again while others run comes after them', async () => {
    const it = runOf('checks: [power.bad, power.slow]');
    bench.at(1000, () => {
      it.repeat('power.bad');
      expect(it.run.results[0]?.state).toBe('waiting');
    });
    await ended(it.work(fakeRunBench(bench)));
    expect(states(it)).toEqual(['power.bad failed', 'power.slow passed']);
  });
});

test('a board whose family nobody knows has not passed by leaving out what is for one of them', async () => {
  for (const [family, state, reason] of [
    ['other', 'incomplete', 'unknown-board'],
    ['esp', 'passed', 'not-cat1'],
    ['known-other', 'passed', 'not-cat1'],
  ] as const) {
    const run = runOf('checks: [power.good, identity.sim]', { bench: { port: { family } } });
    await ended(run.work(fakeRunBench(bench)));
    expect([run.run.state, ...states(run)]).toEqual([state, 'power.good passed', `identity.sim skipped ${reason}`]);
  }
});
