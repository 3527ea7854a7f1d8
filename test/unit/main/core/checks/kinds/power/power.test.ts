import { beforeEach, describe, expect, test } from 'vitest';
import { baselineOf } from '../../../../../../../main/core/checks/baseline/boot-log.ts';
import { baseline } from '../../../../../../../main/core/checks/kinds/power/baseline.ts';
import { boot } from '../../../../../../../main/core/checks/kinds/power/boot.ts';
import { bootsOf } from '../../../../../../../main/core/checks/kinds/power/boots.ts';
import { loop } from '../../../../../../../main/core/checks/kinds/power/loop.ts';
import { judge } from '../../../../../../../main/core/checks/runner/judge.ts';
import type { LogRow } from '../../../../../../../preload/contract/logs.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { espBoot, prints, rowsOf } from '../../../../../../fakes/board-log.ts';
import { FakeBench } from '../../../../../../fakes/fake-bench.ts';

let bench: FakeBench;
beforeEach(() => {
  bench = new FakeBench();
});

const connected = 'INF|5763|twetalk.c|tc_twetalk_ws_init(351): ai talk init success(0)\n';
const banner = '========\ncurrent version: 1.1.8\ndevice_id      : PROD000001_board1\n========\n';

describe('starts in a log', () => {
  test('the ROM’s banner and the line with the reason are one start', () => {
    expect(bootsOf(rowsOf(espBoot))).toMatchObject([{ reason: 'POWERON', cause: 'power-on' }]);
    expect(bootsOf(rowsOf(espBoot + espBoot))).toHaveLength(2);
  });
  test('a module that starts under LuatOS has one start', () => {
    const log = `[2026-07-03 15:06:32.060][000000000.000] main_entry 708:SDK base line V017_p001.026
[2026-07-03 15:06:32.065][000000000.103] I/pm poweron: Power/Reset
[2026-07-03 15:06:32.067][000000000.103] I/pm poweron reason: 0 0 5
[2026-07-03 15:06:32.068][000000000.231] I/main LuatOS@Air780EHV base 26.04 bsp V2045 64bit\n`;
    expect(bootsOf(rowsOf(log))).toHaveLength(1);
  });
  test('a board whose loader says nothing starts with its SDK’s banner', () => {
    expect(bootsOf(rowsOf(banner))).toHaveLength(1);
  });
});

