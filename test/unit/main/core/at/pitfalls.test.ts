import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cmeMeaning } from '../../../../../main/core/at/error-codes.ts';
import { udevRule } from '../../../../../main/core/at/udev-rule.ts';
import { maskIdentities } from '../../../../../preload/contract/identities.ts';
import { scripted, wired } from './line.ts';

describe('pitfall 1: unasked lines at awkward moments, and lines that come in pieces', () => {
  test('a line between the echo and the answer is neither', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CSQ');
    await says('AT+CSQ\r\r\n+CEREG: 1\r\n\r\n+CSQ: 25,0\r\n\r\nOK\r\n');
    expect(outcome.exchange).toMatchObject({ lines: ['+CSQ: 25,0'], values: [{ name: 'rssi', value: -63, unit: 'dBm' }, { name: 'ber' }] });
    expect(texts()).toEqual(['+CEREG: 1']);
  });

  test('lines before the OK of CFUN are told, and do not end it', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CFUN=1');
    await says('AT+CFUN=1\r\r\n+CPIN: READY 0\r\n\r\n^MODE: 17,17\r\n');
    expect(outcome.ended).toBe('pending');
    await says('\r\nOK\r\n');
    expect(outcome.ended).toBe('ok');
    expect(texts()).toEqual(['+CPIN: READY 0', '^MODE: 17,17']);
  });

  test('chunks may be cut anywhere: the same lines come out, for any cut', async () => {
    const stream =
      'AT+CEREG?\r\r\n+NITZ: 2024/08/27,06:36:38+0, \r\n\r\n+CEREG: 2,1,"4844","0EA2D0CA",7\r\n\r\n+CGEV: ME DETACH\r\n\r\nOK\r\n+E_UTRAN Service\r\n';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const { send, engine, clock, texts } = scripted();
        const outcome = send('AT+CEREG?');
        const borders = [0, ...new Set(cuts.toSorted((a, b) => a - b)), stream.length];
        for (const [at, from] of borders.slice(0, -1).entries())
          engine.received(Buffer.from(stream.slice(from, borders[at + 1])), clock.nowUs());
        await clock.settle();
        expect(outcome.exchange?.lines).toEqual(['+CEREG: 2,1,"4844","0EA2D0CA",7']);
        expect(outcome.ended).toBe('ok');
        expect(texts()).toEqual(['+NITZ: 2024/08/27,06:36:38+0,', '+CGEV: ME DETACH', '+E_UTRAN Service']);
      }),
      { numRuns: 60 },
    );
  });

  test('two lines in one chunk are two, and an echo that ends in CR CR LF is one', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CGATT?');
    await says('AT+CGATT?\r\r\n+CGATT: 1\r\nOK\r\n^MODE: 17,17\r\n+E_UTRAN Service\r\n');
    expect(outcome.exchange?.lines).toEqual(['+CGATT: 1']);
    expect(texts()).toEqual(['^MODE: 17,17', '+E_UTRAN Service']);
  });

  test('a modem that talks in between and in pieces answers every command all the same', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { send, clock, modem } = wired({ faults: { seed, splitChunks: true, awkwardLines: true } });
      const asked = ['AT', 'AT+CMEE=1', 'ATI', 'AT+CPIN?', 'AT+CEREG?', 'AT+CSQ', 'AT+CIMI', 'AT+CGDCONT?', 'AT+COPS?', 'AT+CESQ'].map(
        (command) => send(command),
      );
      await clock.advance(5_000_000);
      expect(asked.map(({ ended }) => ended)).toEqual(asked.map(() => 'ok'));
      expect(asked.map(({ exchange }) => exchange?.lines.length)).toEqual([0, 0, 1, 1, 1, 1, 1, 2, 1, 1]);
      expect(asked[3]?.exchange?.values).toMatchObject([{ value: 'READY' }]);
      expect(asked[4]?.exchange?.values[0]).toMatchObject({ name: 'registration', value: 1, note: 'home' });
      expect(modem.violations).toEqual([]);
    }
  });
});

