import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { SuiteRun } from '../../preload/contract/quality.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-suite-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
copyFileSync(join(projectRoot, 'test/fixtures/scenarios/text-and-say.yaml'), join(scratch, 'talk.yaml'));

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 120_000 });

const run = (...args: string[]) => runCli([...args, '--json', '--data', join(scratch, 'data')]);

function suiteOf(name: string, cases: readonly object[]): string {
  const path = join(scratch, name);
  writeFileSync(path, JSON.stringify({ version: 1, name: 'Kitchen <&> "bath"', cases }));
  return path;
}

test('a suite plays its scenario, what it recorded is judged again, and each end has its exit code', async () => {
  const junit = join(scratch, 'played.xml');
  const played = await run('suite', 'run', suiteOf('played.yaml', [{ scenario: 'talk.yaml' }]), '--junit', junit);
  expect(played.stderr).not.toContain('internal');
  const [{ sessionId }] = played.json<SuiteRun>().cases as [SuiteRun['cases'][number]];
  expect(played.code).toBe(0);
  expect(readFileSync(junit, 'utf8')).toContain('name="Kitchen &lt;&amp;&gt; &quot;bath&quot; / talk.yaml"');

  const html = join(scratch, 'wrong.html');
  const wrong = { session: sessionId, expect: [{ transcript: '<script>never said</script>' }] };
  expect(await run('suite', 'run', suiteOf('wrong.yaml', [wrong]), '--html', html)).toMatchObject({ code: 1 });
  expect(readFileSync(html, 'utf8')).not.toMatch(/<script/u);
  expect(await run('suite', 'check', suiteOf('unknown.yaml', [{ session: 's', expct: [] }]))).toMatchObject({ code: 2 });
});
