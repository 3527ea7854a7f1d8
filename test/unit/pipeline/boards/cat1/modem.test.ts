import { describe, expect, test } from 'vitest';
import { Cat1Modem, type Cat1Options } from '../../../../../pipeline/boards/cat1/modem.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

function bench(options: Omit<Cat1Options, 'clock'> = {}) {
  const clock = new VirtualClock(1_000_000);
  const modem = new Cat1Modem({ isBooted: true, ...options, clock });
  const chunks: string[] = [];
  modem.uart.onTransmit((data) => void chunks.push(Buffer.from(data).toString('latin1')));
  modem.powerOn();
  return {
    clock,
    modem,
    chunks,
    /** What it says to this within `ms`. */
    async ask(text: string, ms = 100): Promise<string> {
      chunks.length = 0;
      modem.uart.receive(Buffer.from(text, 'latin1'));
      await clock.advance(ms * 1000);
      return chunks.join('');
    },
  };
}

describe('answers look as the manuals and real logs have them', () => {
  test('the echo ends in CR, what follows begins with CR LF', async () => {
    const { ask } = bench();
    expect(await ask('AT+CSQ\r')).toBe('AT+CSQ\r\r\n+CSQ: 25,0\r\n\r\nOK\r\n');
  });

  test('without echo, with digits for words', async () => {
    const { ask } = bench();
    await ask('ATE0\r');
    expect(await ask('ATV0\r')).toBe('0\r');
    expect(await ask('AT+CGATT?\r')).toBe('+CGATT: 1\r\n0\r');
    expect(await ask('AT+NOSUCH\r')).toBe('4\r');
  });

  test('the revision in three shapes', async () => {
    const eigencomm = bench({ family: 'eigencomm' });
    expect(await eigencomm.ask('AT+CGMR\r')).toContain('\r\n+CGMR:\r\n\r\n-- Board: EC618_EVK --\r\n');
    const airm2m = bench({ family: 'airm2m' });
    expect(await airm2m.ask('AT+CGMR\r')).toContain('\r\n+CGMR: "AirM2M_780EP_V1007_LTE_AT"\r\n');
    const quectel = bench({ family: 'quectel' });
    expect((await quectel.ask('AT+CMEE=1\r')) + (await quectel.ask('AT+CGMR\r'))).toMatch(/\r\nERROR\r\n$/);
  });

  test('the registration carries its cell from n=2 on', async () => {
    const { ask } = bench();
    expect(await ask('AT+CEREG?\r')).toContain('\r\n+CEREG: 0,1\r\n');
    await ask('AT+CEREG=2\r');
    expect(await ask('AT+CEREG?\r')).toContain('\r\n+CEREG: 2,1,"4844","0EA2D0CA",7\r\n');
  });

  test('commands joined by semicolons end in one final', async () => {
    const { ask } = bench();
    expect(await ask('AT+CSQ;+CFUN?\r')).toBe('AT+CSQ;+CFUN?\r\r\n+CSQ: 25,0\r\n\r\n+CFUN:1\r\n\r\nOK\r\n');
  });

  test('no SIM is told as much as AT+CMEE allows', async () => {
    const { ask } = bench({ sim: 'absent' });
    expect(await ask('AT+CPIN?\r')).toMatch(/\r\nERROR\r\n$/);
    await ask('AT+CMEE=1\r');
    expect(await ask('AT+CPIN?\r')).toMatch(/\r\n\+CME ERROR: 10\r\n$/);
  });

  test('the PIN unlocks, another does not', async () => {
    const { ask } = bench({ sim: 'pin' });
    await ask('AT+CMEE=1\r');
    expect(await ask('AT+CPIN="0000"\r')).toContain('+CME ERROR: 16');
    expect(await ask('AT+CPIN="1234"\r')).toContain('OK');
    expect(await ask('AT+CPIN?\r')).toContain('+CPIN: READY');
  });

  test('ping says OK at once and tells of each reply, then the sum', async () => {
    const { ask } = bench({ family: 'eigencomm', pings: [50, null] });
    expect(await ask('AT+ECPING="www.baidu.com",2\r', 30)).toMatch(/OK\r\n$/);
    const rest = await ask('', 21_000);
    expect(rest).toContain('\r\n+ECPING: SUCC, dest: 39.156.66.14, RTT: 50 ms\r\n');
    expect(rest).toContain('\r\n+ECPING: FAIL, dest: 39.156.66.14, time out: 20000 ms\r\n');
    expect(rest).toMatch(/\+ECPING: DONE\r\n\r\n\+ECPING: dest: 39\.156\.66\.14, 2 packets transmittted, 1 received, 50% packet loss\r\n$/);
  });
});

