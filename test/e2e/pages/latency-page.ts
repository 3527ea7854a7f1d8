import { expect, type Locator, type Page } from '@playwright/test';

/** The latency screen. */
export class LatencyPage {
  readonly turns: Locator;
  readonly checks: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.turns = page.getByTestId('latency-turns').getByRole('row');
    this.checks = page.getByTestId('latency-checks').getByRole('row');
  }

  async open(): Promise<void> {
    await this.#page.getByRole('navigation').getByRole('link', { name: 'Latency' }).click();
  }

  async show(tab: string): Promise<void> {
    await this.#page.getByRole('tab', { name: tab }).click();
  }

  get panel(): Locator {
    return this.#page.getByTestId('latency-turn');
  }

  async openTurn(): Promise<void> {
    await this.panel.getByRole('link', { name: 'Open in its session' }).click();
    await expect(this.#page).toHaveURL(/#\/sessions\/.+sel=turn/);
  }

  async require(conditions: string): Promise<void> {
    await this.#page.getByLabel('Conditions').fill(conditions);
  }

  async chooseWav(name: string, wav: Uint8Array): Promise<void> {
    await this.#page.locator('input[type=file]').setInputFiles({ name, mimeType: 'audio/wav', buffer: Buffer.from(wav) });
  }

  get wavTurns(): Locator {
    return this.#page.getByTestId('latency-wav-turns').getByRole('row');
  }
}
