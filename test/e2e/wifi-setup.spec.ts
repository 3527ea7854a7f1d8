import { expect, test } from './fixtures.ts';
import { FlashPage } from './pages/flash-page.ts';

test('a board in software is set up over its own network, and another fails over Bluetooth with its reason', async ({ lab }) => {
  await new FlashPage(lab).open('wifi');
  const begin = lab.getByRole('button', { name: 'Begin', exact: true });
  const method = (name: string) => lab.getByRole('radiogroup', { name: 'Way to the board' }).getByText(name, { exact: true });
  await expect(begin).toBeDisabled();

  await test.step('a window without Bluetooth says what works instead', async () => {
    // Whether the machine of this test has a radio is not for the test to say.
    await lab.addInitScript(() => Object.defineProperty(Navigator.prototype, 'bluetooth', { get: () => undefined }));
    await lab.reload();
    await method('Bluetooth (LLSync)').click();
    await expect(lab.getByRole('status').filter({ hasText: 'This window has no Bluetooth' })).toContainText('SoftAP');
    await expect(lab.getByRole('button', { name: 'Choose the board' })).toBeDisabled();
  });

  await lab.getByRole('textbox', { name: 'Network the board is to join' }).fill('Lab-2.4G');
  await lab.getByLabel('Password', { exact: true }).fill('hunter22');
  await lab.getByRole('checkbox', { name: 'With a board in software' }).check();

  await test.step('steps tick off until the board is bound', async () => {
    await method('Its own network (SoftAP)').click();
    await begin.click();
    const card = lab.getByRole('article', { name: 'Lab-2.4G' }).first();
    await expect(card).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
    await expect(card.getByRole('listitem').filter({ hasText: 'Bound by its token' })).toHaveAttribute('data-state', 'done');
    await expect(card).toContainText('TALKBENCH1 / wifi-softap');
    await card.getByText('What was said').click();
    await expect(card.getByRole('log')).toContainText('"password":"•••"');
  });

  await test.step('what the board reports is what is said', async () => {
    await method('Bluetooth (LLSync)').click();
    await lab.getByRole('combobox', { name: 'What goes wrong' }).click();
    await lab.getByRole('option', { name: 'Wrong password' }).click();
    await begin.click();
    const card = lab.getByRole('article', { name: 'Lab-2.4G' }).first();
    await expect(card).toHaveAttribute('data-state', 'failed', { timeout: 60_000 });
    await expect(card.locator('[data-error-code="wifi/refused"]')).toContainText('WIFI connect error!');
    await card.getByText('What was said').click();
    await expect(card.getByRole('log')).toContainText('PSW:•••');
  });

  await test.step('a board that is gone half-way is said to be gone, in the reader’s words', async () => {
    await lab.getByRole('combobox', { name: 'What goes wrong' }).click();
    await lab.getByRole('option', { name: 'The board is gone half-way' }).click();
    await begin.click();
    const card = lab.getByRole('article', { name: 'Lab-2.4G' }).first();
    await expect(card.locator('[data-error-code="wifi/radio-lost"]')).toContainText('the board is gone', { timeout: 60_000 });
  });
  await expect(lab.locator('body')).not.toContainText('hunter22');
});
