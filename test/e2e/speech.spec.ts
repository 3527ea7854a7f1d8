import { expect, test } from './fixtures.ts';

test('a text goes over the wire to the bench’s own service and back, by a phrase table that says so', async ({ lab: page }) => {
  await page.getByRole('link', { name: 'Cloud' }).click();
  await page.getByRole('tab', { name: 'Speech services' }).click();
  await page.getByText('Text', { exact: true }).click();
  await page.getByRole('combobox', { name: 'From' }).click();
  await page.getByRole('option', { name: 'Chinese (zh)' }).click();
  await page.getByRole('combobox', { name: 'To' }).click();
  await page.getByRole('option', { name: 'English (en)' }).click();
  await page.getByRole('textbox', { name: 'Text' }).fill('请讲个笑话。');
  await page.getByRole('button', { name: 'Start' }).click();
  const report = page.getByTestId('speech-report');
  await expect(report).toHaveAttribute('data-outcome', 'ok');
  await expect(report).toContainText('Please tell a joke.');
  await expect(report).toContainText('by the embedded phrase table');
  await expect(page.getByTestId('speech-messages')).toContainText('"is_finish":true');

  await page.getByText('Another address, another credential').click();
  await page.getByRole('textbox', { name: 'Token' }).fill('not-a-token');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(report).toHaveAttribute('data-outcome', 'failed');
  await expect(report).toContainText('Invalid Token (code -1)');
});
