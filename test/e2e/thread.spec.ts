import type { Page } from '@playwright/test';
import { encodeWav } from '../../pipeline/audio/wav.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { SAMPLE_RATE, track } from '../unit/main/core/analysis/sound.ts';
import { expect, test } from './fixtures.ts';
import { FirstRunPage } from './pages/first-run-page.ts';
import { LatencyPage } from './pages/latency-page.ts';
import { MonitorPage } from './pages/monitor-page.ts';
import { SessionPage } from './pages/session-page.ts';

test('a blank board is flashed, boots, is talked with, recorded and replayed, from one click', async ({ lab }) => {
  // The demonstration asks up to three times.
  test.setTimeout(360_000);
  const sessionId = await new FirstRunPage(lab).tryVirtualBoard();
  expect(sessionId).not.toBe('');
  const session = new SessionPage(lab);
  // After the greeting the second; a busy machine may have heard the question in two pieces, and been asked once more.
  const answered = session.turns.filter({ hasText: 'what time is it' }).last();

  await test.step('the conversation is there, with what was said and what was answered', async () => {
    await expect(session.turns.first()).toContainText('Hello, how can I help you?');
    await expect(answered).toContainText(/It is .+ in the (morning|afternoon)/);
  });

  await test.step('a turn selected shows its latency, in parts that add up', async () => {
    await answered.click();
    await expect(answered).toHaveAttribute('aria-selected', 'true');
    await expect(session.total).toBeVisible();
    const [waterfall = '', rest = ''] = ((await session.breakdown.textContent()) ?? '').split('Total');
    const parts = [...waterfall.matchAll(/(\d+) ms/g)].map((match) => Number(match[1]));
    const total = Number(/(\d+) ms/.exec(rest)?.[1]);
    const sum = parts.reduce((all, part) => all + part, 0);
    expect(total).toBeGreaterThan(300);
    // Each part is rounded to a millisecond on the screen.
    expect(Math.abs(sum - total)).toBeLessThanOrEqual(parts.length);
    // A board that had to wait for its machine says it too late to be waited for: then that is said.
    await expect(lab.getByText(/^End (measured: by the device|estimated: socket \+ device delay)$/)).toBeVisible();
  });

  await test.step('the log of the same board stands beside it, from the flash to the answer', async () => {
    // It goes to the cursor, which the turn has moved.
    await lab.evaluate(() => window.talkbenchIdle());
    await session.log.focus();
    await lab.keyboard.press('Home');
    await expect(session.log).toContainText('boot.rom');
    await expect(session.log).toContainText('ESP-ROM:esp32s3');
  });

  await test.step('the link to a turn leads back to it', async () => {
    await expect(lab).toHaveURL(/sel=|turn/);
    await lab.evaluate(() => window.talkbenchIdle());
    const before = await session.breakdown.textContent();
    await lab.reload();
    await expect(session.breakdown).toHaveText(before ?? '');
  });

  await test.step('both tracks play from the cursor on', async () => {
    // From the greeting on: it is to go on playing until somebody has looked.
    await session.turns.first().click();
    await expect(session.turns.first()).toHaveAttribute('aria-selected', 'true');
    const fromUs = await session.cursorUs();
    await session.playOrPause();
    await expect.poll(() => session.cursorUs()).toBeGreaterThan(fromUs + 200_000);
    await session.playOrPause();
    await expect(lab.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    await lab.evaluate(() => window.talkbenchIdle());
    const pausedUs = await session.cursorUs();
    await lab.evaluate(() => window.talkbenchIdle());
    expect(await session.cursorUs()).toBe(pausedUs);
  });

  await test.step('the latency screen has its turn, judges it, and leads back to it', async () => {
    const latency = new LatencyPage(lab);
    await latency.open();
    await latency.turns.filter({ hasText: 'what time is it' }).last().click();
    await expect(latency.panel.getByTestId('total')).toContainText('ms');
    await latency.show('Budgets');
    await latency.require('v2v.max<60s, v2v.n>=1, v2v.p99<60s');
    await expect(latency.checks).toHaveText([/Condition/, /kept$/, /kept$/, /too few.*NOT KEPT$/]);
    await latency.show('Turns');
    await latency.openTurn();
  });

  await test.step('a recording of another product is measured by its sound', async () => {
    const latency = new LatencyPage(lab);
    await latency.open();
    await latency.show('WAV file');
    const channels = [track(4000, [[500, 1500]]), track(4000, [[2200, 3200]])];
    await latency.chooseWav('call.wav', encodeWav({ sampleRate: SAMPLE_RATE, channels }));
    await expect(latency.wavTurns).toHaveText([/Gap/, /00:00\.50\d.*(69\d|70\d)$/]);
  });
});

async function startBoard(lab: Page, name: string, firmware: 'installed' | 'blank'): Promise<void> {
  await lab.getByRole('link', { name: 'Talk' }).click();
  await lab.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  if (firmware === 'blank') {
    await lab.getByRole('combobox', { name: 'Firmware' }).click();
    await lab.getByRole('option', { name: /blank/ }).click();
  }
  await lab.getByRole('button', { name: 'Start virtual board' }).click();
  await expect(lab.getByRole('region', { name: 'Virtual boards' })).toContainText(name);
}

test('the monitor follows a board, finds, and copies all of it', async ({ lab }) => {
  const monitor = new MonitorPage(lab);
  await startBoard(lab, 'bench', 'installed');
  await monitor.open('virtual://bench');
  await monitor.openPort('ESP32-S3 (virtual) bench');

  await test.step('a reset shows the boot and the board’s way to its greeting, as events', async () => {
    await monitor.resetAndRun(['ESP-ROM:esp32s3-20210327', 'mqtt connect with id', 'BOT_START_SPEAKING']);
    await expect(monitor.rows('twetalk.BOT_START_SPEAKING')).not.toHaveCount(0);
  });

  await test.step('find counts its matches', async () => {
    await monitor.find('mqtt connect with id');
    await expect(monitor.found).toHaveText(/^[12]$/);
  });

  await test.step('copy takes every row, also those off the screen', async () => {
    // Two connects where the port was open in time for the first boot's: the search and the copy say the same of it.
    await expect(async () => {
      const copied = (await monitor.copyAll()).split('\n');
      expect(copied.filter((line) => line.includes('ESP-ROM:esp32s3-20210327'))).not.toHaveLength(0);
      const connects = copied.filter((line) => line.includes('mqtt connect with id'));
      await expect(monitor.found).toHaveText(String(connects.length));
      expect(copied.length).toBeGreaterThan(40);
    }).toPass({ timeout: 60_000 });
  });
});

test('a blank board is flashed from the screen, and the monitor’s tab goes on with its first boot', async ({ lab }) => {
  const monitor = new MonitorPage(lab);
  await startBoard(lab, 'fresh', 'blank');
  await monitor.open('virtual://fresh');
  await monitor.openPort('ESP32-S3 (virtual) fresh');
  await expect(monitor.rows('invalid header: 0xffffffff')).not.toHaveCount(0);

  await lab.getByRole('link', { name: 'Flash' }).click();
  await lab.getByRole('combobox', { name: 'Port' }).click();
  await lab.getByRole('option', { name: /fresh/ }).click();
  const images = buildDemoImages().files;
  await lab
    .locator('input[type=file]')
    .setInputFiles(
      images.map(({ name, data }) => ({ name: name.replace(/.*\//, ''), mimeType: 'application/octet-stream', buffer: Buffer.from(data) })),
    );
  for (const { name, offset } of images) {
    await lab.getByRole('textbox', { name: `Offset of ${name.replace(/.*\//, '')}` }).fill(`0x${offset.toString(16)}`);
  }
  await lab.getByRole('button', { name: 'Flash', exact: true }).click();
  await expect(lab.getByTestId('flash-state')).toHaveText('done', { timeout: 60_000 });
  await expect(lab.getByTestId('board-state')).toHaveText(/running/);

  await lab.getByRole('link', { name: 'To the monitor' }).click();
  await expect(monitor.rows('twetalk.BOT_START_SPEAKING')).not.toHaveCount(0, { timeout: 60_000 });
  const log = await monitor.copyAll();
  // The flasher waits for the boot's first words before it gives the port back; each row stands at its own time.
  const order = ['invalid header', 'port.lent', 'ESP-ROM:esp32s3', 'Project name:     talkbench-demo', 'BOT_START_SPEAKING'];
  const places = order.map((text) => (text === 'ESP-ROM:esp32s3' ? log.lastIndexOf(text) : log.indexOf(text)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(log.indexOf('port.returned')).toBeGreaterThan(log.indexOf('port.lent'));
  expect(places).not.toContain(-1);
});
