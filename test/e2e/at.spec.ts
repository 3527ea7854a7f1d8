import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** The AT console beside a port's log, in English. */
class AtPanel {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Starts a virtual modem with a trouble, opens its port and its console. */
  async openModem(trouble: string): Promise<void> {
    await this.#go('#/talk');
    await this.#page.getByRole('combobox', { name: 'Board' }).click();
    await this.#page.getByRole('option', { name: 'LTE cat.1 modem (AT)' }).click();
    await this.#page.getByRole('combobox', { name: 'What is wrong with it' }).click();
    await this.#page.getByRole('option', { name: trouble }).click();
    await this.#page.getByRole('textbox', { name: 'Name' }).first().fill('modem');
    await this.#page.getByRole('button', { name: 'Start virtual board' }).click();
    // It is deaf while it boots.
    await this.#page.getByText('idle', { exact: true }).waitFor();
    await this.#page.getByRole('link', { name: 'AT console' }).click();
    await this.#page.getByRole('button', { name: /^Open LTE cat\.1/ }).click();
    await expect(this.line).toBeEnabled();
  }

  get panel(): Locator {
    return this.#page.locator('[data-at-console]');
  }

  get line(): Locator {
    return this.#page.getByRole('combobox', { name: 'AT command' });
  }

  exchange(command: string): Locator {
    return this.#page.locator(`[data-command="${command}"]`).last();
  }

  step(id: string): Locator {
    return this.#page.locator(`[data-step="${id}"]`);
  }

  async bringUp(): Promise<void> {
    await this.#page.getByRole('tab', { name: 'Bring-up' }).click();
    await this.#page.getByRole('button', { name: 'Start', exact: true }).click();
  }

  async violations(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.#page }).include('[data-at-console]').analyze();
    return violations.map(({ id }) => id);
  }

  async #go(hash: string): Promise<void> {
    await this.#page.evaluate((wanted) => {
      window.location.hash = wanted;
    }, hash);
  }
}

test('a modem without a SIM: asked by hand, then brought up to its first cause', async ({ lab }) => {
  const at = new AtPanel(lab);
  await at.openModem('No SIM');

  await test.step('completion by keyboard, the answer with its meaning', async () => {
    await at.line.pressSequentially('AT+CS');
    // Completions come from the core.
    await expect(lab.getByRole('option', { name: /^AT\+CSQ / }).first()).toBeVisible();
    await at.line.press('Tab');
    await expect(at.line).toHaveValue('AT+CSQ');
    await at.line.press('Enter');
    await expect(at.exchange('AT+CSQ')).toContainText('RSSI -63 dBm');
    await at.line.press('ArrowUp');
    await expect(at.line).toHaveValue('AT+CSQ');
    expect(await at.violations()).toEqual([]);
  });

  await test.step('the checklist stops being green where the SIM is, and says what to do', async () => {
    await at.bringUp();
    await expect(lab.getByText('Not ready: step 5, SIM')).toBeVisible();
    await expect(at.step('sim')).toHaveAttribute('data-state', 'failed');
    await expect(at.step('sim')).toContainText('Insert a SIM');
    await expect(at.step('registration')).toContainText('needs step 5');
    await expect(at.step('csq')).toHaveAttribute('data-state', 'passed');
    expect(await at.violations()).toEqual([]);
  });
});
