import { expect, type Locator, type Page } from '@playwright/test';

export interface GivenFile {
  /** With folders, as a dropped folder has them. */
  name: string;
  data: Uint8Array;
}

/** The Flash screen, in English. */
export class FlashPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(tab?: 'provisioning' | 'recipes' | 'tools' | 'wifi', port?: string): Promise<void> {
    const query = new URLSearchParams({ ...(tab === undefined ? {} : { tab }), ...(port === undefined ? {} : { port }) }).toString();
    await this.page.evaluate(
      (hash) => {
        window.location.hash = hash;
      },
      `#/flash${query === '' ? '' : `?${query}`}`,
    );
    await this.idle();
  }

  idle(): Promise<void> {
    return this.page.evaluate(() => window.talkbenchIdle());
  }

  /** Drops files where firmware or, by its test id, something else is taken. */
  async drop(files: readonly GivenFile[], where = 'drop-zone'): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      (given) => {
        const transfer = new DataTransfer();
        for (const { name, base64 } of given) {
          const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          transfer.items.add(new File([data], name));
        }
        return transfer;
      },
      files.map(({ name, data }) => ({ name: name.replace(/.*\//, ''), base64: Buffer.from(data).toString('base64') })),
    );
    await this.page.getByTestId(where).dispatchEvent('drop', { dataTransfer: transfer });
    await this.idle();
  }

  async startVirtualBoard(): Promise<void> {
    await this.page.getByRole('button', { name: 'Virtual board', exact: true }).click();
    await this.idle();
  }

  tick(board: string): Locator {
    return this.page.getByRole('region', { name: 'Boards' }).getByRole('checkbox', { name: new RegExp(board) });
  }

  get plan(): Locator {
    return this.page.getByRole('table', { name: 'What will be written' });
  }

  planRow(name: string): Locator {
    return this.plan.getByRole('row').filter({ hasText: name });
  }

  get startButton(): Locator {
    return this.page.locator('[data-key="start"]');
  }

  /** All about one board's job: its newest, where only that is shown. */
  card(board: string): Locator {
    return this.page.getByRole('article', { name: new RegExp(`Job on .*${board}`) }).first();
  }

  async expectState(card: Locator, state: 'done' | 'failed' | 'cancelled'): Promise<void> {
    await expect(card.getByTestId('flash-state')).toHaveText(state, { timeout: 60_000 });
    await this.idle();
  }
}
