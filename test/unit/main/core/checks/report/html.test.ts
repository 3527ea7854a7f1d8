import { describe, expect, test } from 'vitest';
import { type ReportOptions, reportOf } from '../../../../../../main/core/checks/report/report.ts';
import type { CheckRun } from '../../../../../../preload/contract/checks.ts';
import { checkResultOf, checkRunOf } from '../../../../../fakes/check-run.ts';

const wav = new Uint8Array([82, 73, 70, 70]);
const attack = '<script src="https://evil.example/x.js"></script>"\'&';

function options(over: Partial<ReportOptions> = {}): ReportOptions {
  return {
    format: 'html',
    language: 'en',
    sound: async () => wav,
    secrets: [],
    printPdf: async (page) => Buffer.from(page),
    appVersion: '1.0',
    madeWallMs: 0,
    ...over,
  };
}

async function htmlOf(runs: readonly CheckRun[], over: Partial<ReportOptions> = {}): Promise<string> {
  return Buffer.from((await reportOf(runs, options(over))).data).toString();
}

const failing = checkRunOf({
  operator: '王小明',
  facts: { mac: '7c:df:a1:00:11:22' },
  results: [
    checkResultOf({
      check: 'power.boot',
      group: 'power',
      values: [{ name: 'bootMs', value: 812, unit: 'ms', limit: { max: 3000 }, isMet: true }],
    }),
    checkResultOf({
      ...{ check: 'uplink.frames', group: 'uplink', state: 'failed', next: 'frame-length', note: 'once more' },
      values: [{ name: 'frameMs', value: 60, unit: 'ms', limit: { equals: 20 }, isMet: false }],
      evidence: [
        { kind: 'rows', port: 'serial:/dev/ttyUSB0', fromSeq: 5, toSeq: 30, lines: ['I (812) opus: frame 60'] },
        { kind: 'sound', id: 's1', label: 'uplink', durationMs: 1500 },
        { kind: 'turn', conversationId: 'c1', turnId: 3, userText: '今天天气怎么样？', replyText: '晴。' },
      ],
    }),
  ],
});

