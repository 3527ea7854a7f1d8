import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { foreignFormat } from '../../../main/core/flash/image/content.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { reasons } from '../../../preload/contract/reasons.ts';
import { errorCodes, TalkError } from '../../../preload/contract/talk-error.ts';
import { errorSentences, errorValueOf } from '../../../renderer/lib/errors.ts';
import { noticeText } from '../../../renderer/lib/log-notices.ts';
import { en } from '../../../renderer/locales/en/index.ts';
import { zh } from '../../../renderer/locales/zh/index.ts';

const i18n = i18next.createInstance();

beforeAll(async () => {
  await i18n.init({
    lng: 'en',
    resources: { en: { translation: en }, zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
});

describe('error sentences', () => {
  test('facts stand in the sentence, offsets in hexadecimal', () => {
    const error = new TalkError('flash/verify-mismatch', { file: 'app.bin', offset: 0x10000, expected: 'aa', actual: 'bb' }).value;
    expect(errorSentences(i18n.getFixedT('en'), error).what).toBe(
      'app.bin does not read back as written, from 0x10000 on (expected aa, got bb).',
    );
  });

  test('only a write to a secured chip can be forced', () => {
    const next = (kind: string) => errorSentences(i18n.getFixedT('en'), { code: 'flash/secured', data: { secureBoot: true, kind } }).next;
    expect(next('write')).toContain('Write all the same');
    for (const kind of ['erase', 'read', 'nvs']) expect(next(kind)).not.toContain('all the same');
    expect(next('erase')).not.toBe(next('read'));
  });

  test('what the loader heard decides the next step', () => {
    const t = i18n.getFixedT('zh');
    const next = (seen: string, more: Record<string, unknown> = {}): string =>
      errorSentences(t, { code: 'flash/sync-timeout', data: { address: 'COM7', attempts: 7, seen, ...more } }).next;
    expect(next('noise')).toContain('波特率');
    expect(next('application')).toContain('BOOT');
    expect(next('application')).not.toBe(next('nothing'));
    expect(next('application', { bootMode: '0x8' })).toContain('boot:0x8');
    expect(next('noise', { echo: true })).toContain('RX');
    expect(next('nothing', { how: 'RESET' })).toContain('RESET');
    // An LTE module has no EN, and another BOOT.
    expect(next('nothing', { family: 'cat1' })).toMatch(/开机键/);
    expect(next('application', { how: 'RESET' })).not.toContain('松开 BOOT');
  });

  test('why a file is refused, and where a flash was cancelled, are said in the reader’s language', () => {
    const t = i18n.getFixedT('zh');
    const what = (code: string, data: Record<string, unknown>): string => errorSentences(t, { code, data }).what;
    expect(what('flash/bad-file', { path: 'app.bin', reason: 'image: truncated' })).toContain('不完整');
    expect(what('flash/bad-file', { path: 'app.elf', reason: foreignFormat(Buffer.from('7f454c46', 'hex')) })).toContain('ELF，请改用');
    expect(what('flash/bad-file', { path: 'x.soc', reason: foreignFormat(Buffer.from('504b0304', 'hex')) })).toContain('请先解压');
    expect(what('flash/bad-file', { path: 'app.bin', reason: 'more than six fields' })).toContain('more than six fields');
    expect(what('flash/cancelled', { stage: 'write', boardState: 'partially-written' })).toMatch(/写入.*只写入了一部分/);
  });

  test.each(['en', 'zh'])('every reason of an error has words of its own in %s, with its facts', (language) => {
    const t = i18n.getFixedT(language);
    const all = Object.entries(reasons).flatMap(([code, known]) => known.map((reason) => ({ code, reason })));
    expect(all.length).toBeGreaterThan(50);
    const facts = { line: 3, name: 'a.bin', namespace: 'n', key: 'k', columns: ['deviceSecret'] };
    for (const { code, reason } of all) {
      const { what } = errorSentences(t, { code, data: { ...facts, reason } });
      const words = (language === 'zh' ? zh : en).reasons[code as 'nvs/bad-value'][reason as 'not-hex'];
      expect(words, `${code} ${reason}`).toMatch(language === 'zh' ? /[\u4e00-\u9fff]/ : /[a-z]/);
      expect(what).not.toContain('reasons.');
      expect(what).toContain(words.split('{{')[0]);
    }
    const lacking = { line: 2, reason: 'header-lacks', columns: ['deviceName', 'deviceSecret'] };
    expect(errorSentences(t, { code: 'provisioning/bad-list', data: lacking }).what).toContain(
      language === 'zh' ? '设备名, 密钥' : 'device name, secret',
    );
  });

  test.each(['en', 'zh'])('how far a Wi-Fi setup had come decides what is said, and what is to be done, in %s', (language) => {
    const t = i18n.getFixedT(language);
    const cases = [
      ['wifi/no-radio', { method: 'softap' }],
      ['wifi/no-radio', { method: 'ble' }],
      ['wifi/no-answer', { method: 'softap', step: 'join-board', address: '192.168.4.1' }],
      ['wifi/no-answer', { method: 'softap', step: 'reply', address: 'udp://192.168.4.1:8266', attempts: 5 }],
      ['wifi/no-answer', { method: 'softap', step: 'log', address: 'udp://192.168.4.1:9876', attempts: 5 }],
      ['wifi/no-answer', { method: 'ble', step: 'identify' }],
      ['wifi/no-answer', { method: 'ble', step: 'wifi' }],
      ['wifi/refused', { method: 'ble', step: 'wifi', code: 1, reason: 'not-connected' }],
      ['wifi/refused', { method: 'ble', step: 'token', code: 1, reason: 'token-not-taken' }],
      ['wifi/not-seen', { method: 'softap', deviceName: 'dev_01', waitedMs: 90_000 }],
      ['wifi/not-seen', { method: 'ble', deviceName: null, waitedMs: 90_000 }],
    ] as const;
    const said = cases.map(([code, data]) => errorSentences(t, { code, data }));
    expect(new Set(said.map(({ what }) => what)).size).toBe(cases.length);
    expect(new Set(said.map(({ next }) => next)).size).toBe(cases.length);
    for (const { what, next } of said) expect(what + next).not.toMatch(/\{\{|90000|wifiSetup\.|reasons\./);
    expect(said.at(5)?.next).not.toContain('UDP');
    if (language === 'zh') for (const { what } of said) expect(what).not.toMatch(/[a-z]{3,} [a-z]{3,}/);
  });

  test('why a port went away is said in the reader’s language, the system’s code beside it', () => {
    const what = (language: string, code: string, reason: string): string =>
      errorSentences(i18n.getFixedT(language), { code, data: { address: 'COM7', reason } }).what;
    expect(what('en', 'port/lost', 'EIO')).toBe('COM7 went away: unplugged [EIO].');
    expect(what('zh', 'port/lost', 'closed by peer')).toBe('COM7 已断开：对端关闭了连接。');
    expect(what('zh', 'port/lost', 'exit 3')).toContain('退出码 3');
    expect(what('zh', 'port/refused', 'ECONNREFUSED')).toMatch(/[\u4e00-\u9fff]+ \[ECONNREFUSED\]/);
    expect(what('en', 'port/lost', 'EWHATEVER')).toContain(': EWHATEVER.');
    const row = { direction: 'notice', event: 'port.lost', payload: { reason: 'ENXIO' }, port: 'COM7' } as LogRow;
    expect(noticeText(i18n.getFixedT('zh'), row)).toContain('设备已不存在 [ENXIO]');
  });

  test.each(['en', 'zh'])('every code makes whole sentences in %s, and never shows its key', (language) => {
    const t = i18n.getFixedT(language);
    for (const code of errorCodes) {
      const { what, next } = errorSentences(t, { code, data: {} });
      expect(what + next).not.toContain('errors.');
      expect(next.length).toBeGreaterThan(3);
    }
  });

  test('text of a device is not escaped: React does that', () => {
    expect(errorSentences(i18n.getFixedT('en'), { code: 'port/bad-address', data: { address: '<b>' } }).what).toContain('<b>');
  });

  test('a rejection keeps its value; a bug becomes internal', () => {
    expect(errorValueOf(new TalkError('port/closed', { address: 'COM7' })).code).toBe('port/closed');
  });
});
