import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures.ts';
import { ChecksPage } from './pages/checks-page.ts';

const list = (checks: string) => `name: Two of them
version: '7'
serialNumber: { matches: 'SN-\\d', example: SN-1 }
checks:
  - ${checks}
  - question: Is its lamp green?
    id: lamp
`;

test('a board is checked by a list of one’s own, asks a person, is on record, and the next one is scanned', async ({ lab: page }) => {
  const checks = new ChecksPage(page);
  await checks.open();
  await checks.writeList('Two of them', list('identity.chip'));
  await checks.write(list('identity.ship'));
  await expect(checks.problems).toContainText('identity.ship');
  await expect(checks.problems).toContainText('Line 5');

  await checks.show('Check');
  await checks.tryVirtualBoard();
  await checks.chooseList('Two of them');
  await checks.start('SN-1');
  await expect(checks.question).toContainText('Is its lamp green?', { timeout: 60_000 });
  await page.keyboard.press('n');
  await expect(checks.run).toHaveAttribute('data-state', 'failed');
  await expect(checks.details).toContainText('What to do');
  // A scanner types in this rhythm: what a hand pressed is told from it by the pause before.
  await checks.details.getByRole('button', { name: 'Repeat this check' }).click();
  await expect(checks.question).toBeFocused({ timeout: 60_000 });
  await page.keyboard.press('Enter');
  await expect(checks.run).toHaveAttribute('data-state', 'passed');
  expect(await checks.report('CSV')).toMatch(/\.csv$/);

  await checks.show('History');
  await expect(checks.historyRows.filter({ hasText: 'SN-1' })).toContainText('PASSED');

  await checks.show('Weak network');
  await page.getByRole('button', { name: 'bad Wi-Fi' }).click();
  await expect(page.getByText('Not applied yet')).toBeVisible();
  await expect(page.getByText('No link is impaired.')).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('status', { name: 'Impaired now' })).toContainText('Jitter 80 ms');
  await page.getByRole('status', { name: 'Impaired now' }).getByRole('button', { name: 'Take off' }).click();
  await expect(page.getByText('No link is impaired.')).toBeVisible();

  await page.getByRole('link', { name: 'Operator mode' }).click();
  await checks.scan('6901234567892');
  await expect(page.getByText('“6901234567892” is not the number of such a board.')).toBeVisible();
  await checks.scan('SN-2');
  await expect(checks.question).toBeVisible({ timeout: 60_000 });
  await page.evaluate(() => {
    window.location.hash = '/monitor';
  });
  await expect(page).toHaveURL(/#\/checks\/operator$/);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);
  await expect(checks.question.getByText('Is its lamp green?')).toHaveCount(1);
  await page.keyboard.press('n');
  await expect(checks.station).toHaveAttribute('data-state', 'failed');
  await expect(checks.station.getByRole('button', { name: 'Repeat this check' })).toBeVisible();
  await page.keyboard.press('F2');
  await expect(checks.question).toBeFocused({ timeout: 60_000 });
  await page.keyboard.press('Enter');
  await expect(checks.station).toHaveAttribute('data-state', 'passed');
  await expect(page.getByLabel(/^Scan the next board/)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel(/^Scan the next board/)).not.toBeFocused();
  await page.keyboard.press('l');
  await expect(page).toHaveURL(/#\/checks$/);
});
