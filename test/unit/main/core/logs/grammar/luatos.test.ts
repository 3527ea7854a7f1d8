import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const parse = (...lines: string[]) => [...parseFile(Buffer.from(lines.join('\n')))];
const one = (line: string) => parse(line)[0];

describe('forms of a line', () => {
  test('the tool’s stamp and the device’s, level, tag', () => {
    expect(one('[2025-10-23 15:58:31.142][000000000.370] I/mobile sim set to 2 , ret 0')).toMatchObject({
      grammar: 'luatos',
      level: 'info',
      deviceMs: 370,
      deviceTime: '2025-10-23 15:58:31.142',
      tag: 'mobile',
      message: 'sim set to 2 , ret 0',
    });
  });

  test('arguments parted by tabs, and a tag in Chinese', () => {
    expect(one('[2025-07-15 16:18:25.443][000000060.434] E/user.sip_错误\t401\t未授权')).toMatchObject({
      level: 'error',
      tag: 'user.sip_错误',
      message: '401\t未授权',
    });
  });

  test('a script that logs words alone prints them where the tag stands', () => {
    expect(one('[2026-07-03 15:06:44.486][000000013.155] I/user.播放完成')).toMatchObject({ tag: 'user', message: '播放完成' });
  });

  test('without a level: the function and its line', () => {
    const row = one('[2026-07-03 15:06:32.061][000000000.007] am_service_init 1372:Air780EHV_A11');
    expect(row).toMatchObject({ function: 'am_service_init', line: 1372, message: 'Air780EHV_A11', payload: { model: 'Air780EHV_A11' } });
    expect(row?.level).toBeUndefined();
  });

  test('several processors, with and without their number', () => {
    expect(one('  [2026-07-22 17:09:53.503][CPU1][CAPP/N][000000030.277]:task wdt timeout!!!')).toMatchObject({
      deviceMs: 30277,
      tag: 'CAPP',
      level: 'error',
      event: 'watchdog',
      payload: { kind: 'task' },
    });
    expect(one('  [2026-04-22 11:19:19.837][LTOS/N][000000003.016]:I/user.wdt 喂狗完成')).toMatchObject({
      tag: 'user.wdt',
      message: '喂狗完成',
    });
    expect(one('  [2026-04-22 11:19:47.872][!!BS/N][000000031.061]:2')).toMatchObject({ tag: '!!BS', message: '2' });
  });

  test('no stamps: what the binary log of the firmware says', () => {
    expect(one('bsp_user_init_io 393:io volt 3.3v 21')).toMatchObject({ grammar: 'luatos', function: 'bsp_user_init_io', line: 393 });
    expect(one('D/main loadlibs luavm 4194296 16024 16024')).toMatchObject({ grammar: 'luatos', level: 'debug', tag: 'main' });
  });

  test('JSON at the end is parsed', () => {
    expect(one('[2026-05-22 15:20:45.536][000000006.577] I/user.cb connect_result {"success":true}')?.payload).toEqual({ success: true });
  });

  test('a recorder’s stamp alone does not make a line LuatOS', () => {
    expect(one('[2025-10-23 15:58:31.142] hello')?.grammar).toBe('plain');
  });
});

