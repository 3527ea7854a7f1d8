import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { madeUpAgentboot } from '../../pipeline/boards/cat1/made-up-agentboot.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { incompressible } from '../fakes/esp-data.ts';
import { madeEc718Soc } from '../fakes/module-package.ts';
import { expect, test } from './fixtures.ts';
import { FlashPage } from './pages/flash-page.ts';
import { MonitorPage } from './pages/monitor-page.ts';

/** Where an image's header keeps the number of its chip, and another chip's than the virtual board's. */
const chipIdAt = 12;
const esp32c3 = 5;
/** An image ends with its SHA-256. */
const digestBytes = 32;

test('a set of files is dropped, planned, flashed to a virtual board, and the monitor shows its boot', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();

  await test.step('the core says what each file is and where it goes', async () => {
    await flash.drop(buildDemoImages().files);
    await expect(flash.planRow('bootloader.bin')).toContainText('bootloader');
    await expect(flash.planRow('partition-table.bin')).toContainText('partitions');
    await expect(flash.planRow('talkbench-demo.bin')).toContainText('factory');
    await expect(lab.getByRole('textbox', { name: 'Offset of talkbench-demo.bin' })).toHaveAttribute('placeholder', '0x10000');
  });

  await test.step('the flash map goes through its partitions by key', async () => {
    const map = lab.getByRole('slider', { name: /Partitions of the flash/ });
    await expect(map).toHaveAttribute('aria-valuetext', /^factory: .*talkbench-demo\.bin fills/);
    await map.press('ArrowLeft');
    await expect(lab.getByTestId('map-details')).toContainText('phy_init');
  });

  await test.step('an offset that cannot be is said in place, and nothing can be started', async () => {
    const offset = lab.getByRole('textbox', { name: 'Offset of partition-table.bin' });
    await offset.fill('0x1234');
    await expect(lab.locator('[data-error-code="flash/bad-offset"]')).toBeVisible();
    await expect(flash.startButton).toBeDisabled();
    await offset.fill('');
    await expect(lab.locator('[data-error-code]')).toHaveCount(0);
  });

  await test.step('a blank board is started, ticked and flashed', async () => {
    await flash.startVirtualBoard();
    await expect(flash.tick('blank-1')).toBeChecked();
    await expect(flash.startButton).toBeEnabled();
    await flash.startButton.click();
    const card = flash.card('blank-1');
    await flash.expectState(card, 'done');
    await expect(card.getByTestId('board-state')).toHaveText(/running/);
    await expect(card.getByRole('list', { name: 'Steps' })).toContainText('Write');
    await card.getByText('Protocol log').click();
    await expect(card.getByRole('log')).toContainText('FLASH_');
  });

  await test.step('the choice is still there after the screen was left, and the monitor has the boot', async () => {
    await flash.card('blank-1').getByRole('link', { name: 'To the monitor' }).click();
    const monitor = new MonitorPage(lab);
    await monitor.openPort('ESP32-S3 (virtual) blank-1');
    await monitor.resetAndRun(['ESP-ROM:esp32s3', 'BOT_START_SPEAKING']);
    await expect(monitor.rows('twetalk.BOT_START_SPEAKING')).not.toHaveCount(0);
    await flash.open();
    await expect(flash.planRow('talkbench-demo.bin')).toBeVisible();
    await expect(flash.tick('blank-1')).toBeChecked();
  });
});

test('an image of another chip is refused before anything is written, with what to do', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  await flash.startVirtualBoard();
  const app = buildDemoImages().files.find(({ name }) => name.includes('demo'));
  if (app === undefined) throw new Error('the demo has no application');
  const foreign = Buffer.from(app.data);
  foreign[chipIdAt] = esp32c3;
  // The loader's own check of it must hold, or it would be refused for that.
  createHash('sha256')
    .update(foreign.subarray(0, -digestBytes))
    .digest()
    .copy(foreign, foreign.length - digestBytes);
  await flash.drop([{ name: 'foreign.bin', data: foreign }]);
  await lab.getByRole('textbox', { name: 'Offset of foreign.bin' }).fill('0x10000');
  await expect(flash.planRow('foreign.bin')).toContainText('esp32c3');
  await expect(flash.startButton).toBeEnabled();
  await flash.startButton.click();
  const card = flash.card('blank-1');
  await flash.expectState(card, 'failed');
  await expect(card.locator('[data-error-code="flash/wrong-chip"]')).toContainText('esp32c3');
});