describe('pitfall 2: the same prefix answers and comes by itself', () => {
  test('+CEREG: 2 came by itself, +CEREG: 0,2 answers', async () => {
    const { send, says, urcs } = scripted();
    const outcome = send('AT+CEREG?');
    await says('\r\n+CEREG: 2\r\n\r\n+CEREG: 1,"4844","01a2c315",7\r\n\r\n+CEREG: 0,2\r\n\r\nOK\r\n');
    expect(outcome.exchange?.lines).toEqual(['+CEREG: 0,2']);
    expect(outcome.exchange?.values).toMatchObject([{ name: 'registration', value: 2, note: 'searching', verdict: 'weak' }]);
    expect(urcs.map(({ values }) => values[0]?.note)).toEqual(['searching', 'home']);
  });

  test('while the reports are being switched on, none of them is an answer', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CEREG=2');
    await says('\r\n+CEREG: 1\r\n\r\nOK\r\n\r\n+CEREG: 1,"4844","01a2c315",7\r\n');
    expect(outcome.exchange?.lines).toEqual([]);
    expect(texts()).toHaveLength(2);
  });

  test('a slot number makes +CPIN: READY news', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CPIN?');
    await says('+CPIN: SIM REMOVED 0\r\n+CPIN: READY 0\r\n\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n');
    expect(outcome.exchange?.values).toMatchObject([{ value: 'SIM PIN', note: 'pin-wanted', verdict: 'bad' }]);
    expect(texts()).toEqual(['+CPIN: SIM REMOVED 0', '+CPIN: READY 0']);
  });

  test('the test form lists, whatever its prefix does otherwise', async () => {
    const { send, says } = scripted();
    const outcome = send('AT+CEREG=?');
    await says('AT+CEREG=?\r\r\n+CEREG: (0,1,2,3,4,5)\r\n\r\nOK\r\n');
    expect(outcome.exchange?.lines).toEqual(['+CEREG: (0,1,2,3,4,5)']);
  });
});

describe('pitfall 3: bare lines answer only what asks for one, and look like it', () => {
  test.each([
    ['AT+CIMI', '460081899904186', 'imsi'],
    ['AT+CGSN', '788596633100008', 'imei'],
    ['AT+CCID', '898604981022C0254186', 'iccid'],
    ['ATI', 'AirM2M_780EP_V1007_LTE_AT', 'firmware'],
  ])('%s takes its own line and leaves +NITZ, a call and unknown words alone', async (command, answer, name) => {
    const { send, says, texts } = scripted();
    const outcome = send(command);
    await says(`${command}\r\r\n+NITZ: 2024/08/27,06:36:38+0, \r\nRING\r\nCONNECT OK\r\n${answer}\r\n\r\nOK\r\n`);
    expect(outcome.exchange?.lines).toEqual([answer]);
    expect(outcome.exchange?.values[0]).toMatchObject({ name, value: answer });
    expect(texts()).toEqual(['+NITZ: 2024/08/27,06:36:38+0,', 'RING', 'CONNECT OK']);
  });

  test('a number of the wrong length is no IMSI', async () => {
    const { send, says, texts } = scripted();
    const outcome = send('AT+CIMI');
    await says('\r\n12345\r\n\r\nsome text\r\n\r\nOK\r\n');
    expect(outcome.exchange?.lines).toEqual([]);
    expect(texts()).toEqual(['12345', 'some text']);
  });

  test('a bare line with nothing under way is told as news', async () => {
    const { says, urcs } = scripted();
    await says('460081899904186\r\n');
    expect(urcs).toMatchObject([{ text: '460081899904186', kind: 'unknown' }]);
  });

  test('NO CARRIER of an earlier call does not end a question', async () => {
    const { send, says } = scripted();
    const outcome = send('AT+CSQ');
    await says('\r\nNO CARRIER\r\n\r\n+CSQ: 25,0\r\n\r\nOK\r\n');
    expect(outcome.ended).toBe('ok');
  });
});

