import type { Locator, Page } from '@playwright/test';

/** The empty bench, in English. */
export class FirstRunPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get steps(): Locator {
    return this.page.getByRole('list', { name: 'Progress of the demonstration' }).getByRole('listitem');
  }

  /** Runs the whole thread on a virtual board; resolves in the session screen with the session's id. */
  async tryVirtualBoard(timeoutMs = 180_000): Promise<string> {
    await this.page.getByRole('button', { name: 'Try with a virtual board' }).click();
    await this.page.waitForURL(/#\/sessions\/.+/, { timeout: timeoutMs });
    return decodeURIComponent(/#\/sessions\/([^?]+)/.exec(this.page.url())?.[1] ?? '');
  }
}
