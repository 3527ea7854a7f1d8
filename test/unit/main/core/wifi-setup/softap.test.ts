import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isOver, openWifiBench, setupDevice, type WifiBench } from '../../../../fakes/wifi-setup.ts';

let bench: WifiBench;
afterEach(() => bench.service.close());
const context = { signal: new AbortController().signal, role: 'operator' } as const;

describe('setup over SoftAP', () => {
  it('takes a board from its own network to this bench, and says so step by step', async () => {
    bench = openWifiBench();
    const runId = await bench.start();
    const run = await bench.until(isOver, runId);
    expect(run).toMatchObject({ state: 'done', reached: 'bound', device: setupDevice, error: null });
    expect(bench.steps(runId)).toEqual({
      'join-board': 'done',
      reach: 'done',
      send: 'done',
      reply: 'done',
      // The loopback does not go away.
      leave: 'unseen',
      online: 'done',
      bound: 'done',
    });
    const online = run.steps.find(({ name }) => name === 'online');
    // Answering thrice, three seconds before it changes its radio, joining.
    expect(online?.elapsedMs).toBeGreaterThanOrEqual(6000);
  });

  it('the token the board shows is the one it was given, by default one that fills the SDK’s room', async () => {
    bench = openWifiBench();
    await bench.until(isOver, await bench.start());
    expect(bench.softAp().token).toMatch(/^[0-9a-f]{32}$/);
    await bench.until(isOver, await bench.start({ token: 'mine' }));
    expect(bench.softAp().token).toBe('mine');
  });

  it.each([
    ['wrong-password', '12, 202'],
    ['network-not-found', '12, 201'],
  ] as const)('%s: the board’s own error ends it', async (fault, code) => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ virtual: { fault } }));
    expect(run).toMatchObject({ state: 'failed', reached: 'accepted', error: { code: 'wifi/refused', data: { step: 'online', code } } });
    expect(bench.steps(run.runId)).toMatchObject({ leave: 'unseen', online: 'failed' });
    // It waits for another attempt.
    expect(bench.softAp().state).toBe('setup');
  });

  it('no reply: five messages, two seconds apart, and no more', async () => {
    bench = openWifiBench();
    const runId = await bench.start({ virtual: { fault: 'no-reply' } });
    const run = await bench.until(isOver, runId);
    expect(run.error).toMatchObject({ code: 'wifi/no-answer', data: { step: 'reply', attempts: 5 } });
    const sent = run.trace.filter(({ direction }) => direction === 'sent');
    expect(sent.map(({ atUs }) => Math.round((atUs - (sent[0]?.atUs ?? 0)) / 1_000_000))).toEqual([0, 2, 4, 6, 8]);
  });

  it('lost messages are sent again, and an answer that is lost is repeated by the board', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ virtual: { fault: 'lost-messages' } }));
    expect(run).toMatchObject({ state: 'done', reached: 'bound' });
    expect(run.trace.filter(({ direction }) => direction === 'sent')).toHaveLength(3);
  });

  it('what is not understood is shown and passed over', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ virtual: { fault: 'malformed' } }));
    expect(run).toMatchObject({ state: 'done', reached: 'bound' });
    expect(run.trace.map(({ text }) => text)).toContain('not understood: not JSON');
  });

  it('an error of an earlier setup is told and ends nothing', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ virtual: { fault: 'old-error' } }));
    expect(run).toMatchObject({ state: 'done', reached: 'bound' });
    expect(run.trace.some(({ text }) => text.includes('Previous_Error'))).toBe(true);
  });

  it('a board that took everything and never comes is a failure', async () => {
    bench = openWifiBench();
    bench.cloud.code = null;
    const run = await bench.until(isOver, await bench.start());
    expect(run).toMatchObject({ state: 'failed', reached: 'accepted', error: { code: 'wifi/not-seen', data: { deviceName: 'dev_01' } } });
  });

  it('so is one that vanishes after its answer', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ virtual: { fault: 'vanishes' } }));
    expect(run).toMatchObject({ reached: 'accepted', error: { code: 'wifi/not-seen' } });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['nobody listens here', { isListening: false }, {}],
    ['the board’s cloud is another', { isListening: true }, { waitForBoard: false }],
  ])('%s: it ends with what is proven', async (_what, options, request) => {
    bench = openWifiBench(options);
    const runId = await bench.start(request);
    const run = await bench.until(isOver, runId);
    expect(run).toMatchObject({ state: 'done', reached: 'accepted' });
    expect(bench.steps(runId)).toMatchObject({ online: 'unseen', bound: 'unseen' });
    expect(run.trace.some(({ text }) => text.startsWith('this bench does not listen'))).toBe(options.isListening === false);
  });

  it('another device that comes meanwhile is not taken for it', async () => {
    bench = openWifiBench();
    bench.cloud.code = null;
    const runId = await bench.start();
    await bench.until((run) => run.reached === 'accepted', runId);
    bench.service.online({ productId: 'PRODUCT001', deviceName: 'other' });
    bench.service.bindToken({ productId: 'PRODUCT001', deviceName: 'other' }, 'another token');
    await bench.clock.settle();
    expect(bench.steps(runId).online).toBe('running');
    bench.service.online(setupDevice);
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'online' });
    expect(bench.steps(runId).bound).toBe('unseen');
  });

  it('a board whose answer was lost altogether is known by its token', async () => {
    bench = openWifiBench();
    const runId = await bench.start({ virtual: { fault: 'no-reply' }, token: 'ours' });
    await bench.until((run) => run.trace.length >= 2, runId);
    bench.service.bindToken(setupDevice, 'ours');
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'bound', device: setupDevice });
  });

  it('waits for this machine to be in the board’s network, and notices when it has left it', async () => {
    bench = openWifiBench();
    bench.host.isNear = false;
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (_data, { port, address }) =>
      board.send('{"cmdType":2,"productId":"PRODUCT001","deviceName":"dev_01"}', port, address),
    );
    const runId = await bench.start({ virtual: undefined, address: '127.0.0.1', port: board.address().port });
    await bench.clock.advance(20_000_000);
    expect(bench.steps(runId)['join-board']).toBe('running');
    bench.host.isNear = true;
    await bench.until((run) => run.reached === 'accepted', runId);
    bench.host.isNear = false;
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'leave' && state === 'done'), runId);
    bench.service.online(setupDevice);
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'online' });
    board.close();
  });

  it('goes on when the user says so, and not at all on a machine without Wi-Fi', async () => {
    bench = openWifiBench();
    bench.host.isNear = false;
    const request = { virtual: undefined, address: '127.0.0.1', port: 9 };
    const waiting = await bench.start(request);
    await bench.clock.advance(3_000_000);
    await bench.service.calls['wifi.joined']({ runId: waiting }, context);
    await bench.until((run) => run.steps[0]?.state === 'done', waiting);
    await bench.service.calls['wifi.cancel']({ runId: waiting }, context);
    bench.host.hasWifi = false;
    const run = await bench.until(isOver, await bench.start(request));
    expect(run.error).toEqual({ code: 'wifi/no-radio', data: { method: 'softap' }, retryable: false });
  });

  it('a name that is looked up without end does not hold up a cancel', async () => {
    bench = openWifiBench();
    const asked = Promise.withResolvers<void>();
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(() => asked.resolve());
    try {
      const runId = await bench.start({ virtual: undefined, address: 'board.lab', isJoined: true });
      await asked.promise;
      await bench.service.calls['wifi.cancel']({ runId }, context);
      expect(bench.run(runId)).toMatchObject({ state: 'cancelled', error: null });
    } finally {
      lookup.mockRestore();
    }
  });

  it('one at a time; cancelled it leaves no timer behind', async () => {
    bench = openWifiBench();
    const runId = await bench.start({ virtual: { fault: 'no-reply' } });
    await expect(bench.start()).rejects.toMatchObject({ code: 'wifi/busy' });
    await bench.clock.settle();
    await bench.service.calls['wifi.cancel']({ runId }, context);
    expect(bench.run(runId)).toMatchObject({ state: 'cancelled', error: null });
    // Nothing has failed: it may come yet, and nobody looks.
    expect(bench.steps(runId)).toMatchObject({ send: 'done', reply: 'unseen', online: 'ahead' });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('the password and the token are in nothing that is told', async () => {
    for (const fault of [undefined, 'wrong-password', 'malformed'] as const) {
      bench = openWifiBench();
      const told: string[] = [];
      bench.service.streams['wifi.runs']({}).topic.listen((run) => told.push(JSON.stringify(run)));
      await bench.until(isOver, await bench.start({ virtual: fault === undefined ? {} : { fault }, token: 'c0ffee00' }));
      expect(told.length).toBeGreaterThan(8);
      expect(told.join()).not.toMatch(/hunter22|c0ffee00/);
    }
  });

  it('errors that the board tells before its log do not stand for it', async () => {
    bench = openWifiBench();
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (_data, { port, address }) => {
      board.send('{"cmdType":2,"deviceReply":"Previous_Error","log":"MQTT connect error! (1, -103)"}\r\n', port, address);
      board.send('1300|_app(164): failed\r\n', port, address);
    });
    const where = { address: '127.0.0.1', port: board.address().port };
    const { lines } = await bench.service.calls['wifi.readLog'](where, context);
    expect(lines).toEqual(['MQTT connect error! (1, -103)', '1300|_app(164): failed']);
    board.close();
  });

  it('a password this bench gave is taken out of a log without a label too', async () => {
    bench = openWifiBench();
    await bench.until((run) => run.reached === 'accepted', await bench.start({ virtual: { fault: 'wrong-password' } }));
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (_data, { port, address }) => board.send('1200|wifi(7): trying hunter22 at Lab\r\n', port, address));
    const where = { address: '127.0.0.1', port: board.address().port };
    expect((await bench.service.calls['wifi.readLog'](where, context)).lines).toEqual(['1200|wifi(7): trying ••• at Lab']);
    board.close();
  });

  it('so is one that it gave on another day', async () => {
    bench = openWifiBench({ secrets: ['of-another-day'] });
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (_data, { port, address }) => board.send('1200|wifi(7): trying of-another-day at Lab\r\n', port, address));
    const where = { address: '127.0.0.1', port: board.address().port };
    expect((await bench.service.calls['wifi.readLog'](where, context)).lines).toEqual(['1200|wifi(7): trying ••• at Lab']);
    board.close();
  });

  it('a board’s log is read without its passwords', async () => {
    bench = openWifiBench();
    await bench.until((run) => run.reached === 'accepted', await bench.start({ virtual: { fault: 'wrong-password' } }));
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (data, { port, address }) => {
      if (data.toString() === '{"cmdType":3}')
        board.send('1200|_app(160): SSID:Lab|PSW:hunter22|TOKEN:abc\r\n1300|_app(164): failed\r\n', port, address);
    });
    const where = { address: '127.0.0.1', port: board.address().port };
    const { lines } = await bench.service.calls['wifi.readLog'](where, context);
    expect(lines).toEqual(['1200|_app(160): SSID:Lab|PSW:•••|TOKEN:•••', '1300|_app(164): failed']);
    board.close();
  });

  it('one of thousands of lines stops nothing, however many passwords are known', async () => {
    bench = openWifiBench({ secrets: Array.from({ length: 2000 }, (_, index) => `another-secret-${index}`) });
    const board = createSocket('udp4').bind(0, '127.0.0.1');
    await once(board, 'listening');
    board.on('message', (_data, { port, address }) => board.send(`1|f(1): a\n${'a\n'.repeat(15_000)}another-secret-7`, port, address));
    const { port } = board.address();
    const startedMs = performance.now();
    const { lines } = await bench.service.calls['wifi.readLog']({ address: '127.0.0.1', port }, context);
    expect(performance.now() - startedMs).toBeLessThan(1500);
    expect(lines).toHaveLength(15_002);
    expect(lines.at(-1)).toBe('•••');
    board.close();
  });
});