describe('pitfall 4: an answer that comes after its time', () => {
  test('a late OK does not complete the next command', async () => {
    const { send, says, written, clock, urcs } = scripted();
    const slow = send('AT+COPS=0', { timeoutMs: 1000 });
    const next = send('AT+CSQ');
    await clock.advance(1_050_000);
    expect([slow.ended, written]).toEqual(['at/timeout', ['AT+COPS=0\r', 'AT\r']]);
    await says('\r\nOK\r\n'); // the late one
    await clock.advance(100_000);
    await says('\r\nOK\r\n'); // of the AT
    expect(written).toHaveLength(2);
    await clock.advance(400_000);
    expect(written.at(-1)).toBe('AT+CSQ\r');
    expect(next.ended).toBe('pending');
    await says('\r\n+CSQ: 25,0\r\n\r\nOK\r\n');
    expect(next).toMatchObject({ ended: 'ok', exchange: { lines: ['+CSQ: 25,0'] } });
    expect(urcs.map(({ kind }) => kind)).toEqual(['stray', 'stray']);
  });

  test('on a modem that answers late, however late, each command gets its own answer', async () => {
    for (const byMs of [900, 1010, 1500, 2900, 3200, 6000]) {
      const { send, clock } = wired({ faults: { late: { command: 'AT+CGMR', byMs } } });
      const late = send('AT+CGMR', { timeoutMs: 1000 });
      const asked = [send('AT+CSQ'), send('AT+CFUN?'), send('AT+CEREG?')];
      await clock.advance(20_000_000);
      expect(late.ended).toBe(byMs < 1000 ? 'ok' : 'at/timeout');
      expect(asked.map(({ exchange }) => exchange?.lines.map((line) => line.split(':')[0]))).toEqual([['+CSQ'], ['+CFUN'], ['+CEREG']]);
    }
  });

  test('a modem that is not found again fails what waits, and is looked for again before the next command', async () => {
    const { send, clock, written, says } = scripted();
    send('AT+CSQ', { timeoutMs: 1000 });
    const waiting = send('AT+CESQ');
    await clock.advance(12_000_000);
    expect(waiting.ended).toBe('at/not-answering');
    expect(written.filter((text) => text === 'AT\r')).toHaveLength(5);
    const later = send('AT+CSQ');
    await clock.advance(50_000);
    expect(written.at(-1)).toBe('AT\r');
    await says('\r\nOK\r\n');
    await clock.advance(400_000);
    await says('\r\n+CSQ: 9,0\r\n\r\nOK\r\n');
    expect(later.exchange?.values[0]).toMatchObject({ value: -95, verdict: 'weak', note: 'unstable' });
  });

  test('cancelled in the middle is the same: its answer still may come', async () => {
    const { send, clock, engine, written } = scripted();
    const cancelled = send('AT+COPS=?');
    await clock.settle();
    engine.cancelAll();
    await clock.settle();
    expect(cancelled.ended).toBe('cancelled');
    const next = send('AT+CSQ');
    await clock.advance(30_000);
    expect(written).toEqual(['AT+COPS=?\r', 'AT\r']);
    // A search takes minutes, and no modem has to stop it for us: so long the next command waits.
    await clock.advance(60_000_000);
    expect(next.ended).toBe('pending');
    await clock.advance(260_000_000);
    expect(next.ended).toBe('at/not-answering');
  });
});

describe('pitfall 5: one at a time, with a moment’s rest', () => {
  test('the next command is sent 20 ms after the final, not before', async () => {
    const { send, says, written, writtenAtUs, clock } = scripted();
    send('AT');
    send('ATE0');
    await says('AT\r\r\nOK\r\n');
    await clock.advance(19_000);
    expect(written).toEqual(['AT\r']);
    await clock.advance(1_000);
    expect(written).toEqual(['AT\r', 'ATE0\r']);
    expect((writtenAtUs[1] ?? 0) - (writtenAtUs[0] ?? 0)).toBe(20_000);
  });

  test('a strict modem never sees a byte while it executes or right after', async () => {
    const { send, clock, modem } = wired({ family: 'airm2m' });
    const asked = Array.from({ length: 30 }, (_, at) => send(at % 2 === 0 ? 'AT+CSQ' : 'AT+CFUN=1'));
    await clock.advance(10_000_000);
    expect(asked.every(({ ended }) => ended === 'ok')).toBe(true);
    expect(modem.violations).toEqual([]);
  });

  test('what is sent ends in CR alone', async () => {
    const { send, written, clock } = scripted();
    send('AT+CMEE=1;+CSQ');
    await clock.settle();
    expect(written).toEqual(['AT+CMEE=1;+CSQ\r']);
  });
});

