import type { Locator, Page } from '@playwright/test';

type Tab = 'TRTC' | 'Cloud API' | 'Speech services' | 'Tuya' | 'xiaozhi';

/** The tabs of the hosted services on the Cloud screen, in English. */
export class CloudServicesPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** What came of the virtual counterpart's talk. */
  get reply(): Locator {
    return this.page.getByTestId('talk-reply');
  }

  /** A refused signature, as the Cloud API tab takes it apart. */
  get signature(): Locator {
    return this.page.getByRole('region', { name: 'The signature' });
  }

  async open(tab: Tab): Promise<void> {
    await this.page.getByRole('link', { name: 'Cloud', exact: true }).click();
    await this.page.getByRole('tab', { name: tab, exact: true }).click();
  }

  /** Of the gateway, as the Cloud API tab tells backends: `127.0.0.1:8787`. */
  async address(): Promise<string> {
    await this.open('Cloud API');
    return (await this.page.getByRole('button', { name: /^Copy [^ ]+:\d+$/ }).textContent()) ?? '';
  }

  /** Lets the tab's virtual counterpart say a typed text. */
  async type(text: string): Promise<void> {
    await this.page.getByText('Typed', { exact: true }).click();
    await this.page.getByRole('textbox', { name: 'A sentence' }).fill(text);
    await this.page.getByRole('button', { name: 'Talk', exact: true }).click();
  }

  /** `within`: where the page has that field more than once. */
  async choose(field: string, option: string, within: Locator | Page = this.page): Promise<void> {
    await within.getByRole('combobox', { name: field }).click();
    await this.page.getByRole('option', { name: option }).click();
    await this.idle();
  }

  /** What was chosen is known to the core as well. */
  private idle(): Promise<void> {
    return this.page.evaluate(() => window.talkbenchIdle());
  }
}
