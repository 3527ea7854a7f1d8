import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { attach } from '../../main/loopback/attach.ts';
import { createClient } from '../../preload/contract/client.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import { projectRoot, runCli } from '../fakes/cli.ts';

const data = mkdtempSync(join(tmpdir(), 'talkbench-recovery-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

test('an app killed with kill -9 during a recording leaves a session that the next start recovers', async () => {
  const served = spawn(
    process.execPath,
    ['main/cli/index.ts', 'serve', '--json', '--data', data, '--mqtt-port', '0', '--gateway-port', '0'],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(createInterface({ input: served.stdout }), 'line')) as [string];
  const ready = JSON.parse(line) as { url: string; token: string };
  const client = createClient(await attach({ url: ready.url, token: ready.token }));

  const greeted = Promise.withResolvers<PipelineEvent>();
  client.subscribe(
    'pipeline.events',
    { includeWire: false },
    {
      onSnapshot: () => {},
      onDelta: (events) => {
        const audible = events.find((event) => event.kind === 'downlink.audible');
        if (audible !== undefined) greeted.resolve(audible);
      },
    },
  );
  const { id } = await client.call('sessions.start', { title: 'to be killed' });
  await client.call('boards.start', { name: 'victim' });
  await client.call('ports.open', { address: 'virtual://victim' });
  await greeted.promise;
  // Longer than one commit interval: what is older than that must survive.
  await new Promise((done) => setTimeout(done, 500));
  served.kill('SIGKILL');
  await once(served, 'exit');

  const { sessions } = (await runCli(['sessions', 'list', '--json', '--data', data])).json<{
    sessions: { id: string; state: string; durationUs: number; logRowCount: number }[];
  }>();
  expect(sessions).toEqual([expect.objectContaining({ id, state: 'recovered' })]);
  expect(sessions[0]?.durationUs).toBeGreaterThan(400_000);
  expect(sessions[0]?.logRowCount).toBeGreaterThan(10);

  const shown = (await runCli(['sessions', 'show', id, '--json', '--data', data])).json<{
    turns: { initiator: string }[];
    conversations: { downlinkPackets: number }[];
  }>();
  expect(shown.turns[0]?.initiator).toBe('greeting');
  expect(shown.conversations[0]?.downlinkPackets).toBeGreaterThan(3);
}, 60_000);
