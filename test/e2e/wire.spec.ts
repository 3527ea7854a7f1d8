import { expect, test } from './fixtures.ts';
import { TalkPage } from './pages/talk-page.ts';
import { WirePage } from './pages/wire-page.ts';

test('what a board and the bench say to each other is found, opened, copied and sent again', async ({ lab }) => {
  const wire = new WirePage(lab);
  await wire.open();
  await expect(lab.getByText('No message yet.')).toBeVisible();

  const talk = new TalkPage(lab);
  await talk.open();
  await talk.startBoard('wired');
  await expect(talk.state).toBeVisible();
  await wire.open();

  await test.step('by what stands in it', async () => {
    await wire.find('no such text anywhere');
    await expect(lab.getByText('No message matches.')).toBeVisible();
    await lab.getByRole('button', { name: 'Show all' }).first().click();
    await wire.find('query_websocket_url_reply');
    await expect(wire.messages.first()).toContainText('$twecall/down/service');
    await expect(lab).toHaveURL(/find=query_websocket_url_reply/);
  });

  await test.step('by key, and by link', async () => {
    await wire.list.focus();
    await lab.keyboard.press('Home');
    await expect(wire.messages.first()).toHaveAttribute('aria-selected', 'true');
    await expect(wire.details).toContainText('query_websocket_url_reply');
    await expect(lab).toHaveURL(/message=\d+/);
    await lab.keyboard.press('Control+c');
    await expect.poll(() => lab.evaluate(() => navigator.clipboard.readText())).toContain('query_websocket_url_reply');
  });

  await test.step('what held a secret is not sent again, and says so', async () => {
    await wire.details.getByRole('button', { name: 'Send again' }).click();
    await expect(wire.details.getByRole('alert')).toContainText('it held a secret');
  });

  await test.step('another goes to the board, and stands here as what was sent', async () => {
    await lab.keyboard.press('Escape');
    await expect(wire.details).toHaveCount(0);
    await wire.find('report_version_rsp');
    // Until the answer is there the list shows what was found before.
    await expect(wire.messages.first()).toContainText('report_version_rsp');
    await wire.messages.first().click();
    await expect(wire.details).toContainText('report_version_rsp');
    const before = await wire.messages.count();
    await wire.details.getByRole('button', { name: 'Send again' }).click();
    await expect(lab.getByText('Done.')).toBeVisible();
    await expect(wire.messages).toHaveCount(before + 1);
  });
});
