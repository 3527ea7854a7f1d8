import type { Locator, Page } from '@playwright/test';

/** Talk: boards at the left, the conversation in the middle. English. */
export class TalkPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get transcript(): Locator {
    return this.page.getByRole('log', { name: 'Transcript' });
  }

  get state(): Locator {
    return this.page.getByTestId('conversation-state');
  }

  /** The turn that has this text in it. */
  turn(text: string | RegExp): Locator {
    return this.transcript.getByRole('region').filter({ hasText: text });
  }

  async open(): Promise<void> {
    await this.page.getByRole('link', { name: 'Talk', exact: true }).click();
  }

  async startBoard(name: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await this.page.getByRole('button', { name: 'Start virtual board' }).click();
  }

  async ask(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Answered as if the user had said it' }).fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }
}
