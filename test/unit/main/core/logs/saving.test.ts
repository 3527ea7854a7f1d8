import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogBook } from '../../../../../main/core/logs/log-book.ts';
import type { ParsedRow } from '../../../../../main/core/logs/row.ts';
import { savedPath } from '../../../../../main/core/logs/saved-path.ts';
import { createSaving, type Saving } from '../../../../../main/core/logs/saving.ts';
import { type Settings, settingsSchema } from '../../../../../preload/contract/settings.ts';
import { createFakeRecorder, type FakeRecorder } from '../../../../fakes/recorder.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

let folder: string;
let clock: VirtualClock;
let recorder: FakeRecorder;
let book: LogBook;
let saving: Saving;
let settings: Settings;
let change: (next: Settings, keys: readonly string[]) => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-saving-'));
  clock = new VirtualClock(1_000_000);
  recorder = createFakeRecorder(clock);
  book = new LogBook({ clock, recorder });
});
afterEach(async () => {
  await saving.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(wanted: Partial<Settings['saving']>): void {
  settings = settingsSchema.parse({ saving: { isOn: true, style: { hostTime: 'none' }, ...wanted } });
  saving = createSaving({
    clock,
    book,
    settings: {
      get: () => settings,
      onChange(listener) {
        change = listener;
        return () => {};
      },
    },
    dataDirectory: folder,
    secrets: async () => ['hunter2secret'],
  });
}

function say(port: string, text: string, more: Partial<ParsedRow> = {}): void {
  const raw = new Uint8Array(Buffer.from(`${text}\r\n`));
  book.add([{ port, atUs: clock.nowUs(), direction: 'received', text, message: text, raw, grammar: 'plain', offset: 0, ...more }]);
  book.flush();
}

/** Every file under the folder with its text. */
function files(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map((entry) => [relative(folder, join(entry.parentPath, entry.name)), readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
  );
}

describe('saving the log to files', () => {
  test('has a file for each port, named by the template, with every row from the first on', async () => {
    start({ template: '{date}/{port}-{session}.log' });
    recorder.begin('s1');
    say('/dev/ttyUSB0', 'boot');
    say('virtual://demo', 'other');
    say('/dev/ttyUSB0', 'go', { direction: 'sent' });
    await saving.close();
    expect(files()).toEqual({
      'logs/2026-01-01/ttyUSB0-s1.log': 'boot\n> go\n',
      'logs/2026-01-01/virtual_demo-s1.log': 'other\n',
    });
  });

  test('as raw bytes has exactly what was received', async () => {
    start({ template: '{port}.bin', format: 'raw' });
    say('a', 'one');
    say('a', 'sent', { direction: 'sent' });
    say('a', 'two');
    await saving.close();
    expect(files()).toEqual({ 'logs/a.bin': 'one\r\ntwo\r\n' });
  });

  test.each(['text', 'raw', 'jsonl'] as const)('never writes a secret that the core holds: %s', async (format) => {
    start({ template: '{port}', format });
    say('a', 'psk=hunter2secret imei=867295075673523');
    await saving.close();
    const text = files()['logs/a'] ?? '';
    const all = format === 'jsonl' ? text + Buffer.from((JSON.parse(text) as { rawBase64: string }).rawBase64, 'base64').toString() : text;
    expect(all).toContain(`psk=${'*'.repeat(13)}`);
    expect(all).not.toContain('hunter2');
    expect(all).toContain('imei=867295075673523');
  });

  test('goes on in a numbered file when one is full, and loses nothing in between', async () => {
    start({ template: '{port}.log', rollBytes: 30 });
    const lines = Array.from({ length: 20 }, (_, n) => `line number ${n}`);
    for (const line of lines) say('a', line);
    await saving.close();
    const saved = files();
    expect(Object.keys(saved).length).toBe(10);
    expect(Math.max(...Object.values(saved).map((text) => text.length))).toBeLessThanOrEqual(30);
    const order = ['logs/a.log', ...Array.from({ length: 9 }, (_, n) => `logs/a-${n + 2}.log`)];
    expect(order.map((path) => saved[path]).join('')).toBe(`${lines.join('\n')}\n`);
  });

  test('has another file each day, and after the port was closed', async () => {
    start({ template: '{port}-{date}-{time}.log' });
    say('a', 'first day');
    await clock.advance(24 * 3600 * 1_000_000);
    say('a', 'second day');
    say('a', 'port.closed', { direction: 'notice', event: 'port.closed' });
    await clock.advance(60_000_000);
    say('a', 'opened again');
    await saving.close();
    expect(Object.values(files())).toEqual(['first day\n', 'second day\n# port.closed\n', 'opened again\n']);
  });

  test('appends to the file that is there', async () => {
    start({ directory: folder, template: 'all.log' });
    writeFileSync(join(folder, 'all.log'), 'from before\n');
    say('a', 'now');
    await saving.close();
    expect(files()).toEqual({ 'all.log': 'from before\nnow\n' });
  });

  test('tells what it cannot write, and what was lost for it', async () => {
    start({ directory: join(folder, 'file', 'below') });
    writeFileSync(join(folder, 'file'), '');
    const { topic } = saving.streams['logs.saving']({});
    const told = new Promise<void>((resolve) => topic.listen((state) => state.problem !== undefined && resolve()));
    say('a', 'nowhere to go');
    // The file system is asked in real time, the telling is on the virtual clock.
    const ticking = setInterval(() => void clock.advance(1_000_000), 5);
    await told;
    clearInterval(ticking);
    expect(topic.snapshot().problem).toMatchObject({ code: 'saving/failed', data: { reason: 'ENOTDIR' } });
    await saving.close();
  });

  test('does nothing until it is wanted, and follows the settings from then on', async () => {
    start({ isOn: false, template: '{port}.log' });
    say('a', 'not this');
    change({ ...settings, saving: { ...settings.saving, isOn: true } }, ['saving.isOn']);
    say('a', 'but this');
    await saving.close();
    expect(files()).toEqual({ 'logs/a.log': 'but this\n' });
  });
});

describe('the path of a saved log', () => {
  test('is below its folder, whatever a port is called and whatever the template says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('{port}', '../{port}', '{port}/../x', '/etc/{port}', '..\\{port}', '{session}'),
        (port, template) => {
          const parts = savedPath(template, { port, sessionId: null, wallMs: 0 });
          expect(parts.length).toBeGreaterThan(0);
          for (const part of parts) {
            expect(part).not.toMatch(/[/\\]|^\.+$/);
            expect(part.length).toBeGreaterThan(0);
            expect(part.length).toBeLessThanOrEqual(120);
          }
        },
      ),
    );
    expect(savedPath('{port}.log', { port: '../../etc/passwd', sessionId: null, wallMs: 0 })).toEqual(['etc_passwd.log']);
  });
});
