import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { jig, macs, type OnPort, runOf } from '../../../../fakes/board-jig.ts';
import { toy } from '../../../../fakes/core-services.ts';

// Boards that crash, part and are exchanged at any time: what a run has passed, its own board has.

const NAMED_US = 300_000;
/** Nobody takes a board away while the bench asks its loader, nor before it has started again. */
const ASKED_US = 6_000_000;

/** What a board does by itself or by hand. `leavesUs`: it is away from its port for so long; `isHeard`: its log tells its start. */
const alone = {
  crash: { leavesUs: 0, isHeard: true },
  replug: { leavesUs: 2_000_000, isHeard: true },
  'quiet replug': { leavesUs: 2_000_000, isHeard: false },
  'native USB restart': { leavesUs: 800_000, isHeard: false },
};
/** What puts the other one in its place. */
const exchanges = {
  'other on the bridge': { leavesUs: 0, isHeard: true },
  'other by cable': { leavesUs: 2_000_000, isHeard: true },
  'other by cable, quiet': { leavesUs: 2_000_000, isHeard: false },
};
type Happening = keyof typeof alone | keyof typeof exchanges;

interface Scenario {
  isNamed: boolean;
  isClaimed: boolean;
  /** Of another day; measured first of all; or by none but the checks that happen to ask for it. */
  mac: 'known' | 'measured' | 'unknown';
  /** The port was open before the run. */
  isOpen: boolean;
  checks: string[];
  /** Whoever asks for what is left asks for all. */
  repeatsAll: boolean;
  /** What, and how long after the one before: long enough for a board to name itself, and seldom when a check ends. */
  happens: { afterMs: number; what: Happening }[];
}

const scenario = (...what: Happening[]): fc.Arbitrary<Scenario> =>
  fc.record({
    ...{ isNamed: fc.boolean(), isClaimed: fc.boolean(), isOpen: fc.boolean(), repeatsAll: fc.boolean() },
    mac: fc.constantFrom('known', 'measured', 'unknown'),
    checks: fc.array(fc.constantFrom('power.good', 'power.good', 'network.who', 'identity.chip'), { minLength: 3, maxLength: 7 }),
    happens: fc.array(fc.record({ afterMs: fc.integer({ min: 500, max: 4000 }), what: fc.constantFrom(...what) }), {
      minLength: 3,
      maxLength: 8,
    }),
  });