test('random bytes in the bootloader’s place are warned of, refused, and no success when they are insisted on', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  await flash.startVirtualBoard();
  await flash.drop([{ name: 'noise.bin', data: incompressible(0x4000) }]);
  await lab.getByRole('textbox', { name: 'Offset of noise.bin' }).fill('0x0');
  await expect(lab.getByRole('list', { name: 'Worth a look' })).toContainText('noise.bin is no image that a chip starts, and 0x0');
  await expect(flash.startButton).toBeEnabled();
  await flash.startButton.click();
  const card = flash.card('blank-1');
  await flash.expectState(card, 'failed');
  await expect(card.locator('[data-error-code="flash/no-image"]')).toContainText('Nothing was written');

  await lab.locator('summary').filter({ hasText: 'Options' }).click();
  await lab.getByRole('checkbox', { name: /^Write all the same/ }).check();
  await flash.idle();
  await expect(flash.startButton).toBeEnabled();
  await flash.startButton.click();
  await expect(card.locator('[data-error-code="flash/not-booting"]')).toContainText('invalid header: 0x', { timeout: 60_000 });
  await flash.expectState(card, 'failed');
  await expect(card.getByTestId('board-state')).toContainText('not starting');
});

test('a recipe flashes two boards side by side, labels typed as by a barcode reader, and the table is saved', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  await flash.drop(buildDemoImages().files);
  await flash.startVirtualBoard();
  await flash.startVirtualBoard();
  await expect(flash.tick('blank-2')).toBeChecked();

  await flash.open('recipes');
  await lab.getByRole('button', { name: 'Save the present choice' }).click();
  const dialog = lab.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('line 7');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(lab.getByRole('radio', { name: /line 7/ })).toBeChecked();

  await lab.getByRole('textbox', { name: /Label of .*blank-1/ }).fill('SN-001');
  await lab.keyboard.press('Enter');
  await expect(lab.getByRole('textbox', { name: /Label of .*blank-2/ })).toBeFocused();
  await lab.keyboard.type('SN-002');
  await lab.keyboard.press('Enter');
  await expect(flash.startButton).toBeFocused();
  await lab.keyboard.press('Enter');
  await flash.expectState(flash.card('SN-001'), 'done');
  await flash.expectState(flash.card('SN-002'), 'done');
  await expect(lab.getByTestId('flash-summary').first()).toHaveText('2 ok');

  const [download] = await Promise.all([
    lab.waitForEvent('download'),
    lab.getByRole('button', { name: 'Result table as CSV' }).first().click(),
  ]);
  const table = await readFile(await download.path(), 'utf8');
  expect(table).toContain('SN-001');
  expect(table).toContain('SN-002');
});

test('boards are provisioned from a list, and the NVS read back tells which device went where', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  await flash.drop(buildDemoImages().files);
  await flash.startVirtualBoard();

  await test.step('entries, a list of devices, and how full it becomes', async () => {
    await flash.open('provisioning');
    await lab.getByRole('combobox', { name: 'Start from' }).click();
    await lab
      .getByRole('option', { name: /TWeTalk/ })
      .first()
      .click();
    const csv =
      'product_id,device_name,device_secret\nABCDEFGHIJ,line_0001,c2VjcmV0LW9mLW9uZQ==\nABCDEFGHIJ,line_0002,c2VjcmV0LW9mLXR3bw==\n';
    await flash.drop([{ name: 'line-7.csv', data: new TextEncoder().encode(csv) }], 'device-lists');
    await lab.getByRole('dialog').getByRole('button', { name: 'Import a CSV' }).click();
    await expect(lab.getByRole('article', { name: 'line-7' })).toContainText('2 free');
    await lab.getByText('The next of a list').click();
    await lab.getByRole('combobox', { name: 'Choose a list' }).click();
    await lab.getByRole('option', { name: /line-7/ }).click();
    await lab.getByRole('textbox', { name: 'wifi_ssid' }).fill('bench');
    await lab.getByLabel('wifi_password').fill('correct horse');
    await expect(lab.getByTestId('nvs-fill')).toContainText('entries');
  });

  await test.step('the board takes the next device', async () => {
    await flash.open();
    await expect(flash.startButton).toBeEnabled();
    await flash.startButton.click();
    const card = flash.card('blank-1');
    await flash.expectState(card, 'done');
    await expect(card).toContainText('ABCDEFGHIJ/line_0001');
    await flash.open('provisioning');
    await expect(lab.getByRole('article', { name: 'line-7' })).toContainText('1 free');
  });

  await test.step('reading back shows the name and keeps the secrets', async () => {
    await flash.open('tools', 'virtual://blank-1');
    await lab.getByRole('button', { name: 'Read NVS' }).click();
    const values = flash.card('blank-1').getByRole('table', { name: 'Values in NVS' });
    await expect(values).toContainText('line_0001', { timeout: 60_000 });
    await expect(values.getByRole('row').filter({ hasText: 'device_secret' })).toContainText('kept back');
    await expect(lab.locator('body')).not.toContainText('c2VjcmV0LW9mLW9uZQ');
  });
});

