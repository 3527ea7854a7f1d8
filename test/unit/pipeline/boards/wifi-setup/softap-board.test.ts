import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { SetupBoardOptions } from '../../../../../pipeline/boards/wifi-setup/board.ts';
import { type SoftApBoard, startSoftApBoard } from '../../../../../pipeline/boards/wifi-setup/softap-board.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let board: SoftApBoard;
let phone: Socket;
let clock: VirtualClock;
let bound: string[];
afterEach(async () => {
  phone.close();
  await board[Symbol.asyncDispose]();
});

async function open(options: Partial<SetupBoardOptions> = {}): Promise<void> {
  clock = new VirtualClock();
  bound = [];
  board = await startSoftApBoard({
    clock,
    device: { productId: 'P', deviceName: 'D' },
    network: { ssid: 'Lab', password: 'right' },
    bind: async (token) => {
      bound.push(token);
      return 0;
    },
    ...options,
  });
  phone = createSocket('udp4').bind(0, '127.0.0.1');
  await once(phone, 'listening');
}

/** Sends, and resolves with the next datagram that comes. */
async function ask(text: string): Promise<string> {
  const answered = once(phone, 'message');
  phone.send(text, board.port, board.address);
  return String((await answered)[0]);
}

describe('a board in SoftAP mode', () => {
  it('answers three times, joins, closes its network, shows its token', async () => {
    await open();
    const first = await ask('{"cmdType":1,"ssid":"Lab","password":"right","token":"t1"}');
    expect(JSON.parse(first)).toEqual({ cmdType: 2, productId: 'P', deviceName: 'D', protoVersion: '2.0' });
    expect(first).toContain('\n');
    for (let count = 0; count < 2; count++) {
      const again = once(phone, 'message');
      await clock.advance(1_000_000);
      expect(String((await again)[0])).toBe(first);
    }
    expect([board.state, bound]).toEqual(['busy', []]);
    await clock.advance(3_000_000 + 1_200_000);
    expect([board.state, bound]).toEqual(['joined', ['t1']]);
  });

  it.each([
    ['{"cmdType":1,"ssid":"La', 'APP command error! (2, 201)'],
    ['{"ssid":"Lab"}', 'APP command error! (2, 201)'],
    ['{"cmdType":7}', 'APP command error! (2, 201)'],
    ['{"cmdType":1,"ssid":"Lab","password":"right"}', 'APP command error! (2, 204)'],
    [`{"cmdType":1,"ssid":"${'x'.repeat(1100)}"}`, 'APP command error! (2, 201)'],
    // Fewer characters than its buffer has bytes.
    [`{"cmdType":1,"ssid":"${'网'.repeat(400)}"}`, 'APP command error! (2, 201)'],
    [`{"cmdType":1,"ssid":"${'网'.repeat(11)}","password":"right","token":"t"}`, 'APP command error! (2, 204)'],
    [`{"cmdType":1,"ssid":"Lab","password":"${'x'.repeat(65)}","token":"t"}`, 'APP command error! (2, 204)'],
    [`{"cmdType":1,"ssid":"Lab","password":"right","token":"${'t'.repeat(33)}"}`, 'APP command error! (2, 204)'],
  ])('refuses %s', async (text, log) => {
    await open();
    expect(JSON.parse(await ask(text))).toEqual({ cmdType: 2, deviceReply: 'Current_Error', log });
    expect(board.state).toBe('setup');
  });

  it('a message that comes while it is busy waits its turn', async () => {
    await open();
    await ask('{"cmdType":1,"ssid":"Lab","password":"wrong","token":"t1"}');
    phone.send('{"cmdType":1,"ssid":"Lab","password":"right","token":"t2"}', board.port, board.address);
    await clock.runUntilIdle();
    expect([board.state, bound, board.token]).toEqual(['joined', ['t2'], 't2']);
  });

  it('its log holds the password in plain, as the SDK’s does', async () => {
    await open();
    await ask('{"cmdType":1,"ssid":"Lab","password":"wrong","token":"t1"}');
    await clock.runUntilIdle();
    phone.removeAllListeners('message');
    const lines = Promise.withResolvers<string>();
    phone.on('message', (data) => data.toString().includes('PSW') && lines.resolve(data.toString()));
    phone.send('{"cmdType":3}', board.port, board.address);
    expect(await lines.promise).toMatch(/^\d+\|_app_handle_recv_data\(160\): SSID:Lab\|PSW:wrong\|TOKEN:t1\r\n/);
    // The SDK gives it once more, and then its setup is over.
    const again = Promise.withResolvers<string>();
    phone.removeAllListeners('message');
    phone.on('message', (data) => again.resolve(data.toString()));
    await clock.runUntilIdle();
    expect(await again.promise).toBe(await lines.promise);
    expect(board.state).toBe('ended');
  });
});
