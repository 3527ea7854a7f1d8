import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isPageUrl, pageFile, servePage } from '../../../../main/electron/page-protocol.ts';
import { CONTENT_SECURITY_POLICY } from '../../../../preload/contract/page-policy.ts';

let folder = '';
let root = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'talkbench-page-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<p>page</p>');
  await writeFile(join(root, 'assets', 'a.js'), 'a');
  await writeFile(join(folder, 'secret'), 'secret');
});
afterAll(() => rm(folder, { recursive: true }));

const get = (url: string) => servePage(root, { url, method: 'GET' });

it('serves the page with its policy', async () => {
  const response = await get('talkbench://app/');
  expect([response.status, await response.text()]).toEqual([200, '<p>page</p>']);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
  });
  expect((await get('talkbench://app/assets/a.js?v=1#x')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

it.each([
  'talkbench://app/../secret',
  'talkbench://app/%2e%2e/secret',
  'talkbench://app/..%2fsecret',
  'talkbench://app/assets/..%2f..%2fsecret',
  'talkbench://app/..%5csecret',
  'talkbench://app/index.html%00.js',
  'talkbench://app/%',
  'talkbench://other/index.html',
  'file:///etc/passwd',
  'https://app/index.html',
  'talkbench://app/missing.js',
  'talkbench://app/assets',
])('has nothing at %s', async (url) => {
  expect((await get(url)).status).toBe(404);
});

it('answers GET only', async () => {
  expect((await servePage(root, { url: 'talkbench://app/', method: 'POST' })).status).toBe(404);
});

it('never names a file outside its root', () => {
  const piece = fc.oneof(
    fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '/', '\\', '%00', 'renderer', 'renderer-evil', ''),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const file = pageFile(root, `talkbench://app/${pieces.join('/')}`);
      expect(file === null || file.startsWith(root + sep)).toBe(true);
    }),
  );
});

it('knows its own page and nothing that resembles it', () => {
  expect(['talkbench://app/#/x', 'talkbench://app.evil/', 'talkbench://evil/app', 'https://app/', 'app', ''].map(isPageUrl)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
