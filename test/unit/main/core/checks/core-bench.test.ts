import { describe, expect, it } from 'vitest';
import { createCoreBench } from '../../../../../main/core/checks/core-bench.ts';
import type { BenchSubject, CheckHooks } from '../../../../../main/core/checks/run-bench.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { FlashJob } from '../../../../../preload/contract/flash.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { services, slow, subject, toy } from '../../../../fakes/core-services.ts';

const hooks = (signal = new AbortController().signal) =>
  ({
    signal,
    ask: async () => 'nobody',
    keepSound: () => expect.unreachable(),
    progress: () => {},
    measured: () => undefined,
  }) as unknown as CheckHooks;

describe('the port of a run', () => {
  it('is opened and closed again, or left to who had it open', async () => {
    const own = services();
    await (await createCoreBench(own.deps)(subject())).close();
    expect(own.did).toEqual(['open', 'close']);
    // What the log tells of boards is heard for as long as the core lives.
    expect(own.listeners.size).toBe(1);
    const others = services({ isOpen: true });
    await (await createCoreBench(others.deps)(subject())).close();
    expect(others.did).toEqual([]);
  });

  it('tells its rows in the clock’s time, and ends who waits for one with the check', async () => {
    const { deps, row } = services();
    const stop = new AbortController();
    const { bench } = (await createCoreBench(deps)(subject())).begin(hooks(stop.signal));
    expect(bench.port?.state()).toBeNull();
    row('I (5) boot: hello', 500);
    expect(bench.port?.rows(0).map(({ atUs }) => atUs)).toEqual([1500]);
    const waiting = bench.port?.until(() => false, { timeoutMs: 60_000 });
    stop.abort(new TalkError('cancelled'));
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('says where nothing can reset the board', async () => {
    const { bench } = (await createCoreBench(services({ canReset: false }).deps)(subject())).begin(hooks());
    expect(await bench.port?.reset()).toBe(false);
  });

  it('is waited for as long as a board takes to start anew, and is gone after that, until it is back', async () => {
    const { deps, clock, port, watchers } = services();
    const run = await createCoreBench(deps)(subject());
    const { signal } = new AbortController();
    await run.there(signal);
    port('lost', new TalkError('port/lost', { address: '/dev/a', reason: 'unplugged' }));
    const soon = run.there(signal);
    await clock.advance(8_000_000);
    port('open');
    await soon;
    port('yielded');
    await run.there(signal);
    port('lost', new TalkError('port/lost', { address: '/dev/a', reason: 'unplugged' }));
    const { gone } = run;
    const refused = expect(run.there(signal)).rejects.toMatchObject({ value: { code: 'port/lost', data: { reason: 'unplugged' } } });
    await clock.advance(20_000_000);
    await refused;
    expect([gone.aborted, run.gone.aborted]).toEqual([true, true]);
    port('open');
    expect(run.gone.aborted).toBe(false);
    await run.close();
    expect(watchers.size).toBe(0);
  });
});

describe('the device of a run', () => {
  it('is the operator’s, else the board’s own, else nobody knows yet', async () => {
    const of = async (over: Parameters<typeof services>[0], it: Partial<BenchSubject>) =>
      (await createCoreBench(services(over).deps)(subject(it))).begin(hooks()).bench.device()?.name ?? null;
    expect(await of({}, { device: toy })).toEqual(toy);
    expect(await of({ board: true }, { port: 'virtual://toy' })).toEqual(toy);
    expect(await of({}, {})).toBeNull();
  });

  it('is woken where it is software', async () => {
    const { deps, clock, did } = services({ board: true });
    const { bench } = (await createCoreBench(deps)(subject({ port: 'virtual://toy' }))).begin(hooks());
    const connected = bench.device()?.connected(10_000);
    await clock.advance(100_000);
    expect(await connected).toBe('c1');
    expect(did).toContain('speak 0');
  });

  it('is no longer asked for once it has come by itself', async () => {
    const { deps, clock, observed } = services();
    const questions: { ask: string; until: AbortSignal | undefined }[] = [];
    const ask = (question: { ask: string }, until?: AbortSignal) =>
      new Promise((_resolve, reject) => {
        questions.push({ ask: question.ask, until });
        until?.addEventListener('abort', () => reject(until.reason));
      });
    const { bench } = (await createCoreBench(deps)(subject({ device: toy }))).begin({ ...hooks(), ask } as CheckHooks);
    const connected = bench.device()?.connected(60_000);
    await clock.advance(5_000_000);
    expect(questions).toMatchObject([{ ask: 'wake', until: { aborted: false } }]);
    observed.observer.event({ kind: 'conversation.opened', atUs: clock.nowUs(), conversationId: 'c1', ...toy } as PipelineEvent);
    expect(await connected).toBe('c1');
    expect(questions[0]?.until?.aborted).toBe(true);
  });

  it.each(['done', 'skip', null] as const)('that does not come tells whether who was asked to wake it has answered: %s', async (answer) => {
    const { deps, clock } = services();
    const ask = async (_question: object, until: AbortSignal) =>
      answer ?? new Promise<never>((_resolve, reject) => until.addEventListener('abort', () => reject(until.reason)));
    const { bench } = (await createCoreBench(deps)(subject({ device: toy }))).begin({ ...hooks(), ask });
    const device = bench.device();
    const connected = device?.connected(10_000);
    await clock.advance(20_000_000);
    expect(await connected).toBeNull();
    expect(bench.device()?.isWakingUnanswered()).toBe(answer === null);
    // It has four seconds to come by itself.
    expect(bench.device()?.wakeAskedUs()).toBe(4_000_000);
  });

  it('has nothing to hang up where its connection has ended, and nothing to be told on', async () => {
    const { bench } = (await createCoreBench(services().deps)(subject({ device: toy }))).begin(hooks());
    const device = bench.device();
    device?.hangUp();
    device?.interrupt();
    expect(() => device?.text('hello')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('has its link, its agent and its way in back when the check ends', async () => {
    const { deps, did, impairment } = services();
    const { bench, end } = (await createCoreBench(deps)(subject({ device: toy }))).begin(hooks());
    const device = bench.device();
    device?.configure({ script: { replies: [] } });
    await device?.impair({ ...slow, delayMs: 900 });
    await device?.impair(null);
    await device?.cut(5000);
    await end();
    expect(impairment()).toEqual(slow);
    expect(did).toEqual(['open', 'cut', 'taken back', 'readmitted']);
  });
});

describe('another board on the port of a run', () => {
  const other = (actual: string, by = 'device') => ({ value: { code: 'check/other-board', data: { by, actual } } });
  const { signal } = new AbortController();
  /** Time goes on: a name that was told before is not told at the same instant. */
  const begun = async (
    over: Parameters<typeof services>[0] = {},
    it: Partial<BenchSubject> = {},
    before: (its: ReturnType<typeof services>) => void = () => {},
  ) => {
    const its = services(over);
    await its.clock.advance(1_000_000);
    before(its);
    await its.clock.advance(1_000_000);
    const run = await createCoreBench(its.deps)(subject(it));
    return { ...its, run, name: () => run.begin(hooks()).bench.device()?.name.deviceName ?? null };
  };

  it('is not the one whose log was read there before the port was opened for it', async () => {
    const { run, name, names } = await begun({}, {}, (its) => its.names('board-a'));
    expect(name()).toBeNull();
    names('board-b');
    expect(name()).toBe('board-b');
    await run.there(signal);
  });

  it('is known where the port was open all the time, and not from what was before it was opened, lost or lent', async () => {
    const of = async (before: (its: ReturnType<typeof services>) => void) => (await begun({ isOpen: true }, {}, before)).name();
    expect(await of(({ names }) => names('board-a'))).toBe('board-a');
    for (const event of ['port.closed', 'port.lost', 'port.lent'])
      expect(
        await of(({ names, notice }) => {
          names('board-a');
          notice(event);
        }),
      ).toBeNull();
  });

  it('ends what is under way, and nothing is done until the right one is back', async () => {
    const { run, names, clock } = await begun();
    names('board-a');
    await run.there(signal);
    const { gone } = run;
    await clock.advance(1000);
    names('board-b');
    expect(gone).toMatchObject({ aborted: true, reason: other('P/board-b') });
    await expect(run.there(signal)).rejects.toMatchObject(other('P/board-b'));
    names('board-a');
    await run.there(signal);
    expect(run.gone.aborted).toBe(false);
    await run.close();
  });

  it('is so too where the operator or an earlier day named the run’s, and its log was read before', async () => {
    const { run } = await begun({ isOpen: true }, { device: toy }, (its) => its.names('board-b'));
    await expect(run.there(signal)).rejects.toMatchObject(other('P/board-b'));
  });

  it.each([
    ['silent', ({ row }: ReturnType<typeof services>) => row('hello', 0)],
    ['the one', ({ names }: ReturnType<typeof services>) => names('toy')],
    ['of half a name, as where bytes were lost', ({ names }: ReturnType<typeof services>) => names('ty')],
    ['of no name', ({ names }: ReturnType<typeof services>) => names('b?\uFFFD')],
  ])('is none whose log is %s', async (_what, tells) => {
    const its = await begun({}, { device: toy });
    tells(its);
    await its.run.there(signal);
  });

  it('is none whose log told the first time but a part of its name', async () => {
    const { run, names } = await begun();
    names('boar');
    names('board-a');
    await run.there(signal);
  });

  it('is one whose name goes on where the operator’s ends', async () => {
    const { run, names } = await begun({}, { device: toy });
    names('toy2');
    await expect(run.there(signal)).rejects.toMatchObject(other('P/toy2'));
  });

  it('is one whose shorter name is told again', async () => {
    const { run, names } = await begun({}, { device: toy });
    names('to');
    names('to');
    await expect(run.there(signal)).rejects.toMatchObject(other('P/to'));
  });

  it('is none that was written meanwhile: it is another device from then on', async () => {
    const { run, name, names, notice, jobs } = await begun({}, { device: toy });
    names('toy');
    jobs.push({ jobId: 'w', kind: 'write', state: 'done', address: '/dev/a' } as FlashJob);
    notice('port.lent');
    const there = run.there(signal);
    names('anew');
    await there;
    expect(name()).toBe('anew');
    names('third');
    await expect(run.there(signal)).rejects.toMatchObject(other('P/third'));
  });

  it('is none where the run’s was only concluded from its address', async () => {
    const { run, name, names, row, devices, clock } = await begun();
    devices.push({ ...toy, isOnline: true, connection: { address: '10.0.0.7' } });
    row('ip', clock.nowUs() - 1000, { event: 'wifi.got-ip', payload: { ip: '10.0.0.7' } });
    expect(name()).toBe('toy');
    names('board-b');
    await run.there(signal);
    expect(name()).toBe('board-b');
  });

  const macs = ['7c:df:a1:00:00:01', '7c:df:a1:00:00:02'] as const;
  const esp = { boardKind: 'esp32s3' };
  it('is told by the loader of a run that knows its MAC from another day, before anything is checked', async () => {
    const facts = new Map([['mac', macs[0]]]);
    const { run, did } = await begun({ mac: macs[1] }, { ...esp, facts });
    await expect(run.there(signal)).rejects.toMatchObject(other(macs[1], 'mac'));
    expect(did).toEqual(['open', 'info']);
  });

  it('is none with that MAC: it is asked once, and its start waited for', async () => {
    const { run, did, row, clock } = await begun({ mac: macs[0] }, { ...esp, facts: new Map([['mac', macs[0]]]) });
    let isThere = false;
    const there = run.there(signal).then(() => {
      isThere = true;
    });
    await clock.advance(2_000_000);
    expect([did, isThere]).toEqual([['open', 'info'], false]);
    row('app', clock.nowUs(), { event: 'boot.app-started' });
    await there;
    await run.there(signal);
    expect(did).toEqual(['open', 'info']);
  });

  describe('where the run knows its MAC', () => {
    const known = () => ({ ...esp, device: toy, facts: new Map([['mac', macs[0]]]) });
    type Begun = Awaited<ReturnType<typeof begun>>;
    /** As soon as its chip was asked it is reset, and its application starts. */
    const asked = async ({ run, row, clock }: Begun) => {
      const there = run.there(signal);
      there.catch(() => {});
      await clock.advance(1000);
      row('app', clock.nowUs(), { event: 'boot.app-started' });
      await clock.advance(10_000_000);
      await there;
      await clock.advance(1000);
    };

    it('is none with another name: it was provisioned anew since the day before', async () => {
      const its = await begun({ mac: macs[0] }, known());
      its.names('toy2');
      expect(its.run.gone.aborted).toBe(true);
      await asked(its);
      expect([its.name(), its.run.gone.aborted]).toEqual(['toy2', false]);
    });

    it('is none that tells its new name only after that, to the check under way', async () => {
      const its = await begun({ mac: macs[0] }, known());
      await asked(its);
      const { bench, end } = its.run.begin(hooks());
      expect(bench.device()?.name).toEqual(toy);
      its.names('toy2');
      // What it has measured under the old name is neither board's: it is to be done again.
      expect([its.run.gone.aborted, bench.device()?.name.deviceName]).toEqual([true, 'toy2']);
      await end();
      await its.run.there(signal);
      const again = its.run.begin(hooks());
      expect([its.run.gone.aborted, again.bench.device()?.name.deviceName]).toEqual([false, 'toy2']);
      await again.end();
    });

    it('is asked for again by each further name', async () => {
      const its = await begun({ mac: macs[0] }, known());
      await asked(its);
      its.names('toy');
      its.names('toy2');
      expect(its.run.gone).toMatchObject({ aborted: true, reason: other('P/toy2') });
      await asked(its);
      expect(its.name()).toBe('toy2');
      await its.run.there(signal);
      expect(its.did).toEqual(['open', 'info', 'info']);
    });

    it('is one whose chip is another', async () => {
      const { run, names } = await begun({ mac: macs[1] }, known());
      names('toy2');
      await expect(run.there(signal)).rejects.toMatchObject(other(macs[1], 'mac'));
      expect(run.gone.aborted).toBe(true);
    });

    it('is one by its name alone where its chip cannot be asked, or does not tell its MAC', async () => {
      const deaf = await begun({ deaf: true }, known());
      await expect(deaf.run.there(signal)).rejects.toMatchObject({ code: 'flash/sync-timeout' });
      deaf.names('toy2');
      await expect(deaf.run.there(signal)).rejects.toMatchObject(other('P/toy2'));
      const dumb = await begun({}, known());
      dumb.names('toy2');
      await expect(asked(dumb)).rejects.toMatchObject(other('P/toy2'));
    });
  });

  it.each([
    ['a run that begins', {}, new Map()],
    ['a board in software', { board: true }, new Map([['mac', macs[0]]])],
  ])('is not asked for by its MAC: %s', async (_what, over, facts) => {
    const { run, did } = await begun(over, { ...esp, port: 'board' in over ? 'virtual://toy' : '/dev/a', facts });
    await run.there(signal);
    expect(did).not.toContain('info');
  });

  it('is told by whoever asks it later, too: a loader its MAC, a module its IMEI', async () => {
    const facts = new Map<string, string>();
    const { run } = await begun({ mac: macs[1], imei: '490154203237518' }, { ...esp, facts });
    const { bench } = run.begin(hooks());
    expect((await bench.port?.info())?.chip?.mac).toBe(macs[1]);
    facts.set('mac', macs[0]).set('imei', '356938035643809');
    await expect(bench.port?.info()).rejects.toMatchObject(other(macs[1], 'mac'));
    await expect(bench.port?.bringUp()).rejects.toMatchObject(other('490154203237518', 'imei'));
  });

  it('is none that had no IMEI of its own, and may have been given one', async () => {
    const { run } = await begun({ imei: '490154203237518' }, { facts: new Map([['imei', '000000000000000']]) });
    await expect(run.begin(hooks()).bench.port?.bringUp()).resolves.toBeDefined();
  });
});

it.each([
  ['auto', { board: true }, 'virtual://toy', 'board', 'board'],
  ['auto', { cards: 1 }, '/dev/a', 'host', 'host'],
  ['auto', {}, '/dev/a', 'person', 'none'],
  ['board', {}, '/dev/a', 'none', 'none'],
  ['person', { board: true }, 'virtual://toy', 'person', 'none'],
] as const)('speaks as %s with %o: %s', async (voice, over, port, speaker, ear) => {
  const { bench } = (await createCoreBench(services(over).deps)(subject({ voice, port }))).begin(hooks());
  expect([bench.voice.speaker, bench.voice.ear]).toEqual([speaker, ear]);
});
