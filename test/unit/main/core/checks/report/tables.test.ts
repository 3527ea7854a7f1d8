import { describe, expect, test } from 'vitest';
import { csvColumns, csvOfRuns } from '../../../../../../main/core/checks/report/csv.ts';
import { jsonOfRuns } from '../../../../../../main/core/checks/report/json.ts';
import { checkRun } from '../../../../../../preload/contract/checks.ts';
import { checkResultOf, checkRunOf } from '../../../../../fakes/check-run.ts';

/** As RFC 4180 reads it. */
function parsed(csv: string): Record<string, string>[] {
  const rows: string[][] = [[]];
  for (const { 1: quoted, 2: plain, 3: end } of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  const [header = [], ...lines] = rows.filter((row) => row.length > 1);
  return lines.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}

const run = checkRunOf({
  serialNumber: '=HYPERLINK("http://evil.example")',
  operator: '王小明, "early"',
  facts: { mac: '7c:df:a1:00:11:22' },
  results: [
    checkResultOf({
      ...{ check: 'uplink.level', group: 'uplink', state: 'failed', next: 'too-quiet', note: '+1\r\n@cmd' },
      values: [
        { name: 'rmsDbfs', value: -48.5, unit: 'dBFS', limit: { min: -30, max: -6 }, isMet: false },
        { name: 'codec', value: '＝cmd', limit: { oneOf: ['opus', 'pcm'] }, isMet: null },
        { name: 'isClipped', value: false, limit: { equals: false }, isMet: true },
        { name: 'noiseDbfs', value: null, unit: 'dBFS', limit: { max: -60 }, isMet: null },
      ],
    }),
    checkResultOf({ check: 'downlink.playback', group: 'downlink', state: 'person', reason: 'nobody-there' }),
  ],
});

describe('CSV for an MES', () => {
  test('its columns are those that were told: programs read them by name and place', () => {
    expect(csvColumns.join(',')).toBe(
      'run_id,serial_number,run_state,started,run_duration_ms,operator,list_name,list_version,board_kind,port,product_id,device_name,firmware_version,mac,imei,check_id,check,check_state,reason,value_name,value,unit,limit_min,limit_max,limit_equals,limit_one_of,limit_matches,is_met,next,note,error,check_duration_ms,session_id,list_id',
    );
  });

  test('a line a value, one for a check without any, and one for a run without checks', () => {
    const lines = parsed(csvOfRuns([run, checkRunOf({ id: 'run-2', state: 'cancelled' })]));
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatchObject({
      ...{
        run_state: 'failed',
        started: '2026-07-31T03:30:00.000Z',
        mac: '7c:df:a1:00:11:22',
        check: 'uplink.level',
        value_name: 'rmsDbfs',
      },
      ...{ value: '-48.5', unit: 'dBFS', limit_min: '-30', limit_max: '-6', is_met: 'false', next: 'too-quiet' },
    });
    expect(lines[2]).toMatchObject({ value: 'false', limit_equals: 'false', is_met: 'true' });
    expect(lines[3]).toMatchObject({ value: '', is_met: '', limit_max: '-60' });
    expect(lines[4]).toMatchObject({ check: 'downlink.playback', check_state: 'person', reason: 'nobody-there', value_name: '' });
    expect(lines[5]).toMatchObject({ run_id: 'run-2', run_state: 'cancelled', check: '' });
  });

  test('what a spreadsheet would run as a formula is text; a number below zero stays one', () => {
    const [first, second] = parsed(csvOfRuns([run]));
    expect(first).toMatchObject({
      serial_number: `'=HYPERLINK("http://evil.example")`,
      note: `'+1\r\n@cmd`,
      operator: '王小明, "early"',
      value: '-48.5',
    });
    expect(second).toMatchObject({ value: "'＝cmd", limit_one_of: 'opus|pcm' });
  });

  test('it begins with its first column’s name, without a byte order mark, and every line ends', () => {
    const csv = csvOfRuns([run]);
    expect(csv.startsWith('run_id,')).toBe(true);
    expect(csv.endsWith('\r\n')).toBe(true);
  });
});

test('JSON has the runs as the contract has them, in an envelope that says what it is', () => {
  const envelope = JSON.parse(jsonOfRuns([run], { appVersion: '1.2.3', madeWallMs: 0 }));
  expect(envelope).toMatchObject({ format: 'talkbench-check-report', version: 1, appVersion: '1.2.3', made: '1970-01-01T00:00:00.000Z' });
  expect(envelope.runs.map((one: unknown) => checkRun.parse(one))).toEqual([run]);
});