describe('pitfall 6: prompt and data mode', () => {
  test('a prompt has no newline; the data follow it and Ctrl-Z ends them', async () => {
    const { send, says, written, clock } = scripted();
    const outcome = send('AT+CMGS="10649"', { data: 'hello' });
    await says('AT+CMGS="10649"\r\r\n> ');
    expect(written.at(-1)).toBe('hello\x1a');
    await says('hello\r\n+CMGS: 1\r\n\r\nOK\r\n');
    await clock.settle();
    expect(outcome.exchange).toMatchObject({ lines: ['+CMGS: 1'], final: { kind: 'ok' } });
  });

  test('a prompt without its blank is one when nothing follows', async () => {
    const { send, says, written, clock } = scripted();
    send('AT+FSWRITE="/a.txt",0,3,10', { data: 'abc' });
    await says('\r\n>');
    await clock.advance(60_000);
    expect(written.at(-1)).toBe('abc\x1a');
  });

  test('a prompt nobody has data for is ended with ESC', async () => {
    const { send, clock, modem } = wired();
    const outcome = send('AT+CMGS="10649"');
    const next = send('AT+CSQ');
    await clock.advance(3_000_000);
    expect([outcome.ended, next.ended, modem.mode]).toEqual(['at/no-data', 'ok', 'command']);
  });

  test('after CONNECT nothing is a line until the call ends', async () => {
    const { send, says, texts, engine, exchanges } = scripted();
    const outcome = send('ATD*99#');
    await says('\r\nCONNECT\r\n~\xff}#\xc0!\r\n+CSQ: 1,1\r\nOK\r\n');
    expect([outcome.ended, engine.state.mode]).toEqual(['connect', 'data']);
    expect([texts(), exchanges()[0]?.lines]).toEqual([[], []]);
    await expect(engine.send('AT')).rejects.toMatchObject({ code: 'at/data-mode' });
    await says('more\r\nNO CAR');
    await says('RIER\r\n+E_UTRAN Service\r\n');
    expect(engine.state.mode).toBe('ready');
    expect(texts()).toEqual(['NO CARRIER', '+E_UTRAN Service']);
  });

  test('+++ with silence around it leads back, and the next command is answered', async () => {
    const { send, clock, engine } = wired();
    send('ATD*99#');
    await clock.advance(100_000);
    expect(engine.state.mode).toBe('data');
    void engine.leaveData();
    await clock.advance(3_000_000);
    expect(engine.state.mode).toBe('ready');
    const next = send('AT+CSQ');
    await clock.advance(2_000_000);
    expect(next.ended).toBe('ok');
  });

  test('a peer that hangs up during the silence before +++ leaves nothing to escape from', async () => {
    const { send, says, engine, clock, written } = scripted();
    send('ATD*99#');
    await says('\r\nCONNECT\r\n');
    const leaving = engine.leaveData();
    await says('\r\nNO CARRIER\r\n');
    await clock.advance(3_000_000);
    await leaving;
    expect(written).toEqual(['ATD*99#\r']);
    expect(engine.state.mode).toBe('ready');
  });

  test('CONNECT OK is news of a socket, not data mode', async () => {
    const { send, says, engine, texts } = scripted();
    const outcome = send('AT+CIPSTART="TCP","112.125.89.8",46056');
    await says('\r\nOK\r\n\r\nCONNECT OK\r\n');
    expect([outcome.ended, engine.state.mode, texts()]).toEqual(['ok', 'ready', ['CONNECT OK']]);
  });
});

describe('pitfall 7: the module starts anew in the middle', () => {
  test.each(['RDY', "^boot.rom'v", 'NORMAL POWER DOWN', 'I/user.boot LuatOS@EC618 base 22.12 bsp V1103 32bit'])(
    '%s fails what runs and what waits, at once',
    async (line) => {
      const { send, says, engine } = scripted();
      const asked = [send('AT+COPS=?'), send('AT+CSQ'), send('AT+CEREG?')];
      await says(`AT+COPS=?\r\r\n${line}\r\n`);
      expect(asked.map(({ ended }) => ended)).toEqual(['at/module-reset', 'at/module-reset', 'at/module-reset']);
      expect(engine.state).toMatchObject({ mode: 'ready', queued: 0 });
    },
  );

  test('a real reset mid-command: the next command is answered, echo on again', async () => {
    const { send, clock } = wired({ faults: { resetDuring: 'AT+CGATT=1' } });
    send('ATE0');
    const cut = send('AT+CGATT=1');
    await clock.advance(4_000_000);
    expect(cut.ended).toBe('at/module-reset');
    const next = send('AT+CFUN?');
    await clock.advance(100_000);
    expect(next.exchange?.lines).toEqual(['+CFUN:1']);
  });

  test('a reset that was asked for is no failure', async () => {
    const { send, says } = scripted();
    const outcome = send('AT+CFUN=1,1');
    await says('AT+CFUN=1,1\r\r\nRDY\r\n');
    expect(outcome.ended).toBe('ok');
  });

  test('a port that goes away fails the queue with its own reason', async () => {
    const { engine, send, clock } = scripted();
    const { TalkError } = await import('../../../../../preload/contract/errors.ts');
    const asked = [send('AT'), send('AT+CSQ')];
    await clock.settle();
    engine.closed(new TalkError('port/lost', { address: '/dev/ttyACM0', reason: 'EIO' }));
    await clock.settle();
    expect(asked.map(({ ended }) => ended)).toEqual(['port/lost', 'port/lost']);
  });
});