describe('a report for people', () => {
  test('what a board, an operator or a list says is text, wherever it stands', async () => {
    const evidence: CheckRun['results'][number]['evidence'] = [
      { kind: 'rows', port: attack, fromSeq: 1, toSeq: 1, lines: [attack] },
      { kind: 'lines', label: attack, lines: [attack] },
      { kind: 'packets', conversationId: attack, track: 'uplink', fromIndex: 0, toIndex: 1 },
      { kind: 'turn', conversationId: attack, turnId: 1, userText: attack, replyText: attack },
      { kind: 'sound', id: attack, label: attack, durationMs: 1 },
      { kind: 'curve', label: attack, x: attack, y: attack, points: [[0, 1]] },
    ];
    const result = checkResultOf({
      ...{ check: attack, group: 'power', state: 'failed', title: attack, note: attack, next: attack, reason: attack, evidence },
      values: [{ name: attack, value: attack, limit: { equals: attack, matches: attack }, isMet: false }],
      error: { code: 'internal', data: { id: attack }, retryable: false },
    });
    const words = {
      id: attack,
      listName: attack,
      listVersion: attack,
      boardKind: attack,
      serialNumber: attack,
      operator: attack,
      port: attack,
    };
    const run = checkRunOf({
      ...words,
      productId: attack,
      deviceName: attack,
      firmwareVersion: attack,
      sessionId: attack,
      results: [result],
      facts: { [attack]: attack },
    });
    for (const runs of [[run], [run, run]]) {
      const page = await htmlOf(runs);
      expect(page).not.toContain('<script');
      expect(page).toContain('&lt;script src=&quot;https://evil.example/x.js&quot;');
      expect(page.replaceAll(attack.replaceAll('"', ''), '')).not.toMatch(/(?:src|href)="(?!data:audio\/wav;base64,|#run-)/);
    }
  });

  test('its own policy lets it fetch and run nothing', async () => {
    expect(await htmlOf([failing])).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src data:; base-uri 'none'; form-action 'none'">`,
    );
  });

  test('a failure is open and says what was measured, what it had to be and what to do; what passed is folded', async () => {
    const page = await htmlOf([failing]);
    expect(page).toContain('FAILED');
    expect(page).toContain('1 passed, 1 failed, 0 skipped');
    expect(page).toMatch(/<details class="failed" open>/);
    expect(page).toContain('60 ms');
    expect(page).toContain('≤ 3,000 ms');
    expect(page).toContain('Log of serial:/dev/ttyUSB0, rows 5–30, 25 more in the session');
    expect(page).toContain('src="data:audio/wav;base64,UklGRg=="');
    expect(page).toContain('今天天气怎么样？');
    expect(page).toContain('once more');
    expect(page).toContain('Tested by');
  });

  test('in Chinese no sentence of ours is English', async () => {
    const page = await htmlOf([failing], { language: 'zh' });
    expect(page).toContain('<html lang="zh-CN">');
    for (const words of ['板卡适配检查报告', '不合格', '通过 1 项，不通过 1 项，跳过 0 项', '测试人', '审核人', '王小明'])
      expect(page).toContain(words);
    expect(page).not.toMatch(/Measured|Limit|Next step|Signature/);
  });

  test('a group has one heading, wherever its checks stand in the list, and the page has one main part', async () => {
    const mixed = [
      checkResultOf({ check: 'power.boot', group: 'power' }),
      checkResultOf({ check: 'uplink.level', group: 'uplink' }),
      checkResultOf({ check: 'power.loop', group: 'power' }),
    ];
    const page = await htmlOf([checkRunOf({ results: mixed })]);
    expect([...page.matchAll(/scope="rowgroup">([^<]*)</g)].map(([, name]) => name)).toEqual(['Power and boot', 'Uplink audio']);
    expect(page.indexOf('Stays up')).toBeLessThan(page.indexOf('Uplink audio'));
    expect(page.match(/<main>/g)).toHaveLength(1);
    expect(page).toContain(':root{background:');
    expect(page).not.toContain('Checks in detail');
  });

  test('what was neither measured nor asked for is left out', async () => {
    const values = [
      { name: 'bootMs', value: null, limit: { max: 5000 }, isMet: null },
      { name: 'resetReason', value: null, limit: null, isMet: null },
    ];
    const page = await htmlOf([checkRunOf({ results: [checkResultOf({ check: 'power.boot', group: 'power', values })] })]);
    expect(page.match(/not measured/g)).toHaveLength(1);
  });

  test('a board without a serial number is called by its device', async () => {
    const page = await htmlOf([checkRunOf({ serialNumber: '' })]);
    expect(page).toContain('<title>Bring-up report: board-1</title>');
    expect(page).toContain('no serial number');
  });

  test('several runs have an overview whose rows lead to them', async () => {
    const page = await htmlOf([failing, checkRunOf({ id: 'run-2', serialNumber: 'SN-2' })]);
    expect(page).toContain('1 of 2 runs passed');
    // Han characters break anywhere: a verdict would stand one below the other.
    expect(page).toContain('<td class="state failed">FAILED</td>');
    expect(page).toContain('td.state,td.time,.overview th{white-space:nowrap}');
    expect(page).toContain('<a href="#run-2">SN-2</a>');
    expect(page).toContain('id="run-2"');
    expect(await htmlOf([failing])).not.toContain('href="#run-1"');
  });

  test('what failed is called as the list calls it: its questions are told from one another, in the overview and in the details', async () => {
    const asked = (id: string, title: string) =>
      checkResultOf({ id, check: 'person.question', group: 'power', state: 'failed', title, next: 'look-at-it' });
    const run = checkRunOf({
      results: [
        asked('lamp', 'Is the lamp green?'),
        asked('screen', 'Is the screen whole?'),
        checkResultOf({ check: 'uplink.level', group: 'uplink', state: 'failed' }),
      ],
    });
    const page = await htmlOf([run, failing]);
    expect(page).toContain('<td class="text">Is the lamp green? · Is the screen whole? · Uplink level</td>');
    expect(page).toMatch(/<summary>.*<span dir="auto">Is the lamp green\?<\/span> <small>person\.question/);
    expect(page).toMatch(/<summary>.*<span dir="auto">Is the screen whole\?<\/span> <small>person\.question/);
  });

  test('of sounds that do not all fit those of what failed are inside', async () => {
    const sounds = (['passed', 'failed'] as const).map((state) =>
      checkResultOf({
        check: `uplink.${state}`,
        group: 'uplink',
        state,
        evidence: [{ kind: 'sound', id: state, label: state, durationMs: 1 }],
      }),
    );
    const page = await htmlOf([checkRunOf({ results: sounds })], {
      sound: async (_run, id) => Buffer.from(id.padEnd(8)),
      soundLimitBytes: 12,
    });
    expect(page).toContain(Buffer.from('failed  ').toString('base64'));
    expect(page).not.toContain(Buffer.from('passed  ').toString('base64'));
    expect(page).toContain('Left out: a report holds');
  });

  test('a sound that is kept no longer is said to be so', async () => {
    expect(await htmlOf([failing], { sound: async () => null })).toContain('no longer in the library');
  });

  test('on paper everything is unfolded and no sound is inside', async () => {
    const page = await htmlOf([failing], { format: 'pdf' });
    expect(page).not.toContain('<audio');
    expect(page).toContain('In the HTML report and in the app.');
    expect(page.match(/<details /g)?.length).toBe(page.match(/<details [^>]*open>/g)?.length);
  });

  test('a file’s name has nothing of a serial number that a file system does not take', async () => {
    const { fileName } = await reportOf([checkRunOf({ serialNumber: '../../etc/passwd:\u0000CON' })], options({ format: 'pdf' }));
    expect(fileName).toMatch(/^check-etc-passwd-CON-2026-07-31\.pdf$/);
    expect((await reportOf([failing, failing], options({ format: 'csv' }))).fileName).toBe('checks-1970-01-01-2.csv');
  });
});

describe('what a report does not tell', () => {
  const secretive = checkRunOf({
    serialNumber: '860123456789012',
    facts: { imei: '860123456789012', iccid: '89860123456789012345', imsi: '460001234567890' },
    results: [
      checkResultOf({
        ...{ check: 'identity.device', group: 'identity', state: 'failed', note: 'the key is hunter2hunter2' },
        values: [{ name: 'iccid', value: '89860123456789012345', limit: null, isMet: null }],
        evidence: [
          { kind: 'lines', label: 'at', lines: ['AT+CGSN', '860123456789012', 'secret=hunter2hunter2', '+CIMI: 460001234567890'] },
        ],
      }),
    ],
  });

  test.each(['html', 'pdf', 'csv', 'json'] as const)(
    '%s: secrets, IMSI and ICCID are gone, the IMEI that names the board is not',
    async (format) => {
      const text = await htmlOf([secretive], { format, secrets: ['hunter2hunter2'] });
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('898601');
      expect(text).not.toContain('460001');
      expect(text).toContain('860123456789012');
    },
  );
});
