import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createCore } from '../../../../../main/core/core.ts';
import { createClient } from '../../../../../preload/contract/client.ts';
import type { PipelineEvent, PipelineEventKind } from '../../../../../preload/contract/events.ts';
import { memoryTransportPair } from '../../../../../preload/contract/transports/memory.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('a board that talks has its device’s agent; what is assigned meanwhile takes effect with the next turn, and no key is told', async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'talkbench-agents-'));
  cleanups.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const core = await createCore({
    dataDirectory,
    listeners: { enabled: true, mqttPort: 0, gatewayPort: 0 },
    log: pino({ level: 'silent' }),
    appVersion: '0.0.0',
  });
  cleanups.push(() => core.close());
  const [clientSide, serverSide] = memoryTransportPair();
  core.endpoint.accept(serverSide, { role: 'operator' });
  const client = createClient(clientSide);

  const waiting = new Set<(event: PipelineEvent) => void>();
  const told: PipelineEvent[] = [];
  await new Promise<void>((resolve) => {
    const onDelta = (events: readonly PipelineEvent[]) => {
      for (const event of events) {
        told.push(event);
        for (const listener of waiting) listener(event);
      }
    };
    client.subscribe('pipeline.events', {}, { onSnapshot: () => resolve(), onDelta });
  });
  const next = <Kind extends PipelineEventKind>(kind: Kind) =>
    new Promise<Extract<PipelineEvent, { kind: Kind }>>((resolve) => {
      const listener = (event: PipelineEvent) => {
        if (event.kind !== kind) return;
        waiting.delete(listener);
        resolve(event as Extract<PipelineEvent, { kind: Kind }>);
      };
      waiting.add(listener);
    });

  await client.call('settings.set', { changes: { agent: { greetingEn: '', greetingZh: '' } } });
  const opened = next('conversation.opened');
  await client.call('boards.start', { name: 'toy', firmware: 'installed', language: 'en' });
  const { conversationId, productId, deviceName } = await opened;

  const http = {
    source: 'http',
    name: 'ask',
    description: 'd',
    parameters: {},
    url: 'http://127.0.0.1/',
    headers: { 'X-Lab': 'typed-in-key' },
  };
  await client.call('agents.put', { id: 'toy', name: 'Toy', layer: { turns: { vadSilenceMs: 700 }, agent: { tools: [http] } } });
  await client.call('agents.assign', { productId, deviceName, language: null, agentId: 'toy', layer: { agent: { historyRounds: 3 } } });
  const changed = next('conversation.changed');
  const request = next('llm.request');
  await client.call('pipeline.text', { conversationId, text: 'Hello' });
  expect((await changed).changes).toMatchObject({ 'turns.vadSilenceMs': 700, 'agent.historyRounds': 3 });
  await request;
  expect(JSON.stringify(told)).not.toContain('typed-in-key');
}, 60_000);