test('a board that has its firmware gets its values alone, from a list whose first line was asked about', async ({ lab }) => {
  const flash = new FlashPage(lab);
  const csv = new TextEncoder().encode('ABCDEFGHIJ,alone_1,weak\n');
  await flash.open('provisioning');
  await lab.getByRole('combobox', { name: 'Start from' }).click();
  await lab.getByRole('option', { name: 'TWeTalk (device only)' }).click();

  await test.step('a line that may be a header is no device until it is said to be one', async () => {
    await flash.drop([{ name: 'odd.csv', data: csv }], 'device-lists');
    const dialog = lab.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Import a CSV' }).click();
    await expect(dialog.locator('[data-error-code="provisioning/header-unknown"]')).toContainText('ABCDEFGHIJ');
    await expect(dialog).not.toContainText('weak');
    await dialog.getByRole('checkbox', { name: /no header/ }).check();
    await dialog.getByRole('button', { name: 'Import a CSV' }).click();
    await expect(lab.getByRole('article', { name: 'odd' })).toContainText('1 free');
    await lab.getByText('The next of a list').click();
    await lab.getByRole('combobox', { name: 'Choose a list' }).click();
    await lab.getByRole('option', { name: /odd/ }).click();
  });

  await test.step('the plan says where the values go, and the list that it is too short', async () => {
    await lab.getByRole('button', { name: 'Write them without a firmware' }).click();
    await expect(lab.getByRole('checkbox', { name: 'Provision only' })).toBeChecked();
    await expect(flash.planRow('Each board’s own values')).toContainText('the board’s own partition table');
    await flash.startVirtualBoard();
    await flash.startVirtualBoard();
    await expect(flash.startButton).toHaveText('Provision 2 boards');
    await expect(lab.getByRole('status').filter({ hasText: 'Only 1 free' })).toBeVisible();
    await flash.tick('bench-2').uncheck();
    await expect(lab.getByRole('status').filter({ hasText: 'Only 1 free' })).toHaveCount(0);
    await lab.getByText('The same on the command line').click();
    await expect(lab.getByText(/--template device --device-list odd/)).toBeVisible();
  });

  await test.step('nothing but the values is written', async () => {
    await flash.startButton.click();
    const card = flash.card('bench-1');
    await flash.expectState(card, 'done');
    await expect(card).toContainText('ABCDEFGHIJ/alone_1');
    await expect(card.getByTestId('board-state')).toHaveText(/running/);
  });
});

test('a module’s package is taken apart, asks for its second-stage loader, and is written without touching calibration', async ({
  lab,
}) => {
  const flash = new FlashPage(lab);
  await flash.open();
  await flash.drop([{ name: 'luatos.soc', data: await madeEc718Soc() }]);
  await expect(flash.planRow('ap_bootloader')).toContainText('BL');
  await expect(flash.planRow('script')).toContainText('main.lua');
  await flash.startVirtualBoard();
  await expect(flash.tick('module-1')).toBeChecked();
  await expect(flash.startButton).toBeDisabled();
  await expect(lab.getByText('Give the module’s agentboot.bin.')).toBeVisible();

  await flash.drop([{ name: 'agentboot.bin', data: madeUpAgentboot('ec718', 'usb') }]);
  await expect(flash.startButton).toBeEnabled();
  await flash.startButton.click();
  const card = flash.card('module-1');
  await flash.expectState(card, 'done');
  await expect(card).toContainText('EC718');
});

