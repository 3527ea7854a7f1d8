import type { Locator, Page } from '@playwright/test';

/** The Monitor screen, in English. */
export class MonitorPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(port?: string): Promise<void> {
    await this.page.evaluate(
      (hash) => {
        window.location.hash = hash;
      },
      `#/monitor${port === undefined ? '' : `?port=${encodeURIComponent(port)}`}`,
    );
    await this.page.evaluate(() => window.talkbenchIdle());
  }

  /** The log of the port that is shown. */
  get log(): Locator {
    return this.page.getByRole('listbox', { name: /^Log of/ });
  }

  rows(text: string | RegExp): Locator {
    return this.log.getByRole('option').filter({ hasText: text });
  }

  async openPort(label: string): Promise<void> {
    await this.page.getByRole('button', { name: `Open ${label}` }).click();
  }

  async send(line: string): Promise<void> {
    const field = this.page.getByRole('textbox', { name: 'Send a line to the board' });
    await field.fill(line);
    await field.press('Enter');
  }

  /** Types into the search field and waits until the matches are counted. */
  async find(words: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Find' }).fill(words);
    await this.page.evaluate(() => window.talkbenchIdle());
  }

  /** Selects and copies every row of the log, on the screen or not, and gives the clipboard's text. */
  async copyAll(): Promise<string> {
    await this.log.focus();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.press('Control+c');
    await this.page.getByText(/Lines copied/).waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}
