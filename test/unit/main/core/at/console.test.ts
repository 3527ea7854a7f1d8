import { describe, expect, test } from 'vitest';
import { type AtConsolesDeps, createAtConsoles } from '../../../../../main/core/at/console.ts';
import { Topic } from '../../../../../main/core/endpoint/topic.ts';
import { Cat1Modem, type Cat1Options } from '../../../../../pipeline/boards/cat1/modem.ts';
import type { AtConsole, AtConsoleDelta } from '../../../../../preload/contract/at.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { type PortState, portOptions } from '../../../../../preload/contract/ports.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const address = '/dev/ttyACM0';
const context = { signal: new AbortController().signal, role: 'operator' } as const;

/** The ports of a bench with one modem, as far as a console may know them. */
function bench(options: Omit<Cat1Options, 'clock'> = {}) {
  const clock = new VirtualClock(1_000_000);
  const modem = new Cat1Modem({ isBooted: true, ...options, clock });
  modem.powerOn();
  let state: PortState = { address, state: 'open', options: portOptions.parse({}), receivedBytes: 0, sentBytes: 0 };
  const topic = new Topic<PortState[], PortState>({ snapshot: () => [state] });
  const written: string[] = [];
  const ports = {
    tap: (_: string, listener: (data: Uint8Array, atUs: ReturnType<VirtualClock['nowUs']>) => void) =>
      modem.uart.onTransmit((data) => listener(data, clock.nowUs())),
    handlers: {
      'ports.write': async ({ data }: { data: Uint8Array }) => {
        written.push(Buffer.from(data).toString('latin1'));
        modem.uart.receive(data);
        return { sentAtUs: clock.nowUs() };
      },
    },
    streams: { 'ports.state': () => ({ topic }) },
  } as unknown as AtConsolesDeps['ports'];
  const at = createAtConsoles({ ports, clock });
  return {
    at,
    clock,
    modem,
    written,
    become(change: Partial<PortState>) {
      state = { ...state, ...change };
      topic.publish(state);
    },
    console(): AtConsole {
      return at.streams['at.console']({ address }).topic.snapshot();
    },
    /** Runs the clock until the promise has settled. */
    async done<T>(promise: Promise<T>): Promise<T> {
      let isSettled = false;
      const end = (): void => {
        isSettled = true;
      };
      promise.then(end, end);
      for (let second = 0; !isSettled && second < 400; second++) await clock.advance(1_000_000);
      return promise;
    },
  };
}

describe('a console shares its port', () => {
  test('what is sent goes through the port’s own writing; the stream tells of it as it goes', async () => {
    const { at, done, console, written } = bench();
    const deltas: AtConsoleDelta[] = [];
    at.streams['at.console']({ address }).topic.listen((delta) => void deltas.push(delta));
    const exchange = await done(at.calls['at.send']({ address, command: 'AT+CSQ' }, context));
    expect(exchange).toMatchObject({ command: 'AT+CSQ', source: 'user', state: 'done', lines: ['+CSQ: 25,0'] });
    expect(written).toEqual(['AT+CSQ\r']);
    expect(deltas.flatMap((delta) => delta.exchange?.state ?? [])).toEqual(['queued', 'running', 'running', 'done']);
    expect(deltas.flatMap((delta) => delta.state?.mode ?? [])).toEqual(expect.arrayContaining(['busy', 'ready']));
    expect(console()).toMatchObject({ state: { mode: 'ready', queued: 0 }, exchanges: [{ command: 'AT+CSQ' }] });
  });

  test('on a port that is not open nothing is sent', async () => {
    const { at, become, written } = bench();
    become({ state: 'closed' });
    await expect(at.calls['at.send']({ address, command: 'AT' }, context)).rejects.toMatchObject({ code: 'port/closed' });
    await expect(at.calls['at.bringUp']({ address, pingHost: null, waitMs: 0 }, context)).rejects.toMatchObject({ code: 'port/closed' });
    expect(written).toEqual([]);
  });

  test('a port lent to the flasher ends what was under way, and works again when it comes back', async () => {
    const { at, become, done, clock, console } = bench();
    const cut = at.calls['at.send']({ address, command: 'AT+COPS=?' }, context);
    cut.catch(() => {});
    await clock.advance(100_000);
    become({ state: 'yielded', yieldedTo: 'flash' });
    await expect(cut).rejects.toMatchObject({ code: 'port/busy', value: { data: { owner: 'flash' } } });
    expect(console().state.mode).toBe('closed');
    become({ state: 'open' });
    await clock.advance(30_000_000);
    expect(await done(at.calls['at.send']({ address, command: 'AT+CFUN?' }, context))).toMatchObject({ lines: ['+CFUN:1'] });
  });

  test('a port that vanished says how', async () => {
    const { at, become, clock } = bench();
    const cut = at.calls['at.send']({ address, command: 'AT+COPS=?' }, context);
    cut.catch(() => {});
    await clock.advance(10_000);
    become({ state: 'lost', error: new TalkError('port/lost', { address, reason: 'EIO' }).value });
    await expect(cut).rejects.toMatchObject({ code: 'port/lost' });
  });

  test('a caller who goes away cancels its own command only', async () => {
    const { at, clock, done } = bench();
    const abort = new AbortController();
    const cut = at.calls['at.send']({ address, command: 'AT+COPS=?' }, { ...context, signal: abort.signal });
    const waiting = at.calls['at.send']({ address, command: 'AT+CSQ' }, context);
    cut.catch(() => {});
    await clock.advance(10_000);
    abort.abort();
    await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
    expect(await done(waiting)).toMatchObject({ lines: ['+CSQ: 25,0'] });
  });
});

describe('the bring-up of a console', () => {
  test('its report stays for who comes later, its commands stand among the others', async () => {
    const { at, done, console } = bench();
    const report = await done(at.calls['at.bringUp']({ address, pingHost: 'a.example', waitMs: 1000 }, context));
    expect(report.state).toBe('passed');
    expect(console().bringUp).toEqual(report);
    expect(new Set(console().exchanges.map(({ source }) => source))).toEqual(new Set(['bring-up']));
  });

  test('one at a time; cancelled by at.cancel', async () => {
    const { at, done, clock } = bench({ network: 'searching' });
    const first = at.calls['at.bringUp']({ address, pingHost: null, waitMs: 60_000 }, context);
    await clock.advance(3_000_000);
    await expect(at.calls['at.bringUp']({ address, pingHost: null, waitMs: 0 }, context)).rejects.toMatchObject({ code: 'port/busy' });
    await done(at.calls['at.cancel']({ address }, context));
    expect((await done(first)).state).toBe('cancelled');
    expect((await done(at.calls['at.bringUp']({ address, pingHost: null, waitMs: 0 }, context))).state).toBe('failed');
  });

  test('data mode is left by at.cancel', async () => {
    const { at, done, console } = bench();
    await done(at.calls['at.send']({ address, command: 'ATD*99#' }, context));
    expect(console().state.mode).toBe('data');
    await done(at.calls['at.cancel']({ address }, context));
    expect(console().state.mode).toBe('ready');
  });

  test('the history is bounded', async () => {
    const { at, done, console, modem } = bench();
    for (let sent = 0; sent < 210; sent++) await done(at.calls['at.send']({ address, command: 'AT' }, context));
    for (let said = 0; said < 1200; said++) modem.say('+CEREG: 1');
    expect([console().exchanges.length, console().urcs.length]).toEqual([200, 500]);
  });
});
