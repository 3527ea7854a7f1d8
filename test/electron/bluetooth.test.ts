import { EventEmitter } from 'node:events';
import type { App, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';

vi.mock('electron', () => ({}));
const { chooseBluetooth, enableBluetooth, offerBluetooth } = await import('../../main/electron/bluetooth.ts');

function pageAt(url: string) {
  const contents = Object.assign(new EventEmitter(), { getURL: () => url, send: vi.fn() });
  offerBluetooth(contents as unknown as WebContents);
  const choose = vi.fn<(deviceId: string) => void>();
  const preventDefault = vi.fn();
  const find = (...names: string[]) =>
    contents.emit(
      'select-bluetooth-device',
      { preventDefault },
      names.map((name) => ({ deviceId: `id-${name}`, deviceName: name })),
      choose,
    );
  return { contents: contents as unknown as WebContents, send: contents.send, choose, preventDefault, find };
}

it('is switched on where Chromium keeps it off', () => {
  const appendSwitch = vi.fn();
  enableBluetooth({ commandLine: { appendSwitch } } as unknown as App, 'win32');
  expect(appendSwitch).not.toHaveBeenCalled();
  enableBluetooth({ commandLine: { appendSwitch } } as unknown as App, 'linux');
  expect(appendSwitch.mock.calls).toEqual([['enable-blink-features', 'WebBluetooth']]);
});

describe('choosing a Bluetooth device', () => {
  it('shows our page what is found, and takes its choice', () => {
    const { contents, send, choose, preventDefault, find } = pageAt('talkbench://app/#/flash?tab=wifi');
    find();
    find('dev_01', 'dev_02');
    expect(preventDefault).toHaveBeenCalledTimes(2);
    expect(send.mock.calls).toEqual([
      ['talkbench:bluetooth-devices', []],
      [
        'talkbench:bluetooth-devices',
        [
          { deviceId: 'id-dev_01', deviceName: 'dev_01' },
          { deviceId: 'id-dev_02', deviceName: 'dev_02' },
        ],
      ],
    ]);
    expect(choose).not.toHaveBeenCalled();
    chooseBluetooth(contents, 'id-dev_02');
    chooseBluetooth(contents, 'id-dev_01');
    expect(choose.mock.calls).toEqual([['id-dev_02']]);
  });

  it.each(['', 'id-of-none', 7, null])('%j is no device that was shown: nothing is chosen', (answer) => {
    const { contents, choose, find } = pageAt('talkbench://app/');
    find('dev_01');
    chooseBluetooth(contents, answer);
    expect(choose.mock.calls).toEqual([['']]);
  });

  it('another page gets nothing, and hears of nothing', () => {
    const { send, choose, find } = pageAt('https://example.com/');
    find('dev_01');
    expect([choose.mock.calls, send.mock.calls]).toEqual([[['']], []]);
  });
});
