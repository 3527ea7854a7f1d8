import type { Locator, Page } from '@playwright/test';

/** Cloud: the tabs of what this bench is for its boards. English. */
export class CloudPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly list: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog');
    this.list = page.getByRole('navigation', { name: 'Products and devices' });
  }

  async open(tab: string): Promise<void> {
    await this.page.getByRole('link', { name: 'Cloud', exact: true }).click();
    await this.page.getByRole('tab', { name: tab, exact: true }).click();
  }

  /** From the menu beside the search. */
  async add(what: 'New product' | 'New device' | 'Import devices'): Promise<void> {
    await this.list.getByRole('button', { name: 'Add', exact: true }).click();
    await this.page.getByRole('menuitem', { name: what }).click();
  }

  async fill(label: string, text: string): Promise<void> {
    await this.dialog.getByRole('textbox', { name: label }).fill(text);
  }

  /** The last of that name: the dialog's cross is called Close as well. */
  async press(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).last().click();
  }

  /** A product or device of the list. */
  async show(name: string): Promise<void> {
    await this.list.getByText(name, { exact: true }).click();
  }

  async part(name: 'Now' | 'Actions' | 'Firmware' | 'Calls'): Promise<void> {
    await this.page.getByRole('tab', { name, exact: true }).click();
  }

  /** A row of the device's properties, by its identifier. */
  property(id: string): Locator {
    return this.page.locator(`[data-property="${id}"]`);
  }

  /** Something that is shown this once, beside what it is called. */
  secret(label: string): Locator {
    return this.dialog.getByText(label, { exact: true }).locator('..').locator('code');
  }
}
