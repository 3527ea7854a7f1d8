import { Buffer } from 'node:buffer';
import { expect, test } from './fixtures.ts';
import { CloudPage } from './pages/cloud-page.ts';
import { TalkPage } from './pages/talk-page.ts';

test('a product gets devices, and a board is set, asked and rung by hand', async ({ lab }) => {
  const cloud = new CloudPage(lab);
  const talk = new TalkPage(lab);

  await test.step('a virtual board starts meanwhile', async () => {
    await talk.open();
    await talk.startBoard('bench');
  });

  await test.step('a product and a device are made; the secret is shown once', async () => {
    await cloud.open('Devices');
    await cloud.add('New product');
    await cloud.fill('Name', 'Desk <b>lamp</b>');
    await cloud.fill('ProductId', 'LAMP000001');
    await cloud.press('Create');
    await expect(cloud.dialog).toBeHidden();
    await expect(lab.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Desk <b>lamp</b>');
    await cloud.add('New device');
    await cloud.fill('DeviceName', 'lamp-1');
    await cloud.press('Create');
    const secret = (await cloud.secret('DeviceSecret').textContent()) ?? '';
    expect(secret).toMatch(/^[A-Za-z0-9+/]{20,}={0,2}$/);
    await cloud.press('Close');
    await expect(cloud.dialog).toBeHidden();
    await expect(lab.getByText('It has never been here.')).toBeVisible();
    expect(await lab.content()).not.toContain(secret);
  });

  await test.step('a list is looked at, refused in words, and taken whole', async () => {
    const list = (...lines: string[]) => ({ name: 'lamps.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
    const choose = async (file: ReturnType<typeof list>) => {
      const chooser = lab.waitForEvent('filechooser');
      await cloud.press('Choose a file');
      await (await chooser).setFiles(file);
    };
    await cloud.add('Import devices');
    await choose(list('ProductId,DeviceName', 'LAMP000001,lamp-2'));
    await cloud.press('Import');
    await expect(cloud.dialog.getByRole('alert')).toContainText('provisioning/bad-list');
    await choose(
      list('ProductId,DeviceName,DeviceSecret', 'LAMP000001,lamp-2,bGFtcC10d28tc2VjcmV0MDI=', 'LAMP000001,lamp-3,bGFtcC10aHJlZS1zZWNyZXQ='),
    );
    await expect(cloud.dialog.getByRole('table')).toContainText('lamp-3');
    await expect(cloud.dialog.getByRole('table')).not.toContainText('bGFtcC10d28tc2VjcmV0MDI=');
    await cloud.press('Import');
    await expect(cloud.dialog.getByText('2 added, 0 with another secret, 0 as they were.')).toBeVisible();
    await cloud.press('Close');
    await expect(cloud.list.getByText('lamp-3')).toBeVisible();
  });

  await test.step('a property of the board is set, and the board says so', async () => {
    await cloud.show('bench');
    const volume = cloud.property('volume');
    await expect(volume).toContainText('80 %', { timeout: 60_000 });
    await volume.getByRole('textbox').fill('120');
    await expect(volume).toContainText('0 to 100');
    await expect(volume.getByRole('button', { name: /^Set/ })).toBeDisabled();
    await volume.getByRole('textbox').fill('35');
    await volume.getByRole('textbox').press('Enter');
    await expect(volume).toContainText(/Done in \d+ ms/);
    await expect(volume).toContainText('35 %');
  });

  await test.step('an action is run, and its answer shown', async () => {
    await cloud.part('Actions');
    const battery = lab.getByRole('article').filter({ hasText: 'get_battery' });
    await battery.getByRole('button', { name: /^Run/ }).click();
    await expect(battery).toContainText(/Answered in \d+ ms/);
    await expect(battery).toContainText('battery: 100');
  });

  await test.step('the board is rung, takes the call, and is hung up on', async () => {
    await cloud.part('Calls');
    await lab.getByRole('button', { name: 'Ring the board' }).click();
    await expect(lab.getByText('Talking with Operator')).toBeVisible();
    await lab.getByRole('button', { name: 'Hang up' }).click();
    await expect(lab.getByRole('cell', { name: 'hung up here' })).toBeVisible();
  });

  await test.step('what a board that is away is set to waits for it', async () => {
    await talk.open();
    await lab.getByRole('button', { name: 'Stop board' }).click();
    await cloud.open('Devices');
    await cloud.show('bench');
    await expect(lab.getByText('Not connected.')).toBeVisible();
    const volume = cloud.property('volume');
    await volume.getByRole('textbox').fill('50');
    await volume.getByRole('textbox').press('Enter');
    await expect(volume).toContainText('Waits for the board: 50 %');
  });
});
