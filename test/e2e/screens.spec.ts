import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { FirstRunPage } from './pages/first-run-page.ts';

const languages = ['en', 'zh'] as const;
const themes = ['dark', 'light'] as const;

/** Every screen, and a state of it that has something in it. `session` is the one the demonstration leaves. */
const screens = [
  { name: 'monitor', hash: '/monitor' },
  { name: 'flash', hash: '/flash' },
  { name: 'talk', hash: '/talk' },
  { name: 'agents', hash: '/agents' },
  { name: 'engines', hash: '/engines' },
  { name: 'cloud, TRTC', hash: '/cloud?tab=trtc' },
  { name: 'cloud, API', hash: '/cloud?tab=api' },
  { name: 'cloud, speech', hash: '/cloud?tab=speech' },
  { name: 'cloud, Tuya', hash: '/cloud?tab=tuya' },
  { name: 'cloud, xiaozhi', hash: '/cloud?tab=xiaozhi' },
  { name: 'wire', hash: '/wire' },
  { name: 'sessions', hash: '/sessions' },
  { name: 'session', hash: null },
  { name: 'latency', hash: '/latency' },
  { name: 'latency, distribution', hash: '/latency?tab=spread&assert=v2v.p50<900' },
  { name: 'latency, WAV', hash: '/latency?tab=wav' },
  { name: 'checks', hash: '/checks' },
  { name: 'checks, lists', hash: '/checks?tab=lists&beside=catalogue' },
  { name: 'settings', hash: '/settings' },
] as const;

/** Whatever the page says on its console that it should not. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return faults;
}

async function show(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
  await page.evaluate(() => window.talkbenchIdle());
}

async function appearAs(page: Page, language: (typeof languages)[number], theme: (typeof themes)[number]): Promise<void> {
  const root = page.locator('html');
  if ((await root.getAttribute('lang')) !== (language === 'zh' ? 'zh-CN' : 'en'))
    await page.getByRole('button', { name: language === 'zh' ? '切换到中文' : 'Switch to English' }).click();
  await expect(root).toHaveAttribute('lang', language === 'zh' ? 'zh-CN' : 'en');
  if ((await root.getAttribute('data-mantine-color-scheme')) !== theme)
    await page.getByRole('button', { name: /^(Switch theme|切换主题)$/ }).click();
  await expect(root).toHaveAttribute('data-mantine-color-scheme', theme);
}

/** What fades in has too little contrast until it has: nothing moves any more, but for what never ends. */
async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done));
    const ending = () =>
      document
        .getAnimations()
        .filter(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().iterations !== Infinity);
    // A transition begins a frame after what it shows is there; what moves with the sound goes on for ever.
    const untilMs = performance.now() + 5000;
    for (let quiet = 0; quiet < 3 && performance.now() < untilMs; quiet++) {
      await nextFrame();
      const moving = ending();
      if (moving.length === 0) continue;
      quiet = -1;
      await Promise.allSettled(moving.map(({ finished }) => finished));
    }
  });
}

/** Violations that keep somebody out, as `rule: where`. */
async function barriers(page: Page): Promise<string[]> {
  // Legacy mode: there are no frames, and without it every run opens a page of its own to merge their results in.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

/** A key that no language has is shown as itself: `talk.boards`, `frame.core.ready`; not a part of an address. */
const untranslated =
  /(?<![\w./-])(account|agents|checks|cloud|cloudApi|devices|engines|speech|trtc|tuya|wire|xiaozhi|frame|monitor|flash|job|tools|provisioning|recipes|talk|session|sessions|settings|firstRun|errors)\.[a-z]\w*(\.[\w-]+)*\b/;

/** The text a reader gets; what boards and protocols say (log rows, wire messages) has dots of its own. */
function words(page: Page): Promise<string> {
  return page.evaluate(() => {
    const copy = document.body.cloneNode(true) as HTMLElement;
    for (const data of copy.querySelectorAll('[role="option"], pre, code, .mono, script, style')) data.remove();
    const labels = [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''),
    );
    return `${copy.textContent} ${labels.join(' ')}`;
  });
}

