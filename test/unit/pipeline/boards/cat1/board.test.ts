import { afterEach, describe, expect, test } from 'vitest';
import { type Cat1Board, createCat1Board } from '../../../../../pipeline/boards/cat1/board.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let board: Cat1Board;
afterEach(() => board.close());

async function running() {
  const clock = new VirtualClock(1_000_000);
  board = await createCat1Board({ clock, family: 'airm2m', isBooted: true, withPty: false });
  const heard: string[] = [];
  board.uart.onTransmit((data) => void heard.push(Buffer.from(data).toString('latin1')));
  const say = async (bytes: string | Uint8Array, ms: number) => {
    heard.length = 0;
    board.uart.receive(Buffer.from(bytes as Uint8Array));
    await clock.advance(ms * 1000);
    return heard.join('');
  };
  return { clock, say };
}

const intoLoader = Uint8Array.of(0x7e, 0x00, 0x02, 0x7e);

describe('from AT to download mode', () => {
  test('AT+ECRST and the frame: its port goes, the other comes', async () => {
    const { say } = await running();
    const changes: boolean[] = [];
    board.uart.presence?.onChange((isPresent) => void changes.push(isPresent));
    expect(await say('AT+ECRST=delay,799\r\n', 200)).toContain('OK');
    await say(intoLoader, 1000);
    expect(changes).toEqual([false]);
    expect(board.state).toBe('download');
    expect(board.downloadUart.presence?.isPresent()).toBe(true);
  });

  test('AT+ECRST alone is a reset, as late as it says', async () => {
    const { say } = await running();
    await say('AT+ECRST=delay,799\r\n', 700);
    expect(board.modem.mode).toBe('command');
    await say('', 200);
    expect(board.modem.mode).toBe('booting');
    expect(board.state).toBe('running');
  });

  test('a frame for something else, or one that is none, changes nothing', async () => {
    const { say } = await running();
    await say(Uint8Array.of(0x7e, 0x00, 0x00, 0x7e), 1000);
    await say(Uint8Array.of(0x7e, 0x00, 0x02, 0x00), 1000);
    expect(board.state).toBe('running');
    expect(await say('AT\r', 100)).toContain('OK');
  });
});