test('a part of the flash is read back to a file, and erased only after it was typed', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  const images = buildDemoImages().files;
  await flash.drop(images);
  await flash.startVirtualBoard();
  await flash.startButton.click();
  await flash.expectState(flash.card('blank-1'), 'done');

  await flash.open('tools', 'virtual://blank-1');
  await lab.getByRole('button', { name: 'Read the identity' }).click();
  await expect(flash.card('blank-1').getByRole('table', { name: 'Partitions on the board' })).toContainText('talkbench-demo', {
    timeout: 60_000,
  });

  await lab.getByRole('combobox', { name: 'Partition' }).first().fill('factory');
  await lab.keyboard.press('Escape');
  await lab.getByRole('button', { name: 'Read', exact: true }).click();
  const save = lab.getByRole('button', { name: /^Save .*factory\.bin/ });
  await expect(save).toBeVisible({ timeout: 60_000 });
  const [download] = await Promise.all([lab.waitForEvent('download'), save.click()]);
  const app = images.find(({ name }) => name.includes('demo'))?.data ?? new Uint8Array();
  expect((await readFile(await download.path())).subarray(0, app.length).equals(Buffer.from(app))).toBe(true);

  await lab.getByText('All of the flash').last().click();
  await lab.getByRole('button', { name: 'Erase…' }).click();
  const dialog = lab.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Erase now' })).toBeDisabled();
  await dialog.getByRole('textbox').fill('erase');
  await dialog.getByRole('button', { name: 'Erase now' }).click();
  const card = lab.getByRole('article').filter({ hasText: 'Erasing' });
  await flash.expectState(card, 'done');
  await expect(card.getByTestId('board-state')).toContainText('erased');
});

test('a flash that ended is told of after a reload and in its session, and its card stays until it is put away', async ({ lab }) => {
  const flash = new FlashPage(lab);
  await flash.open();
  const images = buildDemoImages().files;
  await flash.drop(images);
  await flash.startVirtualBoard();
  await flash.startButton.click();
  const card = flash.card('blank-1');
  await flash.expectState(card, 'done');

  await test.step('in one line, all that is said of it stays within the card', async () => {
    await card.getByRole('button', { name: 'Again' }).click();
    await card.getByRole('button', { name: 'Details of' }).click();
    await expect(card).toContainText('were there already');
    const edgeOf = async (each: Locator) => ((box) => (box?.x ?? 0) + (box?.width ?? 0))(await each.boundingBox());
    const mac = card.getByText(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    expect(await edgeOf(mac)).toBeLessThan(await edgeOf(card));
  });

  await test.step('nothing is ticked after a reload, and the card is there', async () => {
    await lab.reload();
    await flash.idle();
    await expect(flash.tick('blank-1')).not.toBeChecked();
    await flash.expectState(card, 'done');
    await card.getByRole('button', { name: 'Put this card away' }).click();
    await expect(card).toHaveCount(0);
    await lab.reload();
    await flash.idle();
    await expect(lab.getByRole('heading', { name: 'Nothing flashed yet' })).toBeVisible();
  });

  await test.step('the session has its tool, its files and how the board was left', async () => {
    await lab.goto(`${lab.url().replace(/#.*/, '')}#/sessions`);
    await lab.getByRole('main').locator('a[href^="#/sessions/"]').first().click();
    await lab.getByRole('treeitem', { name: 'Flash', exact: true }).click();
    await lab.keyboard.press('Enter');
    await lab
      .getByRole('row', { name: /Flashing · esp32s3 · done/ })
      .first()
      .getByRole('button')
      .click();
    const details = lab.getByTestId('flash-details');
    await expect(details).toContainText('running its firmware');
    await expect(details).toContainText(/talkbench \d+\.\d+\.\d+/);
    const app = images.find(({ name }) => name.includes('demo'));
    const sha256 = createHash('sha256')
      .update(app?.data ?? '')
      .digest('hex');
    const digest = details.getByRole('button', { name: `Copy the SHA-256 of ${app?.name ?? ''}` });
    await expect(digest).toContainText(sha256.slice(0, 12));
    await digest.click();
    expect(await lab.evaluate(() => navigator.clipboard.readText())).toBe(sha256);
  });
});
