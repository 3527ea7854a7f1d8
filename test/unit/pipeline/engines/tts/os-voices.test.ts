import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOsTts } from '../../../../../pipeline/engines/tts/os-voices.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const programs = mkdtempSync(join(tmpdir(), 'talkbench-os-voices-'));
const environment = { ...process.env, PATH: [programs, process.env.PATH].join(delimiter) };
beforeAll(() => {
  for (const [fake, name] of [
    ['say.mjs', 'say'],
    ['powershell.mjs', 'powershell.exe'],
  ] as const) {
    const script = join(import.meta.dirname, '../../../../fakes/os-voices', fake);
    writeFileSync(join(programs, name), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`, { mode: 0o755 });
  }
});
afterAll(() => rmSync(programs, { recursive: true }));

function voices(platform: NodeJS.Platform, config: Record<string, unknown> = {}, more: NodeJS.ProcessEnv = {}) {
  const creation = { id: 'mine', config, clock: new VirtualClock() };
  return createOsTts(creation, { platform, environment: { ...environment, ...more } });
}

async function spoken(
  engine: ReturnType<typeof voices>,
  text: string,
  request: { language?: string; voice?: string; speed?: number } = {},
) {
  for await (const event of engine.synthesize({ text, language: 'zh', ...request }, new AbortController().signal))
    if (event.kind === 'audio') return { samples: event.pcm.length, sampleRate: event.sampleRate };
  return null;
}

const files = () => readdirSync(tmpdir()).filter((name) => /^talkbench-[\da-f-]{36}\.wav$/u.test(name));

describe.skipIf(process.platform === 'win32')('voices of the system', () => {
  test.each([
    ['darwin', 22_050],
    ['win32', 16_000],
  ] as const)('%s speaks Chinese with what looks like options, quotes and shell in it', async (platform, sampleRate) => {
    const before = files();
    const text = '-o /etc/passwd "; $(reboot) `x` %PATH% 你好 🙂\n--';
    expect(await spoken(voices(platform), text, { speed: 1.4 })).toEqual({
      samples: platform === 'darwin' ? Array.from(text).length : text.length,
      sampleRate,
    });
    expect(files()).toEqual(before);
  });

  test('an order to macOS’s synthesiser in a reply is read, not obeyed', async () => {
    expect(await spoken(voices('darwin'), '[[slnc 3600000]] hello [[[[volm 0]]]]')).not.toBeNull();
  });

  test('the voice asked for, the profile’s, or one of the language; none that is not listed', async () => {
    const engine = voices('darwin', { voice: 'Alex' });
    await spoken(engine, 'x', { voice: 'Nobody; rm -rf' });
    expect(engine.voices()).toEqual([
      { id: 'Alex', language: 'en', label: 'Alex' },
      { id: 'Eddy (Chinese (China mainland))', language: 'zh', label: 'Eddy (Chinese (China mainland))' },
      { id: 'Tingting', language: 'zh', label: 'Tingting' },
    ]);
    expect(await spoken(voices('darwin'), '你好', { voice: 'Eddy (Chinese (China mainland))' })).not.toBeNull();
    const windows = voices('win32');
    await spoken(windows, 'x', { language: 'en' });
    expect(windows.voices().map(({ id, language }) => [id, language])).toEqual([
      ['Microsoft Zira Desktop', 'en'],
      ['Microsoft Huihui Desktop', 'zh'],
    ]);
  });

  test('aborted, the program is ended and nothing is left behind', async () => {
    const before = files();
    const abort = new AbortController();
    const engine = voices('darwin', {}, { SAY_HANGS: '1' });
    const speaking = expect(engine.synthesize({ text: 'x', language: 'en' }, abort.signal)[Symbol.asyncIterator]().next()).rejects.toThrow(
      'enough',
    );
    await expect.poll(() => engine.voices().length).toBeGreaterThan(0);
    abort.abort(new Error('enough'));
    await speaking;
    expect(files()).toEqual(before);
  });

  test('Linux has none, and a macOS without the program says which', async () => {
    await expect(spoken(voices('linux'), 'x')).rejects.toMatchObject({ code: 'engine/unavailable' });
    await expect(spoken(voices('darwin', {}, { PATH: '/nowhere' }), 'x')).rejects.toMatchObject({
      value: { code: 'engine/unavailable', data: { missing: 'say' } },
    });
  });

  test('what the program says when it fails stands in the error', async () => {
    const engine = createOsTts(
      { id: 'mine', config: {}, clock: new VirtualClock() },
      { platform: 'darwin', environment: { ...environment, NODE_OPTIONS: '--no-such-option' } },
    );
    await expect(spoken(engine, 'x')).rejects.toMatchObject({
      value: { code: 'engine/failed', data: { reason: expect.stringContaining('say ended with 9') } },
    });
  });
});
