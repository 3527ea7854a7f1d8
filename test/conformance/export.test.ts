import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCli } from '../fakes/cli.ts';
import { sampleConversation } from '../fakes/sample-conversation.ts';
import { readSpans, startCollector } from '../unit/main/core/sessions/export/collector.ts';
import { type ExportBench, recordedSample } from '../unit/main/core/sessions/export/exported.ts';
import { parseOggOpus } from '../unit/main/core/sessions/export/ogg-parser.ts';

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const out = mkdtempSync(join(tmpdir(), 'talkbench-test-'));
let recorded: ExportBench;
beforeAll(async () => {
  recorded = await recordedSample();
  recorded.sessions.close();
  await recorded.bench.store.close();
});
afterAll(() => {
  for (const folder of [out, recorded.bench.folder]) rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(['export', recorded.id, '--data', recorded.bench.folder, '--json', ...args]);
const isThere = (program: string) => spawnSync(program, ['--help']).error === undefined;

describe('talkbench export', () => {
  test('writes the file and says what is in it', async () => {
    const file = join(out, 'trace.json');
    const { code, json } = await run('--format', 'perfetto', '--out', file);
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8'));
    expect(code).toBe(0);
    expect(json()).toEqual({ file, format: 'perfetto', sizeBytes: readFileSync(file).length, facts: { traceEvents: traceEvents.length } });
  });

  test('sends the trace to a collector', async () => {
    await using collector = await startCollector();
    const { code, json } = await run('--format', 'otlp', '--post', collector.url, '--header', 'x-key: k');
    expect(code).toBe(0);
    const spans = collector.bodies.flatMap(readSpans);
    expect(json()).toEqual({ url: collector.url, requests: collector.bodies.length, rejectedSpans: 0, facts: { spans: spans.length } });
    expect(spans.filter(({ name }) => name.startsWith('turn '))).toHaveLength(sampleConversation().turns.length);
    expect(collector.headers[0]?.['x-key']).toBe('k');
  });

  test('says what is wrong before it writes anything', async () => {
    const cases: [string[], number, string][] = [
      [['--format', 'csv', '--out', join(out, 'none', 'a.csv')], 1, 'saving/failed'],
      [['--format', 'csv', '--post', 'http://127.0.0.1:9'], 2, 'bad-request'],
    ];
    for (const [args, exitCode, errorCode] of cases) {
      const { code, json } = await run(...args);
      expect([args, code, json()]).toEqual([args, exitCode, { error: expect.objectContaining({ code: errorCode }) }]);
    }
  });

  test('writes an Ogg file that a strict reader takes, and opusinfo where opus-tools is installed', async () => {
    const file = join(out, 'a.ogg');
    expect((await run('--format', 'ogg', '--out', file)).code).toBe(0);
    expect(parseOggOpus(readFileSync(file)).packets.length).toBeGreaterThan(199);
    if (!isThere('opusinfo')) return;
    const { stdout, stderr, status } = spawnSync('opusinfo', [file], { encoding: 'utf8' });
    // A pre-skip of zero is meant: nothing is cut off, so that the sound keeps its place in time.
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => /^(WARNING|ERROR)/i.test(line));
    expect([status, complaints]).toEqual([1, ['WARNING: Implausibly low preskip in Opus stream (1)']]);
  });

  test.skipIf(!isThere('sox'))(
    'writes a WAV that sox measures: two tracks, the agent’s silent until it spoke (skipped where sox is not installed)',
    async () => {
      const file = join(out, 'a.wav');
      expect((await run('--format', 'wav', '--out', file)).code).toBe(0);
      const measure = (...effects: string[]) => spawnSync('sox', [file, '-n', ...effects, 'stat'], { encoding: 'utf8' }).stderr;
      const value = (text: string, name: string) => Number(new RegExp(`${name}:\\s+([\\d.]+)`).exec(text)?.[1]);
      expect(spawnSync('soxi', [file], { encoding: 'utf8' }).stdout).toMatch(/Channels\s+: 2\n[\s\S]*Sample Rate\s+: 16000/);
      expect(value(measure(), 'Length \\(seconds\\)')).toBeCloseTo(12, 1);
      expect(value(measure('remix', '1', 'trim', '0', '7.5'), 'RMS     amplitude')).toBeGreaterThan(0.1);
      expect(value(measure('remix', '2', 'trim', '0', '7.6'), 'RMS     amplitude')).toBe(0);
      expect(value(measure('remix', '2', 'trim', '7.7', '3'), 'RMS     amplitude')).toBeGreaterThan(0.1);
    },
  );
});
