import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { headlessPrinter } from '../../../../../../../main/core/checks/report/print/headless.ts';
import { reportOf } from '../../../../../../../main/core/checks/report/report.ts';
import { checkResultOf, checkRunOf } from '../../../../../../fakes/check-run.ts';
import { watchFile } from './watch-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'print-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A browser that is a shell script: `$target` is where the PDF goes, `$page` the file it was given. */
function browser(name: string, script: string): string {
  const path = join(folder, name);
  const head = 'for it in "$@"; do case "$it" in --print-to-pdf=*) target="${it#*=}";; file://*) page="${it#file://}";; esac; done';
  writeFileSync(path, `#!/bin/sh\n${head}\n${script}\n`, { mode: 0o700 });
  return path;
}

const prints = browser(
  'prints',
  `{ printf '%%PDF-1.4 '; cat "$page"; env; } > "$target"; printf '%s\\n' "$@" > ${folder}/options; dirname "$page" > ${folder}/scratch`,
);
const fails = browser('fails', 'exit 1');
const lies = browser('lies', 'echo "an error page" > "$target"');

test.skipIf(process.platform === 'win32')('what the browser made is given, and nothing of it stays', async () => {
  process.env.OPENAI_API_KEY_OF_TEST = 'sk-of-the-bench';
  const data = await headlessPrinter({ browsers: () => [prints] })('<p>合格</p>');
  delete process.env.OPENAI_API_KEY_OF_TEST;
  const text = Buffer.from(data).toString();
  expect(text).toMatch(/^%PDF-1\.4 <p>合格<\/p>/);
  // Keys of engines stand in the environment; a browser needs none of it.
  expect(text).not.toContain('sk-of-the-bench');
  const given = readFileSync(join(folder, 'options'), 'utf8').split('\n');
  expect(given).toEqual(expect.arrayContaining(['--headless', '--host-resolver-rules=MAP * ~NOTFOUND', '--no-pdf-header-footer']));
  expect(() => readdirSync(readFileSync(join(folder, 'scratch'), 'utf8').trim())).toThrow('ENOENT');
});

test.skipIf(process.platform === 'win32')('a browser that cannot leaves it to the next', async () => {
  const data = await headlessPrinter({ browsers: () => [join(folder, 'gone'), fails, lies, prints] })('<p>x</p>');
  expect(Buffer.from(data).toString()).toContain('<p>x</p>');
});

test.skipIf(process.platform === 'win32')('where none can, the error says so', async () => {
  await expect(headlessPrinter({ browsers: () => [] })('')).rejects.toMatchObject({ code: 'report/no-printer' });
  await expect(headlessPrinter({ browsers: () => [fails] })('')).rejects.toMatchObject({ code: 'report/no-printer' });
});

test.skipIf(process.platform === 'win32')(
  'a browser that hangs is ended with what it started when nobody wants the report any more',
  async () => {
    // Both hold the pipe open: it ends when both are gone.
    const begun = join(folder, 'begun');
    const hangs = browser('hangs', `sleep 1000 & echo "$! $$" > ${begun}.new; mv ${begun}.new ${begun}; wait`);
    const abort = new AbortController();
    const printing = headlessPrinter({ browsers: () => [hangs] })('', abort.signal);
    printing.catch(() => {});
    const pids = (await watchFile(begun)).trim().split(' ').map(Number);
    abort.abort();
    await expect(printing).rejects.toMatchObject({ code: 'cancelled' });
    for (const pid of pids) await expect(gone(pid)).resolves.toBe(true);
  },
);

/** A killed process is there until its parent has heard of it; a grandchild's new parent takes its time. */
async function gone(pid: number): Promise<boolean> {
  for (;;) {
    try {
      const state = /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
      if (state === 'Z' || state === 'X') return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test.skipIf(process.platform === 'win32')('a browser that takes too long is ended', async () => {
  const sleeps = browser('sleeps', 'exec sleep 1000');
  await expect(headlessPrinter({ browsers: () => [sleeps], timeoutMs: 50 })('')).rejects.toMatchObject({ code: 'timeout' });
});

test.skipIf(process.env.TALKBENCH_CHROMIUM === undefined)(
  'a real browser makes A4 pages of a Chinese report, though the page allows no script',
  { timeout: 90_000 },
  async () => {
    const run = checkRunOf({ results: [checkResultOf({ check: 'power.boot', group: 'power' })] });
    const { data } = await reportOf([run, { ...run, id: 'run-2' }], {
      ...{
        format: 'pdf',
        language: 'zh',
        secrets: [],
        sound: async () => null,
        printPdf: headlessPrinter(),
        appVersion: '1',
        madeWallMs: 0,
      },
    });
    const text = Buffer.from(data).toString('latin1');
    // The overview and a page for each run; fonts are inside.
    expect(text.match(/\/Type \/Page$/gm)).toHaveLength(3);
    expect(text).toMatch(/\/MediaBox \[0 0 59[4-6][.\d]* 84[1-3][.\d]*\]/);
    expect(text).toContain('/FontFile');
  },
);
