import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeWav, encodeWav } from '../../pipeline/audio/wav.ts';
import { runCli } from '../fakes/cli.ts';
import { speechPcm } from '../fakes/engines.ts';
import { type TestXiaozhi, testXiaozhi } from '../fakes/xiaozhi-gateway.ts';
import { createTurnConversations } from '../fakes/xiaozhi-turns.ts';

// Each command is a process, which a busy machine starts slowly.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-xiaozhi-'));
const question = join(scratch, 'question.wav');
const data = join(scratch, 'data');
let server: TestXiaozhi;

beforeAll(async () => {
  writeFileSync(question, encodeWav({ sampleRate: 16_000, channels: [speechPcm(900)] }));
  const utterances = [1, 2].map(() => ({ text: '今天几号' }));
  const replies = [1, 2].map(() => ({ tokens: ['今天', '是', '二十', '一号。'] }));
  server = await testXiaozhi({
    settings: { devices: { unknownDevices: 'accept' }, agent: { greetingZh: '你好。' }, xiaozhi: { protocolVersion: 3 } },
    startConversation: createTurnConversations({ utterances, replies }),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe('talkbench xiaozhi', () => {
  test('has help that documents its JSON', async () => {
    const { code, stdout } = await runCli(['xiaozhi', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/JSON: \{.*"violations"/);
  });

  test('asks another server by its OTA address', async () => {
    const out = join(scratch, 'reply.wav');
    const args = ['xiaozhi', '--ota', server.url('ota/'), '--device', '02:00:00:00:00:07', '--wav', question, '--out', out];
    const result = await runCli([...args, '--json', '--data', data]);
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject({
      deviceName: '02:00:00:00:00:07',
      transport: 'websocket',
      transcript: '今天几号',
      reply: '今天是二十一号。',
      latencyMs: expect.any(Number),
    });
    expect(decodeWav(readFileSync(out)).channels[0]?.length).toBeGreaterThan(8000);
    expect(server.devices.find('XIAOZHI', '02:00:00:00:00:07')).toBeDefined();
  });

  // One process each, and so one time limit each.
  const refusals: [string, () => string[], object][] = [
    ['refuses', () => ['--url', server.url('v1/').replace('http', 'ws'), '--token', 'wrong'], { stage: 'websocket', reason: 'http 401' }],
    ['is not there', () => ['--ota', 'http://127.0.0.1:9/xiaozhi/ota/'], { stage: 'ota' }],
  ];
  test.each(refusals)('says where a server that %s was given up', async (_what, args, reason) => {
    const result = await runCli(['xiaozhi', ...args(), '--wav', question, '--json', '--data', data]);
    expect(result.code).toBe(1);
    expect(result.json()).toMatchObject({ error: { code: 'talk/refused', data: reason } });
  });
});
