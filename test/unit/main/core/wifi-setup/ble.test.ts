import { afterEach, describe, expect, it } from 'vitest';
import { isOver, openWifiBench, setupDevice, type WifiBench } from '../../../../fakes/wifi-setup.ts';

let bench: WifiBench;
afterEach(() => bench.service.close());

describe('setup over Bluetooth', () => {
  it('takes a board into the network, hands it the token, and sees it come', async () => {
    bench = openWifiBench();
    const runId = await bench.start({ method: 'ble' });
    const run = await bench.until(isOver, runId);
    expect(run).toMatchObject({ state: 'done', reached: 'bound', device: setupDevice, target: 'virtual', error: null });
    expect(new Set(Object.values(bench.steps(runId)))).toEqual(new Set(['done']));
    expect(run.trace.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      'note Bluetooth: dev_01',
      'sent GET_DEV_INFO',
      'received info version=2 wantsMtu=true mtu=128 deviceName="dev_01"',
      'sent SET_MTU_RESULT not set',
      'sent SET_WIFI_MODE station',
      'received mtu bytes=20',
      'received mode-result code=0',
      'sent SET_WIFI_INFO "Lab" •••',
      'received network-result code=0',
      'sent SET_WIFI_CONNECT',
      'received wifi isConnected=true state=0 ssid="Lab"',
      'sent SET_WIFI_TOKEN ••• (2 pieces)',
      'received token-result code=0',
    ]);
    expect(bench.ble().token).toMatch(/^[0-9a-f]{32}$/);
  });

  it('a long name and password go in pieces and arrive whole', async () => {
    bench = openWifiBench();
    const ssid = '三十二字节的网络名ab';
    const password = 'p'.repeat(63);
    const run = await bench.until(isOver, await bench.start({ method: 'ble', ssid, password }));
    // The board looked for exactly this one, and there is none of the name.
    expect(run.error).toMatchObject({ code: 'wifi/refused', data: { step: 'wifi', reason: 'WIFI connect error!', code: '10, 201' } });
    expect(run.trace.some(({ text }) => text.includes(`SSID:${ssid}|PSW:•••`))).toBe(true);
  });

  it.each([
    ['wrong-password', '10, 202'],
    ['network-not-found', '10, 201'],
  ] as const)('%s: the reason is in the board’s log', async (fault, code) => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: { fault } }));
    expect(run).toMatchObject({
      state: 'failed',
      reached: 'accepted',
      error: { code: 'wifi/refused', data: { step: 'wifi', code, reason: 'WIFI connect error!' } },
    });
  });

  it.each(['lost-messages', 'malformed'] as const)('%s: asked again, or passed over', async (fault) => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: { fault } }));
    expect(run).toMatchObject({ state: 'done', reached: 'bound' });
  });

  it('a board that vanishes ends it, and says at which step', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: { fault: 'vanishes' } }));
    expect(run).toMatchObject({
      state: 'failed',
      reached: 'accepted',
      error: { code: 'wifi/radio-lost', data: { reason: 'disconnected' } },
    });
    expect(bench.steps(run.runId).wifi).toBe('failed');
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('no reply: it does not wait for ever', async () => {
    bench = openWifiBench();
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: { fault: 'no-reply' } }));
    expect(run.error).toMatchObject({ code: 'wifi/no-answer', data: { method: 'ble', step: 'identify' } });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('a token that the board’s cloud refuses is a failure', async () => {
    bench = openWifiBench();
    bench.cloud.code = 5;
    const run = await bench.until(isOver, await bench.start({ method: 'ble', waitForBoard: false }));
    expect(run.error).toMatchObject({ code: 'wifi/refused', data: { step: 'token', code: 1 } });
  });

  it('a board that frees its radio as soon as it was given the token is waited for', async () => {
    bench = openWifiBench();
    bench.cloud.code = null;
    const runId = await bench.start({ method: 'ble', token: 'ours' });
    await bench.until((run) => run.reached === 'joined', runId);
    bench.ble().close();
    await bench.clock.advance(3_000_000);
    expect(bench.run(runId).state).toBe('running');
    bench.service.bindToken(setupDevice, 'ours');
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'bound' });
    expect(bench.steps(runId).token).toBe('unseen');
  });

  it('a board that goes away before that is a failure', async () => {
    bench = openWifiBench();
    const runId = await bench.start({ method: 'ble', virtual: { fault: 'no-reply' } });
    await bench.until((run) => run.steps[2]?.state === 'running', runId);
    bench.ble().close();
    const run = await bench.until(isOver, runId);
    expect(run.error).toMatchObject({ code: 'wifi/radio-lost', data: { step: 'identify' } });
  });

  it('without a radio it says so at once', async () => {
    bench = openWifiBench();
    await expect(bench.start({ method: 'ble', virtual: undefined })).rejects.toMatchObject({
      code: 'wifi/no-radio',
      value: { data: { method: 'ble' } },
    });
    await expect(bench.start({ method: 'ble', virtual: undefined, radioId: 'a window long gone' })).rejects.toMatchObject({
      code: 'wifi/no-radio',
    });
  });

  it('the password and the token are in nothing that is told', async () => {
    for (const fault of [undefined, 'wrong-password'] as const) {
      bench = openWifiBench();
      const told: string[] = [];
      bench.service.streams['wifi.runs']({}).topic.listen((run) => told.push(JSON.stringify(run)));
      await bench.until(isOver, await bench.start({ method: 'ble', virtual: fault === undefined ? {} : { fault }, token: 'c0ffee00' }));
      expect(told.join()).not.toMatch(/hunter22|c0ffee00/);
    }
  });
});
