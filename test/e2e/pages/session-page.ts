import type { Locator, Page } from '@playwright/test';

/** The Session screen, in English. */
export class SessionPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(id: string): Promise<void> {
    await this.page.evaluate(
      (hash) => {
        window.location.hash = hash;
      },
      `#/sessions/${encodeURIComponent(id)}`,
    );
    await this.page.evaluate(() => window.talkbenchIdle());
  }

  get timeline(): Locator {
    return this.page.getByTestId('timeline');
  }

  get turns(): Locator {
    return this.page.getByRole('listbox', { name: 'Turns' }).getByRole('option');
  }

  get log(): Locator {
    return this.page.getByRole('listbox', { name: 'Log', exact: true });
  }

  get breakdown(): Locator {
    return this.page.getByTestId('breakdown');
  }

  /** The total of the breakdown as it is written, '1110 ms'. */
  get total(): Locator {
    return this.page.getByTestId('total');
  }

  /** Where the cursor stands, microseconds from the session's start. */
  async cursorUs(): Promise<number> {
    return Number(await this.page.getByTestId('cursor').getAttribute('data-us'));
  }

  async playOrPause(): Promise<void> {
    await this.page.getByRole('button', { name: /^(Play|Pause)$/ }).click();
  }
}