describe('power.boot', () => {
  describe('a cat.1 module', () => {
    beforeEach(() => {
      bench = new FakeBench({ port: { family: 'cat1' } });
      bench.serial.onReset = () => expect.fail('its port has no line that resets it');
    });
    test('is told to by AT, and is up with its first words, whichever it says of one start', async () => {
      bench.serial.onAt = (command) => {
        if (command !== 'AT+RESET') return { final: { kind: 'error' } };
        prints(bench, 'MODEM:STARTUP\r\nAT READY\r\n', 1500);
        return { final: { kind: 'ok' } };
      };
      const result = await bench.run(boot);
      expect(result).toMatchObject({ values: { boots: 1, isResetClean: true } });
      expect(result).not.toHaveProperty('values.appMs');
      expect(bench.serial.did.map(({ data }) => data)).toEqual(['AT+CFUN=1,1', 'AT+RESET']);
    });
    test('that says the same words again has started again', async () => {
      bench.serial.onAt = () => {
        prints(bench, 'RDY\r\n', 1500);
        bench.at(4000, () => prints(bench, 'RDY\r\n'));
        return { final: { kind: 'ok' } };
      };
      expect(await bench.run(boot)).toMatchObject({ values: { boots: 2 } });
    });
    test.each([
      ['goes with its port before it has answered', new TalkError('port/lost', { address: 'COM7', reason: 'EIO' })],
      ['answers too late', new TalkError('at/timeout', { command: 'AT+CFUN=1,1', timeoutMs: 25_000 })],
    ])('that %s has started all the same, and nobody is asked', async (_what, error) => {
      bench.serial.onAt = () => {
        prints(bench, 'RDY\r\n', 1000);
        throw error;
      };
      bench.onAsk = () => expect.fail('it has started');
      expect(await bench.run(boot)).toMatchObject({ values: { boots: 1 } });
    });
    test('without an AT port is started by a person', async () => {
      bench = new FakeBench({ port: { family: 'cat1' }, isUnattended: true });
      bench.serial.onAt = () => {
        throw new TalkError('timeout', { operation: 'AT+CFUN=1,1', timeoutMs: 1000 });
      };
      expect(await bench.run(boot)).toEqual({ person: 'nobody-there' });
    });
  });
  test('one reset, one start: times from the first line to the application and the cloud', async () => {
    bench.serial.onReset = () => prints(bench, espBoot + banner + connected, 100);
    const result = await bench.run(boot);
    expect(result).toMatchObject({ values: { boots: 1, appMs: 2200, isResetClean: true, resetReason: 'POWERON' } });
    expect(result).toHaveProperty('values.connectedMs', 2700);
    expect(bench.serial.did).toMatchObject([{ what: 'reset' }]);
  });
  test('a second start is counted, and shown', async () => {
    bench.serial.onReset = () => {
      prints(bench, espBoot);
      bench.at(2000, () => prints(bench, espBoot + connected));
    };
    const result = await bench.run(boot);
    expect(result).toMatchObject({ values: { boots: 2 } });
    expect('evidence' in result && result.evidence).toHaveLength(2);
    expect(result).not.toHaveProperty('next');
  });
  test('of a crash the rows before the second start are shown, and the chip’s reason after it', async () => {
    const panic =
      "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\nBacktrace: 0x42008d5c:0x3fcebf20\nRebooting...\n";
    bench.serial.onReset = () => {
      prints(bench, espBoot);
      bench.at(2000, () => prints(bench, panic + espBoot.replace('0x1 (POWERON)', '0xc (RTC_SW_CPU_RST)') + connected));
    };
    const result = await bench.run(boot);
    expect(result).toMatchObject({ values: { boots: 2 }, next: 'crashes' });
    const shown = JSON.stringify('evidence' in result && result.evidence?.[1]);
    expect(shown).toContain('Guru Meditation');
    expect(shown).toContain('RTC_SW_CPU_RST');
  });
  test('a brownout is no clean reset', async () => {
    bench.serial.onReset = () => prints(bench, espBoot.replace('0x1 (POWERON)', '0xf (BROWNOUT_RST)') + connected);
    expect(await bench.run(boot)).toMatchObject({ values: { isResetClean: false, resetReason: 'BROWNOUT_RST' } });
  });
  test('where the port cannot reset it a person does, and has to be there', async () => {
    bench.serial.onReset = null;
    bench.onAsk = (question) => {
      expect(question).toMatchObject({ ask: 'press-reset', kind: 'do' });
      prints(bench, espBoot + connected);
      return 'done';
    };
    expect(await bench.run(boot)).toMatchObject({ values: { boots: 1 } });
    bench = new FakeBench({ isUnattended: true });
    bench.serial.onReset = null;
    expect(await bench.run(boot)).toEqual({ person: 'nobody-there' });
  });
  test.each([
    ['no-output', ''],
    ['waits-for-download', 'ESP-ROM:esp32s3-20210327\nrst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\nwaiting for download\n'],
    ['invalid-image', 'ESP-ROM:esp32s3-20210327\nrst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\ninvalid header: 0xffffffff\n'],
    ['no-application', 'ESP-ROM:esp32s3-20210327\nrst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\n'],
  ])('%s', async (next, log) => {
    bench.serial.onReset = () => prints(bench, log);
    expect(await bench.run(boot)).toMatchObject({ next });
  });
  const quiet = espBoot.split('\n', 7).join('\n');
  test('a quiet log: the loader’s starts are judged, the application’s time is left out', async () => {
    bench.serial.onReset = () => prints(bench, `${quiet}\n`);
    bench.at(4000, () => bench.board.tell({ kind: 'device.online' }));
    const result = await bench.run(boot);
    expect(result).toMatchObject({ values: { boots: 1, isResetClean: true, resetReason: 'POWERON', connectedMs: 4000 } });
    expect(result).not.toHaveProperty('values.appMs');
    expect(judge(boot, {}, result)).toMatchObject({ state: 'passed' });
  });
  test('a quiet log hides neither a second start nor a brownout', async () => {
    bench.serial.onReset = () => {
      prints(bench, `${quiet}\n`);
      bench.at(2000, () => prints(bench, `${quiet.replace('0x1 (POWERON)', '0xf (BROWNOUT_RST)')}\n`));
    };
    bench.at(4000, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(boot)).toMatchObject({ values: { boots: 2, isResetClean: false } });
  });
  test('lines without a start prove no reset: only a board that comes online after it is let off', async () => {
    bench.every(1000, 60, () => bench.serial.row('\ufffd\ufffdx\ufffd'));
    const result = await bench.run(boot);
    expect(result).toMatchObject({ values: { boots: 0 }, next: 'no-output' });
    expect(judge(boot, {}, result)).toMatchObject({ state: 'failed' });
    bench = new FakeBench();
    bench.serial.onReset = () => bench.at(5000, () => bench.board.tell({ kind: 'device.online' }));
    expect(await bench.run(boot)).toMatchObject({ skipped: 'not-in-log' });
  });
  test('a run without a port skips it', async () => {
    expect(await new FakeBench({ port: null }).run(boot)).toEqual({ skipped: 'no-port' });
  });
});

