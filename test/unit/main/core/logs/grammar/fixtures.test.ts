import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withoutHostPrefix } from '../../../../../../main/core/logs/grammar/interpreter.ts';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const root = join(import.meta.dirname, '../../../../../..');
const fixture = (name: string) => [...parseFile(readFileSync(join(root, 'test/fixtures/logs', name)))];
const story = (name: string) => fixture(name).flatMap(({ event }) => (event === undefined ? [] : [event]));

describe('what a log tells, in order', () => {
  test('a turn with a Tuya board (synthetic)', () => {
    expect(story('tuya-ai-synthetic.txt')).toEqual([
      'mqtt.connected',
      'voice.connecting',
      'voice.connected',
      'tuya.session-created',
      'turn.wakeup',
      'turn.user-started',
      'tuya.event-id',
      'tuya.upload',
      'turn.user-ended',
      'turn.user-text',
      'turn.bot-text',
      'turn.bot-started',
      'turn.bot-ended',
      'voice.disconnected',
    ]);
  });

  test('a LuatOS module boots, finds its SIM and attaches', () => {
    expect(story('luatos-boot.txt').slice(0, 14)).toEqual([
      'boot.rom',
      'identity',
      'boot.reset',
      'boot.app-info',
      'identity',
      'boot.app-info',
      'identity',
      'boot.app-info',
      'heap.pool',
      'heap',
      'boot.app-started',
      'sim',
      'cellular.bearer',
      'net.up',
    ]);
  });

  test('a module is brought up by hand over AT', () => {
    const told = story('at-bring-up.txt').filter((event) => !event.startsWith('at.'));
    expect(told).toEqual(['boot.rom', 'identity', 'sim', 'identity', 'signal', 'cellular.registration', 'net.up', 'time.synced', 'net.up']);
    expect(story('at-bring-up.txt').at(-1)).toBe('at.error');
  });

  test('a Linux board: kernel, journal, the Tencent SDK, logcat', () => {
    expect(story('linux-boards.txt')).toEqual(['boot.rom', 'wifi.connected', 'net.up', 'twetalk.sdk']);
  });
});

/** Beginnings that only a logging library prints. */
const sdkShape =
  /^(?:\[\d{4}-\d\d-\d\d |\[\d\d-\d\d \d\d:|\[(?:ty|TUYA) |(?:DIS|ERR|WRN|INF|DBG)\||[EWIDV] \(\d|[EWIDV]\/\S|luat:|[ac]p\d:|AT[+*^]|[+^*][A-Z]+: ?\w|\[(?:INFO|ERROR)\]: |rst:0x|Guru)/;

const folders = [join(root, 'test/fixtures/logs'), join(root, '../shared/logs')].filter(existsSync);
const logs = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => join(folder, name)),
);

test.each(logs)('no line of an SDK’s shape stays plain: %s', (path) => {
  const missed = [...parseFile(readFileSync(path))].filter(
    ({ grammar, text }) => grammar === 'plain' && sdkShape.test(withoutHostPrefix(text)),
  );
  expect(missed.map(({ text }) => text)).toEqual([]);
});
