import { expect, type Locator, type Page } from '@playwright/test';

/** The screen of bring-up checks, in English. */
export class ChecksPage {
  readonly run: Locator;
  readonly details: Locator;
  readonly question: Locator;
  readonly station: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.run = page.getByTestId('check-run');
    this.details = page.getByTestId('check-details');
    this.question = page.getByTestId('check-question');
    this.station = page.getByTestId('operator-run');
  }

  async open(): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Checks' }).click();
  }

  async show(tab: string): Promise<void> {
    await this.#page.getByRole('tab', { name: tab, exact: true }).click();
  }

  /** A list of one's own; resolves once it is kept. */
  async writeList(name: string, text: string): Promise<void> {
    await this.show('Lists');
    await this.#page.getByRole('button', { name: 'New list' }).click();
    await expect(this.#page.getByRole('heading', { name: 'A list of my own' })).toBeVisible();
    await this.#page.getByRole('textbox', { name: 'List (YAML)' }).fill(text);
    await this.#page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(this.#page.getByRole('heading', { name })).toBeVisible();
  }

  get problems(): Locator {
    return this.#page.getByRole('list', { name: /problems$/ }).getByRole('listitem');
  }

  async write(text: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: 'List (YAML)' }).fill(text);
  }

  async chooseList(name: string): Promise<void> {
    await this.#page.getByRole('combobox', { name: 'List' }).click();
    await this.#page.getByRole('option', { name }).click();
  }

  async tryVirtualBoard(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Try with a virtual board' }).click();
    await expect(this.#page.getByRole('checkbox', { name: /virtual/ })).toBeChecked();
  }

  async start(serialNumber: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: /^Serial number of/ }).fill(serialNumber);
    await this.#page.getByRole('button', { name: 'Check it' }).click();
  }

  async report(format: string): Promise<string> {
    const [download] = await Promise.all([
      this.#page.waitForEvent('download'),
      this.run.getByRole('button', { name: format, exact: true }).click(),
    ]);
    return download.suggestedFilename();
  }

  get historyRows(): Locator {
    return this.#page.getByRole('table').getByRole('row');
  }

  /** As a scanner does: it types, and sends Enter. */
  async scan(serialNumber: string): Promise<void> {
    await expect(this.#page.getByLabel(/^Scan the/)).toBeFocused();
    await this.#page.keyboard.type(serialNumber);
    await this.#page.keyboard.press('Enter');
  }
}