describe('pitfall 8: numbers', () => {
  test.each(['"5b49","0ea2d0ca"', '"5B49","0EA2D0CA"'])('area codes and cells are the same in either case: %s', async (cell) => {
    const { send, says } = scripted();
    const outcome = send('AT+CEREG?');
    await says(`+CEREG: 2,1,${cell},7\r\nOK\r\n`);
    const values = [{ note: 'home' }, { name: 'tac', value: '5B49' }, { name: 'cellId', value: '0EA2D0CA' }, { value: 'E-UTRAN' }];
    expect(outcome.exchange?.values).toMatchObject(values);
  });

  test('the same error number means what this family’s firmware means by it', () => {
    expect(cmeMeaning(10, 'airm2m')).toBe('sim-not-inserted');
    expect(cmeMeaning(51, 'eigencomm')).toBe('command-disabled');
    expect(cmeMeaning(51, 'airm2m')).toBe('vendor-specific');
    expect(cmeMeaning(302, 'eigencomm')).toBe('ue-busy');
    expect(cmeMeaning(302, 'quectel')).toBeUndefined();
  });

  test('the family is learnt from what the modem says of itself, and its errors are read so from then on', async () => {
    const { send, says, engine, clock } = scripted();
    send('ATI');
    await says('\r\nAirM2M_780EP_V1007_LTE_AT\r\n\r\nOK\r\n');
    expect(engine.state).toMatchObject({ family: 'airm2m', model: 'AirM2M_780EP_V1007_LTE_AT' });
    await clock.advance(20_000);
    const refused = send('AT+SAPBR=1,1');
    await says('\r\n+CME ERROR: 58\r\n');
    expect(refused.exchange?.final).toEqual({ kind: 'cme-error', code: 58, meaning: 'vendor-specific' });
  });

  test('ATV0: a result is a digit and a CR, an answer of digits ends in CR LF', async () => {
    const { send, clock } = wired();
    const asked = [send('ATE0'), send('ATV0'), send('AT+CIMI'), send('AT+NOSUCH'), send('AT+CSQ'), send('ATV1'), send('AT+CSQ')];
    await clock.advance(3_000_000);
    expect(asked.map(({ ended }) => ended)).toEqual(['ok', 'ok', 'ok', 'error', 'ok', 'ok', 'ok']);
    expect(asked[2]?.exchange?.lines).toEqual(['460081899904186']);
    const { send: ask, says, clock: other } = scripted();
    const opened = ask('AT+ECSOCR="DGRAM",17');
    const other2 = ask('AT');
    await says('\r\n1\r\n\r\nOK\r\n');
    await other.advance(20_000);
    await says('0\r'); // a modem that another program left in ATV0
    expect([opened.exchange?.lines, other2.ended]).toEqual([['1'], 'ok']);
  });
});

describe('pitfall 9: identities do not leave in what is handed on', () => {
  test('IMEI, IMSI and ICCID are masked, hexadecimal ones too; other numbers stay', () => {
    const report = {
      evidence: [
        '788596633100008',
        '+ICCID: 898604981022C0254186',
        '+CGSN: "788596633100008"',
        '+CSQ: 25,0',
        '+ECSTATUS: CCM, Cfun:1, IMSI:"460043263600041"',
      ],
      values: [
        { name: 'imsi', value: '460081899904186' },
        { name: 'iccid', value: '89861119220009636664' },
        { name: 'rsrp', value: -93 },
      ],
    };
    expect(maskIdentities(report)).toEqual({
      evidence: [
        '788596*********',
        '+ICCID: 898604**************',
        '+CGSN: "788596*********"',
        '+CSQ: 25,0',
        '+ECSTATUS: CCM, Cfun:1, IMSI:"460043*********"',
      ],
      values: [
        { name: 'imsi', value: '460081*********' },
        { name: 'iccid', value: '898611**************' },
        { name: 'rsrp', value: -93 },
      ],
    });
  });
});

describe('pitfall 10: ModemManager', () => {
  test('the udev rule takes both the running module and its download mode from it', () => {
    for (const vendor of ['19d1', '17d1'])
      expect(udevRule).toMatch(new RegExp(`ATTRS\\{idVendor\\}=="${vendor}".*ENV\\{ID_MM_DEVICE_IGNORE\\}="1"`));
  });
});