describe('power.loop', () => {
  test('a board that only talks is quiet', async () => {
    bench.serial.row('I (1) app: hello');
    prints(bench, 'I (1) app: one\nI (2) app: two\n', 1000);
    expect(await bench.run(loop)).toEqual({ values: { brownouts: 0, panics: 0, watchdogs: 0, resets: 0 }, evidence: [] });
  });
  test('a crash and the start after it are one panic and one start, with the lines around', async () => {
    const panic = `I (9000) app: before
assert failed: xQueueSend queue.c:938 (pxQueue)

abort() was called at PC 0x40082b11 on core 0
Backtrace: 0x40081b2e:0x3ffb5740 0x40087215:0x3ffb5760
Rebooting...
`;
    prints(bench, panic + espBoot, 100);
    const result = await bench.run(loop);
    expect(result).toMatchObject({ values: { panics: 1, resets: 1, brownouts: 0, watchdogs: 0, reason: 'POWERON' } });
    expect(JSON.stringify(result)).toContain('I (9000) app: before');
  });
  test('a brownout told by the detector and by the reset is one; told by the reset alone it is one too', async () => {
    const reset = espBoot.replace('0x1 (POWERON)', '0xf (BROWNOUT_RST)');
    prints(bench, `Brownout detector was triggered\n\n${reset}`, 10);
    bench.at(10_000, () => prints(bench, reset, 10));
    expect(await bench.run(loop)).toMatchObject({ values: { brownouts: 2, resets: 2 } });
  });
  test('a start that was under way when the window began is none of its own', async () => {
    bench.serial.row('ESP-ROM:esp32s3-20210327', { event: 'boot.rom' });
    bench.at(10, () => bench.serial.row('rst:0x1 (POWERON)', { event: 'boot.reset', payload: { reason: 'POWERON' } }));
    await bench.drive(bench.sleep(5));
    expect(await bench.run(loop)).toMatchObject({ values: { resets: 0 } });
  });
  test('a port that never said anything proves nothing', async () => {
    expect(await bench.run(loop)).toEqual({ skipped: 'not-in-log' });
  });
  const leaves = (afterMs: number, returns: () => void) => {
    bench.at(afterMs, () => bench.serial.row('port.lost', { event: 'port.lost', direction: 'notice' }));
    bench.at(afterMs + 2000, () => {
      bench.serial.row('port.reopened', { event: 'port.reopened', direction: 'notice' });
      returns();
    });
  };
  test('a board that takes its port with it starts with its application’s first line, though its ROM was heard once', async () => {
    prints(bench, espBoot, 10);
    await bench.drive(bench.sleep(1000));
    for (let time = 0; time < 4; time++)
      leaves(3000 + time * 6000, () => prints(bench, `I (310) main_task: Calling app_main()\n${banner}`));
    expect(await bench.run(loop)).toMatchObject({ values: { resets: 4 }, evidence: { length: 4 } });
  });
  test('a port that leaves and comes back lost its supply, whatever the board says after', async () => {
    bench.serial.row('I (1) app: hello');
    leaves(3000, () => bench.serial.row('I (900) app: hello again'));
    const result = await bench.run(loop);
    expect(result).toMatchObject({ values: { resets: 1 } });
    expect(JSON.stringify('evidence' in result && result.evidence)).toContain('hello again');
  });
  test('a board whose clock went on while its port was away was never off', async () => {
    bench.serial.row('I (50000) app: hello', { deviceMs: 50_000 });
    leaves(3000, () => bench.serial.row('I (55010) app: hello again', { deviceMs: 55_010 }));
    expect(await bench.run(loop)).toMatchObject({ values: { resets: 0 } });
  });
  test('a start whose port changes hands before its application speaks is one', () => {
    const lost = rowsOf(`${espBoot.split('\n', 9).join('\n')}\n`).concat([{ event: 'port.lost' } as LogRow, ...rowsOf(espBoot).slice(-1)]);
    expect(bootsOf(lost)).toMatchObject([{ reason: 'POWERON' }]);
  });
  test.each([
    ['nothing', () => {}, { skipped: 'cannot-tell' }],
    ['its cloud', () => Object.assign(bench.board, { deviceRecord: { isOnline: true } }), { values: { resets: 0 } }],
    ['a ping', () => Object.assign(bench.board, { conversation: 'c1' }), { values: { resets: 0 } }],
    ['its AT port', () => Object.assign(bench.serial, { family: 'cat1' }), { values: { resets: 0 } }],
  ])('of a board that fell silent %s tells whether it is on', async (_, answers, outcome) => {
    bench.board.conversation = null;
    prints(bench, espBoot, 10);
    await bench.drive(bench.sleep(1000));
    answers();
    expect(await bench.run(loop)).toMatchObject(outcome);
  });
});

