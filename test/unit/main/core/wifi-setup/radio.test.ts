import { afterEach, describe, expect, it } from 'vitest';
import type { BleLink } from '../../../../../main/core/wifi-setup/radio.ts';
import { radioTo } from '../../../../../main/core/wifi-setup/virtual.ts';
import { createLlsyncBoard } from '../../../../../pipeline/boards/wifi-setup/llsync-board.ts';
import type { RadioCommand } from '../../../../../preload/contract/wifi-setup.ts';
import { isOver, labNetwork, openWifiBench, setupDevice, type WifiBench } from '../../../../fakes/wifi-setup.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;
const radioId = 'radio-of-a-window';
let bench: WifiBench;
afterEach(() => bench.service.close());

type Report = Parameters<WifiBench['service']['calls']['wifi.radioReport']>[0]['report'];
const report = (what: Report) => bench.service.calls['wifi.radioReport']({ radioId, report: what }, context);

/** A window that does what it is told with a board in this process. */
function lendWindow(options: { refuse?: RadioCommand['kind']; hang?: RadioCommand['kind']; silent?: boolean } = {}): {
  commands: string[];
  leave(): void;
} {
  const attachment = bench.service.streams['wifi.radio']({ radioId, deviceName: 'dev_01' });
  const { clock, service } = bench;
  const board = createLlsyncBoard({
    clock,
    device: setupDevice,
    network: labNetwork,
    bind: async (token) => {
      service.online(setupDevice);
      service.bindToken(setupDevice, token);
      return 0;
    },
  });
  const commands: string[] = [];
  let link: BleLink | null = null;
  async function obey(command: RadioCommand): Promise<void> {
    if (command.kind === options.refuse) throw new Error('GATT operation failed');
    if (command.kind === 'connect') {
      link = await radioTo(board).open(
        {
          onNotify: (data) => void report({ kind: 'notified', data: new Uint8Array(data) }),
          onLost: () => void report({ kind: 'disconnected' }),
        },
        context.signal,
      );
    } else if (command.kind === 'write') await link?.write(command.data);
    else await link?.close();
  }
  attachment.topic.listen((command) => {
    commands.push(command.kind);
    if (options.silent === true || command.kind === options.hang) return;
    const { id } = command;
    void obey(command).then(
      () => report({ kind: 'done', id }),
      (error: Error) => report({ kind: 'failed', id, reason: error.message }),
    );
  });
  return { commands, leave: () => attachment.close?.() };
}

describe('the radio of a window', () => {
  it('is worked by the core: connect, writes, disconnect', async () => {
    bench = openWifiBench();
    const { commands } = lendWindow();
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: undefined, radioId }));
    expect(run).toMatchObject({ state: 'done', reached: 'bound', target: 'dev_01' });
    expect([commands[0], commands.at(-1), new Set(commands.slice(1, -1))]).toEqual(['connect', 'disconnect', new Set(['write'])]);
  });

  it('what the window could not do ends the run with its words', async () => {
    bench = openWifiBench();
    lendWindow({ refuse: 'connect' });
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: undefined, radioId }));
    expect(run.error).toMatchObject({ code: 'wifi/radio-lost', data: { reason: 'GATT operation failed' } });
    expect(bench.steps(run.runId).link).toBe('failed');
  });

  it('a board that could not be opened is not kept: it is one central’s at a time', async () => {
    bench = openWifiBench();
    const { commands } = lendWindow({ refuse: 'connect' });
    await bench.until(isOver, await bench.start({ method: 'ble', virtual: undefined, radioId }));
    expect(commands).toEqual(['connect', 'disconnect']);
  });

  it.each(['connect', 'write'] as const)('a %s that hangs does not hold up a cancel, nor the end of the core', async (kind) => {
    bench = openWifiBench();
    const { commands } = lendWindow({ hang: kind });
    const runId = await bench.start({ method: 'ble', virtual: undefined, radioId });
    await bench.clock.settle();
    expect(commands.at(-1)).toBe(kind);
    await bench.service.calls['wifi.cancel']({ runId }, context);
    expect(bench.run(runId)).toMatchObject({ state: 'cancelled', error: null });
    expect([commands.at(-1), bench.clock.pendingTimers]).toEqual(['disconnect', 0]);
  });

  it('a window that is closed takes its radio with it', async () => {
    bench = openWifiBench();
    const { leave } = lendWindow({ silent: true });
    const runId = await bench.start({ method: 'ble', virtual: undefined, radioId });
    await bench.clock.settle();
    leave();
    expect((await bench.until(isOver, runId)).error).toMatchObject({ code: 'wifi/radio-lost', data: { reason: 'window-closed' } });
    await expect(report({ kind: 'disconnected' })).rejects.toMatchObject({ code: 'not-found' });
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('a window that hangs is not waited for without end', async () => {
    bench = openWifiBench();
    lendWindow({ silent: true });
    const run = await bench.until(isOver, await bench.start({ method: 'ble', virtual: undefined, radioId }));
    expect(run.error).toMatchObject({ code: 'wifi/radio-lost', data: { reason: 'window-silent' } });
  });

  it('an id is one window’s', () => {
    bench = openWifiBench();
    lendWindow();
    expect(() => lendWindow()).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });
});
