import { expect, type Locator, type Page } from '@playwright/test';

/** The Monitor screen, in English. */
export class MonitorPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** `more`: other parameters of the link, as they stand in it. */
  async open(port?: string, more = ''): Promise<void> {
    await this.page.evaluate(
      (hash) => {
        window.location.hash = hash;
      },
      `#/monitor?${port === undefined ? '' : `port=${encodeURIComponent(port)}`}${more === '' ? '' : `&${more}`}`,
    );
    await this.idle();
  }

  idle(): Promise<void> {
    return this.page.evaluate(() => window.talkbenchIdle());
  }

  /** The log of the first pane. */
  get log(): Locator {
    return this.page.getByRole('listbox', { name: /^Log of/ }).first();
  }

  /** Rows that are drawn: those on the screen. */
  rows(text: string | RegExp): Locator {
    return this.log.getByRole('option').filter({ hasText: text });
  }

  get histogram(): Locator {
    return this.page.getByRole('slider', { name: 'Rows over time by severity' }).first();
  }

  /** What takes the conditions of the filter away, one each. */
  get chips(): Locator {
    return this.page.getByRole('button', { name: /^Remove: / });
  }

  panel(name: string): Locator {
    return this.page.getByRole('complementary', { name });
  }

  async openPort(label: string): Promise<void> {
    await this.page.getByRole('button', { name: `Open ${label}` }).click();
  }

  async openAddress(address: string): Promise<void> {
    const field = this.page.getByRole('textbox', { name: 'Other address' });
    await field.fill(address);
    await field.press('Enter');
    // Once it is open it has no more to be typed.
    await expect(field).toHaveValue('');
    await this.idle();
  }

  async send(line: string): Promise<void> {
    const field = this.page.getByRole('textbox', { name: 'Send a line to the board' });
    await field.fill(line);
    await field.press('Enter');
  }

  /** Types into the search field and waits until it is searched for. */
  async find(words: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Find', exact: true }).fill(words);
    await this.page.keyboard.press('Tab');
    await this.idle();
  }

  /** What the search says beside its words: `3`, `2/3`, `3…`. */
  get found(): Locator {
    return this.page.getByRole('toolbar', { name: 'Log tools' }).locator('[aria-live=polite]').last();
  }

  async filter(words: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Filter', exact: true }).fill(words);
    await this.page.keyboard.press('Tab');
    await this.idle();
  }

  async showTab(name: string): Promise<void> {
    await this.page.getByRole('tab', { name, exact: true }).click();
    await this.idle();
  }

  /** Resets the board and waits until it has said these since, one after the other: what an earlier boot said is not meant. Gives the whole log. */
  async resetAndRun(texts: readonly string[]): Promise<string> {
    await this.page.getByRole('button', { name: 'Reset', exact: true }).click();
    await this.page.getByRole('menuitem', { name: 'Reset and run' }).click();
    let log = '';
    await expect(async () => {
      log = await this.copyAll();
      let at = log.lastIndexOf('port.reset');
      expect(at, 'the reset').not.toBe(-1);
      for (const text of texts) {
        at = log.indexOf(text, at);
        expect(at, `${text} after the reset`).not.toBe(-1);
      }
    }).toPass({ intervals: [500, 1000], timeout: 60_000 });
    return log;
  }

  /** Selects and copies every row of the log that the page knows of, on the screen or not, and gives the clipboard's text. */
  async copyAll(): Promise<string> {
    // What an earlier copy left there, and the message that it was made, are not of this one.
    await this.page.evaluate(() => navigator.clipboard.writeText(''));
    await this.log.focus();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.press('Control+c');
    await this.page
      .getByText(/Lines copied/)
      .last()
      .waitFor();
    return this.copied();
  }

  /** The clipboard's text, once there is one. */
  async copied(): Promise<string> {
    const read = () => this.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(read).not.toBe('');
    return read();
  }

  /** Saves the log and gives the file. */
  async save(format: string): Promise<{ name: string; path: string }> {
    await this.page.getByRole('button', { name: 'Save as a file' }).click();
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.page.getByRole('button', { name: format }).click()]);
    return { name: download.suggestedFilename(), path: await download.path() };
  }
}