/** A run that is begun with board A on the port, and all that happens meanwhile. */
async function play({ isNamed, isClaimed, mac, isOpen, checks, happens }: Scenario) {
  const a: OnPort = { mac: macs.a, name: isNamed ? toy.deviceName : null };
  const b: OnPort = { mac: macs.b, name: 'wrong' };
  const its = jig(a, { isOpen, nameMs: NAMED_US / 1000 });
  const { clock } = its;
  const list = (mac === 'measured' ? ['identity.chip', ...checks] : checks).map((check, at) => `{ check: ${check}, id: c${at} }`);
  const facts: Record<string, string> = mac === 'known' ? { mac: macs.a, chip: 'ESP32-S3' } : {};
  const { board, run, onBench, states } = runOf(its, `checks: [${list.join(', ')}]`, facts);
  /** Who was on the port since when, and how all that came. */
  const turns = [{ sinceUs: 0, on: a }];
  const story: string[] = [];
  const tell = (what: string) => story.push(`${clock.nowUs() / 1e6} ${what}: ${states().join(', ')}`);

  /** Settled when somebody is on the port again. */
  let away: PromiseWithResolvers<void> | null = null;
  let askedUs = -ASKED_US;
  const asks = its.deps.flash.begin;
  Object.assign(its.deps.flash, {
    begin: (...asked: Parameters<typeof asks>) => {
      const now = () => {
        askedUs = clock.nowUs();
        return asks(...asked);
      };
      // Nobody's loader answers from a port that is empty.
      return away === null ? now() : { job: { jobId: 'i' }, ended: away.promise.then(() => now().ended) };
    },
  });

  const afterUs = (us: number, then: () => void) => clock.at((clock.nowUs() + us) as MonoUs, then);
  const starts = (isHeard: boolean) => {
    const { name } = its.on;
    if (isHeard) its.starts();
    else if (name !== null) afterUs(NAMED_US, () => its.names(name));
  };
  const comes = (next: OnPort, { leavesUs, isHeard }: { leavesUs: number; isHeard: boolean }) => {
    const isThere = () => {
      if (next !== its.on) turns.push({ sinceUs: clock.nowUs(), on: next });
      its.on = next;
      if (leavesUs > 0) {
        its.port('open');
        its.notice('port.reopened');
      }
      starts(isHeard);
      away?.resolve();
      away = null;
    };
    if (leavesUs === 0) return isThere();
    away = Promise.withResolvers();
    its.notice('port.lost');
    its.port('lost');
    afterUs(leavesUs, isThere);
  };

  const left = happens.slice();
  /** The next of what happens, as soon as it may: not before the run knows whom it is about. */
  const goOn = () => {
    const next = left[0];
    if (next === undefined) return;
    const isKnown = run.deviceName !== null || run.facts.mac !== undefined;
    if (!isKnown || clock.nowUs() < askedUs + ASKED_US) return void afterUs(500_000, goOn);
    left.shift();
    tell(next.what);
    const how = { ...alone, ...exchanges }[next.what];
    const other = its.on === a ? b : a;
    comes(next.what in exchanges ? other : its.on, how);
    afterUs(how.leavesUs + (left[0]?.afterMs ?? 0) * 1000, goOn);
  };

  its.starts();
  await clock.advance(10_000_000);
  const bench = await onBench({ claimed: isClaimed, known: mac === 'known' });
  its.starts();
  await clock.advance(1_000_000);
  afterUs((left[0]?.afterMs ?? 0) * 1000, goOn);
  await its.drive(board.work(bench));
  tell('over');

  const again = async (repeatsAll: boolean) => {
    const wanted = run.results.filter(({ state }) => repeatsAll || state !== 'passed');
    const items = wanted.map(({ id }) => board.repeat(id));
    await its.drive(board.work(bench, items));
    tell('over again');
  };
  /** Nothing happens any more, and the right board is there. */
  const settle = async () => {
    left.length = 0;
    await clock.advance(ASKED_US);
    comes(a, alone.replug);
    await clock.advance(10_000_000);
    tell('settled');
  };
  /** By the session's clock, which is the run's here. The time in which nobody is there is of whoever has left. */
  const isOnlyOf = (who: OnPort, fromUs: number, untilUs: number) =>
    turns.every(({ sinceUs, on }, at) => on === who || sinceUs > untilUs || (turns[at + 1]?.sinceUs ?? Infinity) <= fromUs);
  const passedByOther = () =>
    run.results.flatMap(({ id, state, startedUs, durationMs }) =>
      state === 'passed' && startedUs !== null && isOnlyOf(b, startedUs, startedUs + (durationMs ?? 0) * 1000) ? [id] : [],
    );
  return { run, turns, again, settle, passedByOther, story: () => story.join('\n') };
}

test('property: a board alone passes, whatever it does and however it is known, and the run carries its name and its MAC', async () => {
  await fc.assert(
    fc.asyncProperty(scenario(...(Object.keys(alone) as Happening[])), async (which) => {
      const { run, story } = await play(which);
      const { isNamed, isClaimed, mac, checks } = which;
      const isCalled = isNamed || isClaimed || mac === 'known';
      const isMeasured = mac !== 'unknown' || checks.includes('identity.chip');
      expect([run.state, run.deviceName, run.facts.mac], story()).toEqual([
        ...['passed', isCalled ? toy.deviceName : null, isMeasured ? macs.a : undefined],
      ]);
    }),
    { numRuns: 150 },
  );
});

test('property: a run that has passed carries nothing that another board did alone, and its own is let in again', async () => {
  let exchanged = 0;
  await fc.assert(
    fc.asyncProperty(scenario(...(Object.keys({ ...alone, ...exchanges }) as Happening[])), async (which) => {
      // Who tells nothing at all is not told from others.
      fc.pre(which.isNamed || which.mac !== 'unknown');
      const { run, turns, again, settle, passedByOther, story } = await play(which);
      const hasPassed = () => run.state === 'passed';
      const expectItsOwn = () => {
        if (!hasPassed()) return;
        const { mac = macs.a } = run.facts;
        expect([passedByOther(), run.deviceName ?? toy.deviceName, mac], story()).toEqual([[], toy.deviceName, macs.a]);
      };
      expectItsOwn();
      for (let round = 0; round < 3 && !hasPassed(); round++) {
        await again(which.repeatsAll);
        expectItsOwn();
      }
      if (turns.length > 1) exchanged++;
      if (hasPassed()) return;
      await settle();
      for (let round = 0; round < 2 && !hasPassed(); round++) await again(false);
      expect(run.state, story()).toBe('passed');
      expectItsOwn();
    }),
    { numRuns: 150 },
  );
  expect(exchanged).toBeGreaterThan(50);
});
