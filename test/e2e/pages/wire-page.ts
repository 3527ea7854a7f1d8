import type { Locator, Page } from '@playwright/test';

/** Every message of every wire, in English. */
export class WirePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get list(): Locator {
    return this.page.getByRole('listbox', { name: 'Messages on the wires' });
  }

  get messages(): Locator {
    return this.list.getByRole('option');
  }

  get details(): Locator {
    return this.page.getByRole('complementary');
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Wire', exact: true }).click();
  }

  async find(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Find' }).fill(text);
    await this.page.keyboard.press('Enter');
  }
}