describe('power.baseline', () => {
  const names = ['PROD000001', 'dev1'];
  async function started(log: string) {
    prints(bench, log, 1);
    bench.at(1000, () => {});
    await bench.drive(bench.sleep(1000));
  }
  test('the first good board’s log is proposed, masked', async () => {
    await started(`${espBoot}I (500) app: I am PROD000001/dev1\n`);
    expect(await bench.run(baseline)).toMatchObject({ skipped: 'no-baseline' });
    expect(bench.proposed).toMatchObject([{ firmwareVersion: '1.4.2' }]);
    expect(JSON.stringify(bench.proposed)).not.toContain('PROD000001');
  });
  test('new errors and missing lines are counted against it, and shown', async () => {
    bench.goodBoots.set('1.4.2', baselineOf('1.4.2', rowsOf(`${espBoot}I (500) codec: ready\n`), names));
    await started(`${espBoot}E (500) i2c: no answer from 0x18\nW (501) codec: muted\n`);
    const result = await bench.run(baseline);
    expect(result).toMatchObject({ values: { newErrors: 1, newWarnings: 1, missingLines: 1, newLines: 2, firmwareVersion: '1.4.2' } });
    expect(result).toMatchObject({
      evidence: [{ label: 'difference', lines: ['+ E (500) i2c: no answer from 0x18', '+ W (501) codec: muted', '− info codec: ready'] }],
    });
  });
  test('what is said once a conversation began is no part of the start', async () => {
    bench.goodBoots.set('1.4.2', baselineOf('1.4.2', rowsOf(espBoot), names));
    await started(
      `${espBoot}INF|6396|twetalk_call.c|tc_twetalk_call_event_type_print(127): [00] BOT_START_SPEAKING - x\nE (600) app: later\n`,
    );
    expect(await bench.run(baseline)).toMatchObject({ values: { newErrors: 0, newLines: 0 } });
  });
  test('neither is the network, the cloud, nor why it was reset', async () => {
    bench.goodBoots.set('1.4.2', baselineOf('1.4.2', rowsOf(espBoot), names));
    const reset = espBoot.replace('0x1 (POWERON)', '0x3 (RTC_SW_SYS_RST)');
    await started(
      `${reset}E (600) wifi: no answer of the access point\nERR|7001|mqtt_client.c|IOT_MQTT_Construct(341): mqtt connect failed: 5\n`,
    );
    expect(await bench.run(baseline)).toMatchObject({ values: { newErrors: 0, newLines: 0 } });
  });
  test('a start that is under way is waited for', async () => {
    bench.goodBoots.set('1.4.2', baselineOf('1.4.2', rowsOf(`${espBoot}I (500) codec: ready\n`), names));
    prints(bench, `${espBoot}I (500) codec: ready\n`, 200);
    await bench.drive(bench.sleep(1000));
    expect(await bench.run(baseline)).toMatchObject({ values: { missingLines: 0 } });
  });
  test('without a start in the log there is nothing to compare', async () => {
    expect(await bench.run(baseline)).toEqual({ skipped: 'needs-earlier' });
  });
});
