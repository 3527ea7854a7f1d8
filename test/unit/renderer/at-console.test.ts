import i18next from 'i18next';
import { describe, expect, test } from 'vitest';
import { catalogueInfo } from '../../../main/core/at/catalogue.ts';
import type { AtBringUp, AtBringUpStep, AtConsole, AtExchange } from '../../../preload/contract/at.ts';
import { asksForData, completionsFor } from '../../../renderer/features/monitor/at-completions.ts';
import { reportText } from '../../../renderer/features/monitor/at-report.ts';
import { consoleFold, historyOf, itemsOf, verdictOf } from '../../../renderer/features/monitor/at-state.ts';
import { en } from '../../../renderer/locales/en/index.ts';
import { zh } from '../../../renderer/locales/zh/index.ts';

const commands = catalogueInfo();
const about = (id: string): string => en.at.about[id as 'AT'];
const completed = (typed: string): string[] => completionsFor(typed, commands, about).map(({ text }) => text);

function exchange(id: number, command: string, change: Partial<AtExchange> = {}): AtExchange {
  return { id, command, source: 'user', state: 'done', timeoutMs: 5000, lines: [], values: [], ...change };
}

const empty: AtConsole = {
  state: { address: 'a', family: 'unknown', model: null, mode: 'ready', queued: 0 },
  exchanges: [],
  urcs: [],
  bringUp: null,
};

describe('completion', () => {
  test('what begins so, in any case, tests last', () => {
    expect(completed('at+cer')).toEqual(['AT+CEREG?', 'AT+CEREG=', 'AT+CEREG=?']);
  });

  test('of several commands in a line the last counts', () => {
    expect(completed('AT+CMEE=1;+CSQ')).toEqual(['AT+CMEE=1;+CSQ', 'AT+CMEE=1;+CSQ=?']);
  });

  test('who does not begin with AT looks by name or by purpose', () => {
    expect(completed('csq')).toContain('AT+CSQ');
    expect(completed('signal')).toEqual(expect.arrayContaining(['AT+CSQ', 'AT+CESQ']));
    expect(completed('')).toEqual([]);
  });

  test('commands with a prompt are known as such', () => {
    expect(['AT+CMGS="1"', 'at+cipsend=5', 'AT+CSQ'].map(asksForData)).toEqual([true, true, false]);
  });
});

describe('a report that is handed over', () => {
  const step = (change: Partial<AtBringUpStep>): AtBringUpStep => ({
    number: 4,
    id: 'imei',
    commands: [],
    state: 'passed',
    values: [],
    limits: [],
    evidence: [],
    ...change,
  });
  const report: AtBringUp = {
    address: 'a',
    state: 'failed',
    family: 'airm2m',
    model: 'AirM2M_780EP',
    startedAtUs: 0,
    elapsedMs: 1,
    steps: [
      step({ values: [{ name: 'imei', value: '788596633100008', verdict: 'good' }], evidence: ['788596633100008', 'OK'] }),
      step({ number: 5, id: 'sim', state: 'failed', evidence: ['+CME ERROR: 10'], next: 'insert-sim' }),
      step({ number: 6, id: 'iccid', state: 'skipped', needs: 5 }),
    ],
    firstFailed: 5,
    passed: 1,
    warnings: 0,
    failed: 1,
    skipped: 1,
  };

  test.each(['en', 'zh'] as const)('in %s: each step, its cause and what to do; identities masked', async (language) => {
    const i18n = i18next.createInstance();
    await i18n.init({
      lng: language,
      resources: { en: { translation: en }, zh: { translation: zh } },
      interpolation: { escapeValue: false },
    });
    const lines = reportText(i18n.t, report, ({ value }) => String(value)).split('\n');
    const words = { en, zh }[language].at;
    expect(lines).toEqual([
      'AirM2M_780EP',
      ` 4  ${words.bringUp.state.passed}  IMEI  IMEI 788596*********`,
      ` 5  ${words.bringUp.state.failed}  ${words.step.sim}`,
      '      +CME ERROR: 10',
      expect.stringContaining(words.next['insert-sim']),
      expect.stringContaining(words.step.iccid),
    ]);
  });
});

describe('what a console holds', () => {
  test('an exchange is replaced by its newer self, lines stay in the order they came', () => {
    const urc = { id: 1, atUs: 5, text: '+CEREG: 1', kind: 'known' as const, values: [] };
    const after = consoleFold.apply(empty, [
      { exchange: exchange(0, 'AT', { state: 'running' }) },
      { urc },
      { exchange: exchange(0, 'AT') },
      { exchange: exchange(2, 'ATI') },
    ]);
    expect(itemsOf(after).map((item) => (item.kind === 'urc' ? item.urc.text : `${item.exchange.command} ${item.exchange.state}`))).toEqual(
      ['AT done', '+CEREG: 1', 'ATI done'],
    );
    expect(empty.exchanges).toEqual([]);
  });

  test('history: typed by hand, each once, the newest last', () => {
    const list = [exchange(0, 'AT'), exchange(1, 'AT+CSQ'), exchange(2, 'ATE0', { source: 'bring-up' }), exchange(3, 'AT')];
    expect(historyOf(list)).toEqual(['AT+CSQ', 'AT']);
  });

  test('the verdict of an exchange is its worst value, and bad without an OK', () => {
    const good = { name: 'rssi', value: -63, verdict: 'good' } as const;
    const weak = { name: 'rsrq', value: -17, verdict: 'weak' } as const;
    expect(verdictOf(exchange(0, 'AT', { final: { kind: 'ok' }, values: [good, weak] }))).toBe('weak');
    expect(verdictOf(exchange(0, 'AT', { final: { kind: 'error' }, values: [good] }))).toBe('bad');
    expect(verdictOf(exchange(0, 'AT', { state: 'running' }))).toBe('unknown');
  });
});