describe('what the firmware tells', () => {
  test.each([
    ['main_entry 708:SDK base line V017_p001.026', 'boot.rom', { rom: 'V017_p001.026' }],
    ['I/pm poweron: Power/Reset', 'boot.reset', { reason: 'Power/Reset' }],
    ['am_service_init 749:复位原因 8', 'boot.reset', { resetCode: 8, reason: 'watchdog' }],
    [
      'self_info 125:model Air780EHV_A11 imei 862288081583054 dbversion 0x260d5b01',
      'identity',
      { model: 'Air780EHV_A11', imei: '862288081583054' },
    ],
    ['I/main LuatOS@Air780EHV base 26.04 bsp V2045 64bit', 'identity', { model: 'Air780EHV', firmware: 'LuatOS 26.04 bsp V2045' }],
    ['I/main ROM Build: Jun 30 2026 10:03:13', 'boot.app-info', { key: 'ROM Build', value: 'Jun 30 2026 10:03:13' }],
    ['D/main loadlibs sys   3157288 195200 195240', 'heap', { freeBytes: 2962088, minimumBytes: 2962048, totalBytes: 3157288 }],
    ['D/main loadlibs luavm 4194296 18736 18736', 'heap.pool', { pool: 'luavm', freeBytes: 4175560 }],
    ['I/user.sys 3202992 355468 360724', 'heap', { freeBytes: 2847524, minimumBytes: 2842268, totalBytes: 3202992 }],
    ['I/user.main audio 001.999.000', 'boot.app-started', { project: 'audio', version: '001.999.000' }],
    [
      'I/user.main project name is  mobiledemo version is  001.000.000',
      'boot.app-started',
      { project: 'mobiledemo', version: '001.000.000' },
    ],
    ['I/mobile sim0 sms ready', 'sim', { state: 'ready', slot: 0 }],
    ['prvSimCheck 494:sim error and reset stack', 'sim', { state: 'failure' }],
    ['D/mobile cid1, state0', 'cellular.bearer', { cid: 1, isActive: true }],
    ['D/mobile cid1, state2', 'cellular.bearer', { cid: 1, isActive: false }],
    ['D/mobile NETIF_LINK_ON -> IP_READY', 'net.up', { bearer: 'cellular' }],
    ['D/mobile NETIF_LINK_OFF -> IP_LOSE', 'net.down', { bearer: 'cellular' }],
    ['D/mobile TIME_SYNC 0 tm 1783062395', 'time.synced', { unixSeconds: 1783062395 }],
    ['D/netdrv IP_READY 4 192.168.1.183', 'net.up', { ip: '192.168.1.183', bearer: 'ethernet' }],
    ['I/user.netdrv_4g.ip_ready_func IP_READY 10.16.253.118 255.255.255.255 0.0.0.0 nil', 'net.up', { ip: '10.16.253.118' }],
    ['D/socket connect to gps.openluat.com,443', 'net.connecting', { host: 'gps.openluat.com', port: 443 }],
    ['D/sntp Unix timestamp: 1762832332', 'time.synced', { unixSeconds: 1762832332 }],
    ['I/user.iccid 89860855102480513401', 'identity', { iccid: '89860855102480513401' }],
    ['I/user.mobile.imsi(index) =  460115726670673', 'identity', { imsi: '460115726670673' }],
    ['I/user.csq 27', 'signal', { csq: 27, rssiDbm: -59 }],
    ['I/user.csq 99', 'signal', { csq: 99 }],
    ['I/user.rsrp -87', 'signal', { rsrpDbm: -87 }],
    ['I/user.mobile_apn_test 信号强度 CSQ: 21 RSSI: -72 dBm', 'signal', { csq: 21, rssiDbm: -72 }],
    ['+SOCSQ: -87,-9,16', 'signal', { rsrpDbm: -87, rsrqDb: -9, snrDb: 16 }],
    ['+SOCCELL: 460,f000,3590,215,80464524', 'cellular.cell', { mcc: '460', mnc: '000', earfcn: 3590, pci: 215, cell: 80464524 }],
    ['BASEINFO:862288081583054,LuatOS-SoC_V2045', 'identity', { imei: '862288081583054', firmware: 'LuatOS-SoC_V2045' }],
    ['soc poweron: 8 V2045 0', 'boot.reset', { resetCode: 8, reason: 'watchdog', firmware: 'V2045' }],
    ['+MEM: SYS 1 2 3157288 195200', 'heap', { freeBytes: 2962088 }],
  ])('%s is %s', (line, event, payload) => {
    expect(one(`[2026-07-03 15:06:32.060][000000000.103] ${line}`)).toMatchObject({ event, payload });
  });

  test('waiting for an address, or subscribing to its loss, is neither', () => {
    expect(one('[2025-11-11 11:38:47.500][000000000.397] W/user.cc wait IP_READY 1 1')?.event).toBeUndefined();
    expect(one('[2026-05-18 17:53:20.708][000000015.910] I/user.exsip subscribed to IP_READY and IP_LOSE')?.event).toBeUndefined();
  });

  test('one boot has one reason', () => {
    const events = parse(
      '[2026-07-03 15:06:32.060][000000000.000] main_entry 708:SDK base line V017_p001.026',
      '[2026-07-03 15:06:32.065][000000000.103] I/pm poweron: Power/Reset',
      '[2026-07-03 15:06:32.067][000000000.103] I/pm poweron reason: 0 0 5',
    ).map(({ event }) => event);
    expect(events).toEqual(['boot.rom', 'boot.reset', 'boot.app-info']);
  });

  test('a tag that every object has is only a tag', () => {
    expect(one('[2025-11-11 11:38:47.500][000000000.397] I/constructor 1 2 3')).toMatchObject({ tag: 'constructor', message: '1 2 3' });
  });
});

describe('faults, verbatim', () => {
  test('a Lua error and its traceback', () => {
    const rows = parse(
      "[2025-07-15 16:18:25.443][000000060.434] E/user.coroutine.resume\tauto_dump_air_srv.lua:42: attempt to index a nil value (global 'lllllllllog')",
      'stack traceback:',
      '\tauto_dump_air_srv.lua:42: in function <errdump_test.lua:30>',
      '\t[C]: in ?',
      "[2025-07-15 16:18:25.961][000000060.935] E/main auto_dump_air_srv.lua:42: attempt to index a nil value (global 'lllllllllog')",
    );
    expect(rows[0]).toMatchObject({ event: 'lua.error', file: 'auto_dump_air_srv.lua', line: 42, payload: { line: 42 } });
    expect(rows.slice(1, 4).map((row) => row.continues)).toEqual([0, 0, 0]);
    expect(rows[2]?.level).toBe('error');
    // What reaches the main loop ends the script.
    expect(rows[4]).toMatchObject({ event: 'panic', payload: { reason: "Lua: attempt to index a nil value (global 'lllllllllog')" } });
  });

  test('a watchdog, the registers, and the memory dump that Luatools takes', () => {
    const rows = parse(
      '  [2026-04-22 11:19:47.832][CAPP/N][000000031.061]:wdt timeout',
      '  [2026-04-22 11:19:47.852][CAPP/N][000000031.061]:pc 1401ad08',
      '  [2026-04-22 11:19:47.877] 工具提示: SOC已经死机',
      '  [2026-04-22 11:19:47.895] 工具提示: 接收20000000.bin,共57544byte,大约需要0秒',
      '  [2026-04-22 11:20:14.781] 工具提示: 接收完成100%，存放路径D:\\LuaTools\\log\\ramdump，请将该文件夹交给FAE分析',
      '  [2026-04-22 11:20:40.995] 工具提示: trace lost 48 -> 1',
    );
    expect(rows.map(({ event }) => event)).toEqual(['watchdog', 'panic.registers', 'panic', 'ramdump', 'ramdump', 'trace-lost']);
    expect(rows[1]?.payload).toEqual({ registers: { PC: 0x1401ad08 } });
    expect(rows[3]?.payload).toEqual({ file: '20000000.bin', bytes: 57544 });
    expect(rows[4]?.payload).toEqual({ path: 'D:\\LuaTools\\log\\ramdump' });
    expect(rows[5]?.payload).toEqual({ from: 48, to: 1 });
  });
});
