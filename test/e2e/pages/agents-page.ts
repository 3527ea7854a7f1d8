import type { Locator, Page } from '@playwright/test';

/** Agents: agents, products and devices at the left, one of them at the right. English. */
export class AgentsPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Agents', exact: true }).click();
  }

  async newAgent(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New agent' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^Name/ }).fill(name);
    await dialog.getByRole('button', { name: 'Create' }).click();
  }

  /** One setting, by its key. */
  setting(key: string): Locator {
    return this.page.locator(`[data-setting="${key}"]`);
  }

  async choose(key: string, option: RegExp): Promise<void> {
    await this.setting(key).getByRole('combobox').click();
    await this.page.getByRole('option', { name: option }).click();
    await this.idle();
  }

  async show(entry: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Agents' }).getByText(entry, { exact: true }).click();
  }

  async assign(agent: string): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Agent', exact: true }).click();
    await this.page.getByRole('option', { name: agent, exact: true }).click();
    await this.idle();
  }

  /** What was chosen is known to the core as well. */
  private idle(): Promise<void> {
    return this.page.evaluate(() => window.talkbenchIdle());
  }
}
