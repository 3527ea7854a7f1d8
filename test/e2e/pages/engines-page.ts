import type { Locator, Page } from '@playwright/test';

/** Engines: the list by stage at the left, one engine at the right. English. */
export class EnginesPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get report(): Locator {
    return this.page.getByTestId('engine-report');
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Engines', exact: true }).click();
  }

  async newProfile(stage: string): Promise<void> {
    await this.page.getByRole('button', { name: `New profile: ${stage}` }).click();
  }

  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(fields))
      await this.page.getByRole('textbox', { name: new RegExp(`^${label}( \\*)?$`) }).fill(value);
  }

  async save(): Promise<void> {
    await this.page.getByRole('button', { name: 'Save', exact: true }).click();
  }

  async test(): Promise<void> {
    await this.page.getByRole('button', { name: 'Test this engine' }).click();
  }
}
