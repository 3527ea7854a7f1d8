import { describe, expect, it } from 'vitest';
import { type PortInfo, type PortState, portOptions } from '../../../../../preload/contract/ports.ts';
import { portRows } from '../../../../../renderer/features/monitor/port-rows.ts';
import { hasBaudRate } from '../../../../../renderer/lib/port-kind.ts';

function info(address: string, identity?: string): PortInfo {
  return { address, kind: 'serial', label: address, ...(identity === undefined ? {} : { identity }) };
}

function state(address: string, more: Partial<PortState> = {}): PortState {
  return { address, state: 'open', options: portOptions.parse({}), receivedBytes: 0, sentBytes: 0, ...more };
}

function told(rows: ReturnType<typeof portRows>): string[] {
  return rows.map(({ info: { address }, state: of }) => `${address} ${of === undefined ? '-' : `${of.address} ${of.state}`}`);
}

describe('portRows', () => {
  it('puts open ports first and keeps the rest in the order of the list', () => {
    expect(told(portRows([info('a'), info('b'), info('c')], [state('c'), state('b', { state: 'failed' })]))).toEqual([
      'c c open',
      'a -',
      'b b failed',
    ]);
  });

  it('lists a port that no list has until it is closed', () => {
    expect(told(portRows([], [state('socket://x:1'), state('y', { state: 'closed' })]))).toEqual(['socket://x:1 socket://x:1 open']);
    expect(portRows([], [state('socket://x:1')])[0]?.info.kind).toBe('socket');
  });

  it('a board that came back under another path is one row, where it is now', () => {
    const moved = state('/dev/ttyUSB0', { devicePath: '/dev/ttyUSB1', identity: 'usb board' });
    expect(told(portRows([info('/dev/ttyUSB1', 'usb board')], [moved]))).toEqual(['/dev/ttyUSB1 /dev/ttyUSB0 open']);
  });

  it('a board is known by its identity before its new path is', () => {
    const lost = state('/dev/ttyUSB0', { state: 'lost', identity: 'usb board' });
    expect(told(portRows([info('/dev/ttyUSB1', 'usb board')], [lost]))).toEqual(['/dev/ttyUSB1 /dev/ttyUSB0 lost']);
  });

  it('another board on the path that a board has left is a row of its own', () => {
    const moved = state('/dev/ttyUSB0', { devicePath: '/dev/ttyUSB1', identity: 'one' });
    expect(told(portRows([info('/dev/ttyUSB0', 'two'), info('/dev/ttyUSB1', 'one')], [moved]))).toEqual([
      '/dev/ttyUSB1 /dev/ttyUSB0 open',
      '/dev/ttyUSB0 -',
    ]);
    const lost = state('/dev/ttyUSB0', { state: 'lost', identity: 'one' });
    expect(told(portRows([info('/dev/ttyUSB0', 'two')], [lost]))).toEqual(['/dev/ttyUSB0 /dev/ttyUSB0 lost', '/dev/ttyUSB0 -']);
  });

  it('shows who holds a line, not who held it before', () => {
    const before = state('/dev/ttyUSB0', { state: 'closed', identity: 'one', devicePath: '/dev/ttyUSB1' });
    const now = state('/dev/ttyUSB1', { identity: 'one' });
    for (const states of [
      [before, now],
      [now, before],
    ])
      expect(told(portRows([info('/dev/ttyUSB1', 'one')], states))).toEqual(['/dev/ttyUSB1 /dev/ttyUSB1 open']);
  });
});

it('programs and plain connections have no line speed', () => {
  expect(['command://pi', 'socket://a:1', 'rfc2217://a:1', '/dev/ttyUSB0', 'COM3'].map(hasBaudRate)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});
