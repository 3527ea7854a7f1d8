import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KnowledgeFolder } from '../../../../../pipeline/agent/knowledge/folder.ts';
import { passagesOf } from '../../../../../pipeline/agent/knowledge/passages.ts';
import { termsOf } from '../../../../../pipeline/agent/knowledge/terms.ts';
import { createAgentRig } from '../rig.ts';

let folder: string;
const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talkbench-knowledge-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('Chinese is found by pairs of characters, words by themselves', () => {
  expect(termsOf('按住重置键 10 秒, the WiFi网络 lights')).toEqual(['按住', '住重', '重置', '置键', '10', '秒', 'wifi', '网络', 'light']);
});

test('passages are paragraphs under their headings; long ones are cut at sentences', () => {
  expect(Array.from(passagesOf('intro\n\n# 配网\n按住键。\n\n灯闪。\n## 失败\n再试\n# End\nlast'))).toEqual([
    { heading: '', text: 'intro' },
    { heading: '配网', text: '按住键。\n灯闪。' },
    { heading: '配网 > 失败', text: '再试' },
    { heading: 'End', text: 'last' },
  ]);
  const long = Array.from(passagesOf('这是一个句子。'.repeat(200)));
  expect(long.length).toBeGreaterThan(1);
  for (const { text } of long) expect(text.length).toBeLessThanOrEqual(600);
  expect(long.map(({ text }) => text).join('')).toBe('这是一个句子。'.repeat(200));
  expect(Array.from(passagesOf('x'.repeat(1500))).map(({ text }) => text.length)).toEqual([600, 600, 300]);
});

describe('a folder', () => {
  test('gives the nearest passages of both languages with their file', async () => {
    write('manual.md', '# 配网\n长按重置键十秒，指示灯闪烁后用小程序配网。\n\n# 充电\n用附带的充电线充电，充满约两小时。');
    mkdirSync(join(folder, 'en'));
    write('en/faq.txt', 'To reset the toy, hold the reset button for ten seconds.\n\nThe battery lasts eight hours.');
    write('ignored.json', '{"重置键": true}');
    const knowledge = new KnowledgeFolder(folder);
    const zh = await knowledge.search('怎么重置设备？', 2);
    expect(zh.passages[0]).toMatchObject({ file: 'manual.md', heading: '配网' });
    const en = await knowledge.search('How long does the battery last?', 1);
    expect(en).toEqual({
      passages: [{ file: 'en/faq.txt', heading: '', text: expect.stringContaining('battery lasts eight hours') }],
      leftOut: 0,
    });
    expect((await knowledge.search('quantum chromodynamics', 3)).passages).toEqual([]);
  });

  test('is read again when a file changed, came or went', async () => {
    const knowledge = new KnowledgeFolder(folder);
    expect((await knowledge.search('颜色', 1)).passages).toEqual([]);
    write('a.md', '颜色是红色');
    utimesSync(join(folder, 'a.md'), 1, 1);
    expect((await knowledge.search('颜色', 1)).passages).toMatchObject([{ text: '颜色是红色' }]);
    write('a.md', '颜色是蓝色');
    utimesSync(join(folder, 'a.md'), 2, 2);
    expect((await knowledge.search('颜色', 1)).passages).toMatchObject([{ text: '颜色是蓝色' }]);
    rmSync(join(folder, 'a.md'));
    expect((await knowledge.search('颜色', 1)).passages).toEqual([]);
  });

  test('leaves out what is too large and says so; follows no link; reads GB 18030', async () => {
    write('big.txt', 'x'.repeat(1024 * 1024 + 1));
    write('gbk.txt', new Uint8Array([0xd6, 0xd8, 0xd6, 0xc3, 0xbc, 0xfc])); // 重置键
    const outside = mkdtempSync(join(tmpdir(), 'talkbench-outside-'));
    writeFileSync(join(outside, 'secret.txt'), '重置键 secret');
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
    const { passages, leftOut } = await new KnowledgeFolder(folder).search('重置键', 5);
    rmSync(outside, { recursive: true });
    expect(passages.map(({ file }) => file)).toEqual(['gbk.txt']);
    expect(leftOut).toBe(1);
  });
});

test('as a tool: passages, or a typed failure for a folder that is not there', async () => {
  write('a.md', '设备支持蓝牙');
  const tool = (name: string, where: string) => ({ source: 'knowledge' as const, name, description: 'manual', folder: where });
  const tools = [tool('manual', folder), tool('gone', join(folder, 'gone'))];
  const { agent } = createAgentRig({ settings: { agent: { tools } } });
  agent.request({ round: agent.draft('q') });
  const answers = ['manual', 'gone'].map((name) => agent.runTool(1)({ id: name, name, arguments: { question: '蓝牙' } }));
  await Promise.all(answers.map(({ settled }) => settled));
  expect(JSON.parse(answers[0]?.content ?? '')).toEqual({ passages: [{ file: 'a.md', heading: '', text: '设备支持蓝牙' }] });
  expect(JSON.parse(answers[1]?.content ?? '')).toMatchObject({ error: { code: 'tool/failed', data: { code: 'ENOENT' } } });
});
