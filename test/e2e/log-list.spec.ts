import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { createServer } from 'vite';
import { projectRoot } from './fixtures.ts';
import type {} from './log-list/page.tsx';

/** The list alone, over rows that the spec makes. One page server for all of them. */
const test = base.extend<{ list: LogListPage }, { url: string }>({
  url: [
    async ({ browserName }, use) => {
      const cacheDir = mkdtempSync(join(tmpdir(), `talkbench-log-list-${browserName}-`));
      const server = await createServer({
        configFile: false,
        root: projectRoot,
        cacheDir,
        plugins: [react()],
        server: { port: 0, hmr: false, watch: null },
        logLevel: 'error',
      });
      await server.listen();
      await use(`${server.resolvedUrls?.local[0]}test/e2e/log-list/index.html`);
      await server.close();
      rmSync(cacheDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  list: async ({ url, playwright }, use) => {
    const executablePath = process.env.TALKBENCH_CHROMIUM;
    const browser = await playwright.chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      // A turn of the wheel is one move.
      args: ['--no-sandbox', '--disable-gpu', '--disable-smooth-scrolling'],
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.goto(url);
    await page.getByRole('listbox').waitFor();
    await use(new LogListPage(page));
    await browser.close();
  },
});

/** Eighteen whole rows of 22 pixels are seen. */
class LogListPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get box(): Locator {
    return this.page.getByRole('listbox');
  }

  get state(): Locator {
    return this.page.getByTestId('state');
  }

  row(text: string): Locator {
    return this.page.getByRole('option').filter({ hasText: new RegExp(`${text}$`) });
  }

  async append(count: number): Promise<void> {
    await this.page.evaluate((rows) => {
      window.bench.lab.append(rows);
      window.bench.lab.flush();
    }, count);
  }

  /** The texts of the rows in sight, in the order they are read, once all of them have come. */
  async texts(): Promise<string[]> {
    let texts: string[] = [];
    await expect(async () => {
      texts = await this.page.getByRole('option').evaluateAll((rows) => rows.map((row) => row.lastElementChild?.textContent ?? ''));
      expect(texts).not.toEqual([]);
      expect(texts).not.toContain('…');
    }).toPass({ intervals: [20, 50, 100], timeout: 20_000 });
    return texts;
  }

  /** How many rows are selected. */
  async selected(): Promise<number> {
    return Number(/selected (\d+)/.exec((await this.state.textContent()) ?? '')?.[1]);
  }

  async wheel(px: number): Promise<void> {
    await this.box.hover();
    await this.page.mouse.wheel(0, px);
  }
}

test.skip(() => test.info().project.name === 'electron', 'needs no host');

test('the end is followed until the reader scrolls up, and again when they come back to it', async ({ list }) => {
  await list.append(1000);
  await expect(list.row('line 999')).toBeVisible();
  await list.append(1000);
  await expect(list.row('line 1999')).toBeVisible();

  await list.wheel(-660);
  await expect(list.state).toContainText('following false');
  await expect(list.row('line 1969')).toBeVisible();
  const seen = await list.texts();
  await list.append(500);
  await expect(list.state).toContainText('new 500');
  expect(await list.texts()).toEqual(seen);

  await list.box.press('End');
  await expect(list.row('line 2499')).toBeVisible();
  await expect(list.state).toContainText('new 0 · following true');
});

test('rows are read in their order, however the list was scrolled', async ({ list }) => {
  await list.append(3000);
  for (const px of [-220, -44, 66, -2000, 1000, -66, 22]) {
    await list.wheel(px);
    await list.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const numbers = (await list.texts()).map((text) => Number(text.replace('line ', '')));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  }
});

test('ten million rows: the wheel moves by rows, End is the last row, Home the first', async ({ list }) => {
  await list.page.evaluate(() => {
    const { lab, logRow } = window.bench;
    // Rows are made when they are looked at; ten million objects would be the test's burden, not the list's.
    lab.rows.length = 10_000_000;
    const made = new Proxy(lab.rows, {
      get: (rows, name) => {
        if (name === 'slice') return (from = 0, to = rows.length) => Array.from({ length: to - from }, (_, index) => logRow(from + index));
        return typeof name === 'string' && /^\d+$/.test(name) ? logRow(Number(name)) : Reflect.get(rows, name);
      },
    });
    window.bench.lab.takeAll(made);
  });
  await expect(list.row('line 9999999')).toBeVisible();
  await list.wheel(-220);
  await expect(list.row('line 9999989')).toBeVisible();
  await expect(list.row('line 9999990')).toHaveCount(0);
  await list.box.press('Home');
  await expect(list.row('line 0')).toBeVisible();
  await list.wheel(44);
  await expect(list.row('line 0')).toHaveCount(0);
  await expect(list.row('line 2')).toBeVisible();
});

test('select all and copy mean every row, not those that are drawn', async ({ list }) => {
  await list.append(100_000);
  await list.box.press('Control+a');
  await expect(list.state).toContainText('selected 100000');
  await list.box.press('Control+c');
  expect(await list.page.evaluate(() => window.bench.copied)).toEqual([[[0, 99_999]]]);
});

test('a drag over rows selects them, and beyond the edge moves the list', async ({ list }) => {
  await list.append(1000);
  const first = await list.row('line 985').boundingBox();
  const second = await list.row('line 990').boundingBox();
  if (first === null || second === null) throw new Error('rows are not in sight');
  await list.page.mouse.move(first.x + 500, first.y + 5);
  await list.page.mouse.down();
  await list.page.mouse.move(second.x + 500, second.y + 5, { steps: 4 });
  await list.page.mouse.up();
  await expect(list.state).toContainText('selected 6');
  await expect(list.state).toContainText('following false');

  const box = await list.box.boundingBox();
  await list.page.mouse.move(second.x + 500, second.y + 5);
  await list.page.mouse.down();
  await list.page.mouse.move(second.x + 500, (box?.y ?? 0) - 30, { steps: 4 });
  // Not a certain row: it is in sight for less time than lies between two looks at it.
  await expect.poll(() => list.selected()).toBeGreaterThan(80);
  await list.page.mouse.up();
  await expect(list.row('line 990')).toHaveCount(0);
  const top = async (): Promise<number> => Number((await list.texts())[0]?.replace('line ', ''));
  await expect.poll(async () => (await top()) + (await list.selected()) - 1).toBe(990);
});

test('keys move, extend, mark and open', async ({ list }) => {
  await list.append(100);
  await list.row('line 90').click();
  await list.box.press('ArrowDown');
  await list.box.press('Shift+ArrowDown');
  await expect(list.state).toContainText('selected 2');
  await list.box.press('b');
  await list.box.press('Enter');
  expect(await list.page.evaluate(() => [window.bench.marked, window.bench.opened])).toEqual([[92], [92]]);
  const id = (await list.row('line 92').getAttribute('id')) ?? '';
  await expect(list.box).toHaveAttribute('aria-activedescendant', id);
  await list.box.press('PageUp');
  await expect(list.row('line 74')).toBeVisible();
});

test('another filter keeps the reader’s place and their selection', async ({ list }) => {
  await list.append(3000);
  await list.wheel(-22_000);
  await expect(list.state).toContainText('following false');
  await expect(list.row('line 2999')).toHaveCount(0);
  const middle = (await list.texts())[9] ?? '';
  await list.row(middle).click();
  const before = await list.row(middle).boundingBox();
  const port = `COM${(Number(middle.replace('line ', '')) % 3) + 1}`;
  await list.page.evaluate((ports) => window.bench.set({ filter: { ports } }), [port]);
  await expect(list.state).toContainText('length 1000 ');
  await expect(list.row(`line ${Number(middle.replace('line ', '')) + 1}`)).toHaveCount(0);
  await expect(list.row(middle)).toHaveAttribute('aria-selected', 'true');
  await expect.poll(async () => Math.abs(((await list.row(middle).boundingBox())?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(23);
});

test('search goes round its matches and brings each into sight', async ({ list }) => {
  await list.append(3000);
  await list.page.evaluate(() => window.bench.set({ find: 'line 77' }));
  await expect(list.state).toContainText('found 11');
  const next = list.page.getByRole('button', { name: 'next' });
  await next.click();
  await expect(list.state).toContainText('at 77');
  await expect(list.row('line 77')).toBeVisible();
  await next.click();
  await expect(list.row('line 770').locator('span', { hasText: /^line 77$/ })).toBeVisible();
});

test('what a board prints is text, never markup', async ({ list }) => {
  await list.page.evaluate(() => {
    const { lab, logRow } = window.bench;
    const message = '<img src=x onerror="document.title=1"><b>bold</b>';
    lab.append(1, (seq) => logRow(seq, { message, tag: '<i>tag</i>', level: 'error', colours: [[3, 9, 31]], event: '<u>' }));
    lab.flush();
  });
  await expect(list.page.getByRole('option')).toContainText('<b>bold</b>');
  await expect(list.page.locator('img, b, i, u')).toHaveCount(0);
});

test('it can be read by everybody', async ({ list }) => {
  await list.page.evaluate(() => {
    const { lab, logRow } = window.bench;
    const levels = ['error', 'warn', 'info', 'debug', 'verbose'] as const;
    lab.append(40, (seq) =>
      logRow(seq, {
        level: levels[seq % 5] ?? 'info',
        tag: 'wifi',
        deviceMs: seq,
        ...(seq % 4 === 0 ? { event: 'mqtt.publish' } : {}),
        ...(seq % 6 === 5 ? { continues: seq - 1 } : {}),
      }),
    );
    lab.flush();
  });
  await list.row('line 30').click();
  const yellow = { pattern: { text: 'line 3', isRegexp: false, isCaseSensitive: false }, colour: 'yellow' as const };
  await list.page.evaluate((rule) => window.bench.set({ find: '33', props: { highlights: [rule], columns: { port: true } } }), yellow);
  await expect(list.state).toContainText('found 1');
  const { violations } = await new AxeBuilder({ page: list.page }).include('[role="listbox"]').setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
});
