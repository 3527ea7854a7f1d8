import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScenarioReport } from '../../preload/contract/scenarios.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';

interface Played {
  isPassed: boolean;
  scenarios: { file: string; report: ScenarioReport | null; error: unknown }[];
}

const folder = join(projectRoot, 'test/fixtures/scenarios');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const scratch = mkdtempSync(join(tmpdir(), 'talkbench-scenarios-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** They run in one process, several at once; each has a bench, a board and sockets of its own. */
const running = runCli([
  'scenario',
  ...files.map((name) => join(folder, name)),
  ...['--at-once', '6', '--json', '--junit', join(scratch, 'results.xml'), '--data', join(scratch, 'data')],
]);

describe('scenarios with a virtual board over real sockets', () => {
  test.each(files)(
    '%s',
    async (name) => {
      const { scenarios } = (await running).json<Played>();
      const played = scenarios.find(({ file }) => file.endsWith(`/${name}`));
      expect(played?.error).toBeNull();
      expect(played?.report?.checks.filter(({ isMet }) => !isMet)).toEqual([]);
    },
    120_000,
  );

  test('all of them are in the JUnit file', async () => {
    await running;
    const xml = readFileSync(join(scratch, 'results.xml'), 'utf8');
    expect(xml.match(/<testsuite /gu)).toHaveLength(files.length);
    expect(xml).not.toContain('<failure');
  }, 120_000);
});