/** Controls that stick out of the window, or of the panel that clips or scrolls them, to the right. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth > window.innerWidth) return ['the page scrolls sideways'];
    const edgeOf = (element: Element): number => {
      let edge = window.innerWidth;
      for (let at = element.parentElement; at !== null; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') edge = Math.min(edge, at.getBoundingClientRect().right);
      return edge;
    };
    return [...document.querySelectorAll('button, a, input, h1, h2')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > edgeOf(element) + 1)
      .map((element) => `sticks out: ${element.outerHTML.slice(0, 140)}`);
  });
}

test('every screen can be read by everybody, in both languages and both themes, at 1280 by 720', async ({ lab }) => {
  // Some seventy pages under axe: about a minute alone on a fast machine, and rarely alone.
  test.setTimeout(900_000);
  const faults = faultsOf(lab);
  const found: Record<string, unknown> = {};
  async function check(name: string): Promise<void> {
    await lab.evaluate(() => window.talkbenchIdle());
    await still(lab);
    const problems = [
      ...(await barriers(lab)),
      ...(await overflowing(lab)),
      ...(untranslated.exec(await words(lab)) ?? []).slice(0, 1).map((key) => `not translated: ${key}`),
      ...faults.splice(0),
    ];
    if (problems.length > 0) found[name] = problems;
  }

  await test.step('the empty bench', async () => {
    await show(lab, '/monitor');
    for (const language of languages) {
      await appearAs(lab, language, 'dark');
      await check(`first run, ${language}`);
    }
    await appearAs(lab, 'en', 'dark');
  });

  await test.step('a bench in use', async () => {
    const session = await new FirstRunPage(lab).tryVirtualBoard();
    await show(lab, '/monitor');
    await lab.getByRole('button', { name: 'Start a virtual board and open it' }).click();
    await expect(lab.getByRole('listbox', { name: /^Log of/ })).toContainText('twetalk.', { timeout: 60_000 });
    for (const language of languages)
      for (const theme of themes) {
        await appearAs(lab, language, theme);
        for (const { name, hash } of screens) {
          await show(lab, hash ?? `/sessions/${encodeURIComponent(session)}`);
          await check(`${name}, ${language}, ${theme}`);
        }
      }
  });

  await test.step('dialogs', async () => {
    await appearAs(lab, 'zh', 'light');
    await show(lab, '/talk');
    await lab.getByRole('button', { name: '添加设备' }).click();
    await expect(lab.getByRole('dialog')).toBeVisible();
    await check('add device');
    for (const [name, link] of [
      ['monitor, split', 'port=*&panes=2&port.2=virtual%3A%2F%2Fbench&pane=2&level.2=info&panel=board'],
      ['monitor, filtered', 'port=virtual%3A%2F%2Fbench&level=info&match=mqtt&not=publish&beside=1&panel=plot'],
      ['monitor, AT console', 'port=virtual%3A%2F%2Fbench&panel=at'],
      ['monitor, symbols', 'port=virtual%3A%2F%2Fbench&panel=symbols'],
    ] as const) {
      await show(lab, `/monitor?${link}`);
      await check(name);
    }
    await lab.keyboard.press('Escape');
    for (const [name, link] of [
      ['a product’s settings', '/agents?product=TALKBENCH1'],
      ['a thing model', '/agents?product=TALKBENCH1&part=thingModel'],
      ['a memory', '/agents?product=TALKBENCH1&device=bench&part=memory'],
      ['an export', '/agents?product=TALKBENCH1&part=export'],
      ['a new profile', '/engines?new=tts'],
      ['the phrase recogniser', '/engines?engine=stt%3Aphrase'],
      ['models', '/engines?tab=models'],
      ['a product', '/cloud?tab=devices&product=TALKBENCH1'],
      ['a device', '/cloud?tab=devices&product=TALKBENCH1&device=bench'],
      ['its actions', '/cloud?tab=devices&product=TALKBENCH1&device=bench&part=actions'],
      ['its firmware', '/cloud?tab=devices&product=TALKBENCH1&device=bench&part=firmware'],
      ['its calls', '/cloud?tab=devices&product=TALKBENCH1&device=bench&part=calls'],
      ['settings of TWeTalk', '/cloud?tab=devices&part=settings'],
      ['the account', '/cloud?tab=account'],
    ] as const) {
      await show(lab, link);
      await check(name);
    }
    for (const tab of ['provisioning', 'recipes', 'tools', 'wifi']) {
      await show(lab, `/flash?tab=${tab}`);
      await check(`flash, ${tab}`);
    }
    await lab.keyboard.press('?');
    await expect(lab.getByRole('dialog')).toBeVisible();
    await check('flash, keys');
    await lab.keyboard.press('Escape');
    await show(lab, '/monitor?port=virtual%3A%2F%2Fbench');
    for (const [button, title] of [
      ['快捷键', 'keys'],
      ['端口设置', 'port settings'],
      ['标签', 'tags'],
      ['筛选方案与高亮', 'filter sets'],
      ['列与形式', 'columns'],
      ['保存为文件', 'save'],
      ['跳转到时间', 'jump'],
      ['片段', 'snippets'],
      ['更多条件', 'more conditions'],
    ] as const) {
      await lab.getByRole('button', { name: button, exact: true }).click();
      await check(title);
      await lab.keyboard.press('Escape');
    }
  });

  expect(found).toEqual({});
});
