import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from '@playwright/test';
import { resample } from '../../pipeline/audio/resample.ts';
import { encodeWav } from '../../pipeline/audio/wav.ts';
import { createFliteTts } from '../../pipeline/engines/tts/flite.ts';
import { expect, serve, test } from './fixtures.ts';

/** Electron talks with the host's own devices; its pages never get a microphone. */
test.beforeEach(() => test.skip(test.info().project.name === 'electron', 'the browser host’s'));

/** Chromium’s fake microphone plays this over and over: the question, then silence for its answer. */
async function question(path: string): Promise<void> {
  const flite = createFliteTts();
  const samples: number[] = [];
  for await (const event of flite.synthesize({ text: 'what time is it', language: 'en' }, new AbortController().signal))
    if (event.kind === 'audio') samples.push(...event.pcm);
  await flite.close();
  const pcm = new Int16Array(16_000 * 20);
  pcm.set(samples, 16_000 * 8); // after the greeting
  writeFileSync(path, encodeWav({ channels: [resample(pcm, { from: 16_000, to: 48_000 })], sampleRate: 48_000 }));
}

async function launch(playwright: { chromium: { launch(options: object): Promise<Browser> } }, args: readonly string[]): Promise<Browser> {
  const executablePath = process.env.TALKBENCH_CHROMIUM;
  return playwright.chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', ...args],
  });
}

async function openTalk(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.evaluate(() => {
    location.hash = '#/talk';
  });
}

function talk(page: Page) {
  return page.getByRole('region', { name: 'Talk with this browser' });
}

test('a person talks through the browser: the question goes up, the answer is heard in the page', async ({ dataDirectory, playwright }) => {
  test.setTimeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), 'talkbench-browser-audio-'));
  const wav = join(directory, 'question.wav');
  await question(wav);
  await using served = await serve(dataDirectory);
  const browser = await launch(playwright, [
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${wav}`,
    '--autoplay-policy=no-user-gesture-required',
  ]);
  const context = await browser.newContext({ locale: 'en-US', permissions: ['microphone'] });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  // What reaches the loudspeaker is looked at where it leaves the page’s graph.
  await page.addInitScript(() => {
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
      if (to[0] instanceof AudioDestinationNode) {
        const meter = new AnalyserNode(this.context, { fftSize: 2048 });
        Reflect.apply(connect, this, [meter]);
        const block = new Float32Array(meter.fftSize);
        setInterval(() => {
          meter.getFloatTimeDomainData(block);
          const peak = Math.max(...block.map(Math.abs));
          document.documentElement.dataset.heardPeak = String(Math.max(Number(document.documentElement.dataset.heardPeak ?? 0), peak));
        }, 50);
      }
      return Reflect.apply(connect, this, to);
    } as typeof connect;
  });
  await openTalk(page, served.ready.url);
  await talk(page).getByRole('button', { name: 'Talk with this browser' }).click();
  await expect(talk(page).getByRole('button', { name: 'Stop talking' })).toBeVisible();
  const transcript = page.getByRole('log', { name: 'Transcript' });
  // Said again every twenty seconds: a busy machine may mishear it some times.
  await expect(transcript).toContainText(/what time is it/iu, { timeout: 180_000 });
  await expect
    .poll(() => page.evaluate(() => Number(document.documentElement.dataset.heardPeak ?? 0)), { timeout: 60_000 })
    .toBeGreaterThan(0.02);
  await talk(page).getByRole('button', { name: 'Stop talking' }).click();
  await expect(talk(page).getByRole('button', { name: 'Talk with this browser' })).toBeVisible();
  // The page’s security policy lets the worklet in, and nothing else went wrong.
  expect(problems).toEqual([]);
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a microphone that is not allowed, and a machine without one, say what to do; no board is left behind', async ({
  dataDirectory,
  playwright,
}) => {
  await using served = await serve(dataDirectory);
  for (const [exception, trouble] of [
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'no-device'],
    ['NotReadableError', 'in-use'],
  ] as const) {
    const browser = await launch(playwright, []);
    const page = await (await browser.newContext({ locale: 'en-US' })).newPage();
    // Which of these this machine’s own sound would give is not for the test to say.
    await page.addInitScript((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
    }, exception);
    await openTalk(page, served.ready.url);
    await talk(page).getByRole('button', { name: 'Talk with this browser' }).click();
    await expect(talk(page).getByRole('alert')).toHaveAttribute('data-trouble', trouble);
    await expect(talk(page).getByRole('button', { name: 'Talk with this browser' })).toBeEnabled();
    await expect(page.getByRole('region', { name: 'Virtual boards' }).getByRole('button', { name: 'Stop board' })).toHaveCount(0);
    await browser.close();
  }
});