describe('traps of real modules', () => {
  test('bytes while it executes, and right after a final, are lost', async () => {
    const { ask, modem, clock } = bench();
    modem.uart.receive(Buffer.from('AT\rAT+CSQ\r'));
    await clock.advance(4_000);
    modem.uart.receive(Buffer.from('AT+CFUN?\r'));
    await clock.advance(100_000);
    expect(modem.violations).toEqual([
      { kind: 'pipelined', text: 'AT+CSQ\r' },
      { kind: 'too-soon', text: 'AT+CFUN?\r' },
    ]);
    expect(await ask('AT\r')).toContain('OK');
  });

  test('a line feed is noticed, and forgiven', async () => {
    const { ask, modem, clock } = bench();
    await clock.advance(20_000);
    await ask('AT\r');
    expect(await ask('\nAT\r\n')).toContain('OK');
    expect(modem.violations[0]?.kind).toBe('line-feed');
  });

  test('it is deaf while it boots, and says RDY when it is not', async () => {
    const { ask, clock, chunks } = bench({ isBooted: false });
    expect(await ask('AT\r')).toBe('');
    await clock.advance(3_000_000);
    expect(chunks.join('')).toMatch(/^\r\nRDY\r\n.*\+NITZ: 2026/s);
  });

  test('a reset in the middle of a command takes the command with it', async () => {
    const { ask } = bench({ faults: { resetDuring: 'AT+CGATT=1' } });
    const said = await ask('AT+CGATT=1\r', 1500);
    expect(said).toContain('RDY');
    expect(said).not.toContain('OK');
  });

  test('a prompt takes bytes until Ctrl-Z, or ESC', async () => {
    const { ask, modem } = bench();
    expect(await ask('AT+CMGS="10649"\r')).toMatch(/\r\n> $/);
    expect(await ask('hello\x1a', 2000)).toContain('+CMGS: 1\r\n\r\nOK');
    await ask('AT+CMGS="10649"\r');
    await ask('\x1b');
    expect(modem.mode).toBe('command');
  });

  test('in data mode only +++ between two silences leads back', async () => {
    const { ask, modem, clock } = bench();
    await ask('ATD*99#\r');
    expect(await ask('a+++b')).toBe('a+++b');
    expect(modem.mode).toBe('data');
    await clock.advance(1_100_000);
    expect(await ask('+++', 1200)).toBe('\r\nOK\r\n');
    expect(modem.mode).toBe('command');
  });

  test('the same seed cuts and interrupts the same way', async () => {
    const faults = { seed: 5, splitChunks: true, awkwardLines: true };
    const [first, second] = [bench({ faults }), bench({ faults })];
    const said = await first.ask('AT+CEREG?\r');
    expect(await second.ask('AT+CEREG?\r')).toBe(said);
    expect(first.chunks).toEqual(second.chunks);
    expect(first.chunks.every((chunk) => chunk.length <= 3)).toBe(true);
    expect(said).toMatch(/^AT\+CEREG\?\r\r\n[+^*](?!CEREG: 0,1).*\+CEREG: 0,1\r\n\r\nOK\r\n$/s);
  });
});
