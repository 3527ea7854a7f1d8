import { afterEach, describe, expect, it } from 'vitest';
import { isOver, openWifiBench, setupDevice, type WifiBench } from '../../../../fakes/wifi-setup.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const radioId = 'radio-of-a-window';
let bench: WifiBench;
afterEach(() => bench.service.close());

const notify = (text: string) =>
  bench.service.calls['wifi.radioReport'](
    { radioId, report: { kind: 'notified', data: Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex')) } },
    context,
  );

/** Firmware that is not the SDK's own: `answer` is what it notifies for the first byte of a write. Null: nothing. */
function lend(answer: (type: string) => string | null): void {
  const usual: Record<string, string> = { e0: '08 000a 02 0014 06 6465765f3031', e1: 'e0 0001 00', e2: 'e1 0001 00' };
  const { topic } = bench.service.streams['wifi.radio']({ radioId, deviceName: 'dev_01' });
  topic.listen((command) => {
    const done = () => bench.service.calls['wifi.radioReport']({ radioId, report: { kind: 'done', id: command.id } }, context);
    if (command.kind !== 'write') return void done();
    const type = Buffer.from(command.data.subarray(0, 1)).toString('hex');
    // A piece that is not the last is not answered.
    const isWhole = command.data.length <= 3 || [0, 3].includes((command.data[1] ?? 0) >> 6);
    const said = isWhole ? (answer(type) ?? usual[type] ?? null) : null;
    void done().then(() => (said === null ? undefined : notify(said)));
  });
}

const connected = 'e2 0007 01 00 00 03 4c6162';
const notConnected = 'e2 0004 01 01 00 00';
const start = () => bench.start({ method: 'ble', virtual: undefined, radioId, token: 'ours' });

describe('firmware of others', () => {
  it('a board that comes to the bench while its token is answered, and shows none, is seen', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e3' ? connected : null));
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'token' && state === 'running'), runId);
    bench.service.online(setupDevice);
    await bench.clock.advance(1_000_000);
    await notify('e3 0001 00');
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'online', device: setupDevice });
    expect(bench.steps(runId)).toMatchObject({ token: 'done', online: 'done', bound: 'unseen' });
  });

  it('the token says which of two products’ devices of one name it is', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e3' ? connected : type === 'e4' ? 'e3 0001 00' : null));
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'online' && state === 'running'), runId);
    bench.service.online({ ...setupDevice, productId: 'ANOTHER' });
    await bench.clock.advance(1_000_000);
    bench.service.online(setupDevice);
    bench.service.bindToken(setupDevice, 'ours');
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'bound', device: setupDevice });
  });

  it('so is one that comes before it is given the token', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e4' ? 'e3 0001 00' : null));
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'wifi' && state === 'running'), runId);
    bench.service.online(setupDevice);
    await notify(connected);
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'online' });
  });

  it('one that is here already when it is asked who it is does not come because of this', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e4' ? 'e3 0001 00' : type === 'e3' ? connected : null));
    const started = start();
    bench.service.online(setupDevice);
    const run = await bench.until(isOver, await started);
    expect(run.error).toMatchObject({ code: 'wifi/not-seen' });
  });

  it('each attempt of its station is reported, and only the last one counts', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e3' ? notConnected : type === 'e4' ? 'e3 0001 00' : null));
    const runId = await start();
    await bench.until((run) => run.trace.some(({ text }) => text.includes('isConnected=false')), runId);
    await bench.clock.advance(3_000_000);
    await notify(notConnected);
    await bench.clock.advance(4_000_000);
    expect(bench.steps(runId).wifi).toBe('running');
    await notify(connected);
    bench.service.bindToken(setupDevice, 'ours');
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'bound' });
  });

  it('one that is in another network still has not joined this one', async () => {
    bench = openWifiBench();
    const elsewhere = 'e2 0007 01 00 00 03 4f6c64';
    lend((type) => (type === 'e3' ? elsewhere : null));
    const runId = await start();
    const run = await bench.until(isOver, runId);
    expect(run).toMatchObject({ state: 'failed', reached: 'accepted', error: { code: 'wifi/no-answer', data: { step: 'wifi' } } });
    expect(run.trace.map(({ text }) => text)).not.toContain('SET_WIFI_TOKEN •••');
  });

  it('and is waited for until it comes there', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e3' ? 'e2 0007 01 00 00 03 4f6c64' : type === 'e4' ? 'e3 0001 00' : null));
    const runId = await bench.start({ method: 'ble', virtual: undefined, radioId, token: 'ours', waitForBoard: false });
    await bench.until((run) => run.trace.some(({ text }) => text === 'it is in another network still'), runId);
    await bench.clock.advance(20_000_000);
    await notify(connected);
    expect(await bench.until(isOver, runId)).toMatchObject({ state: 'done', reached: 'joined' });
  });

  it('a log cut within the password shows neither part of it', async () => {
    bench = openWifiBench();
    lend(() => null);
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'wifi' && state === 'running'), runId);
    for (const part of ['SSID:Lab|PSW:hunt', 'er22|TOKEN:ours', 'next']) {
      const value = Buffer.from(part).toString('hex');
      await notify(`e4 00${(value.length / 2).toString(16).padStart(2, '0')} ${value}`);
    }
    const run = await bench.until(({ trace }) => trace.some(({ text }) => text === 'log next'), runId);
    expect(run.trace.slice(-3).map(({ text }) => text)).toEqual(['log SSID:Lab|PSW:•••', 'log •••|TOKEN:•••', 'log next']);
  });

  it('a station that takes its minute is waited for', async () => {
    bench = openWifiBench();
    lend(() => null);
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'wifi' && state === 'running'), runId);
    await bench.clock.advance(60_000_000);
    expect(bench.steps(runId).wifi).toBe('running');
    expect((await bench.until(isOver, runId)).error).toMatchObject({ code: 'wifi/no-answer', data: { step: 'wifi' } });
  });

  it('when this bench has seen the token, the board’s word for it is not waited for', async () => {
    bench = openWifiBench();
    lend((type) => (type === 'e3' ? connected : null));
    const runId = await start();
    await bench.until((run) => run.steps.some(({ name, state }) => name === 'token' && state === 'running'), runId);
    bench.service.bindToken(setupDevice, 'ours');
    await bench.clock.advance(4_000_000);
    expect(bench.run(runId)).toMatchObject({ state: 'done', reached: 'bound' });
    expect(bench.steps(runId).token).toBe('unseen');
  });

  it('a flood while a write hangs is not kept', async () => {
    bench = openWifiBench();
    let writes = 0;
    const { topic } = bench.service.streams['wifi.radio']({ radioId, deviceName: 'dev_01' });
    topic.listen((command) => {
      const done = () => bench.service.calls['wifi.radioReport']({ radioId, report: { kind: 'done', id: command.id } }, context);
      if (command.kind !== 'write' || ++writes > 1) return void done();
      void (async () => {
        for (let count = 0; count < 5000; count++) await notify('77 0001 00');
        await notify('08 000a 02 0014 06 6465765f3031');
        await done();
      })();
    });
    const runId = await start();
    await bench.clock.settle();
    // The answer went under with the flood, and the request is repeated.
    await bench.clock.advance(6_000_000);
    expect(writes).toBe(2);
    await bench.service.calls['wifi.cancel']({ runId }, context);
  });
});
