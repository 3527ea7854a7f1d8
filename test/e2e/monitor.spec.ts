import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Page } from '@playwright/test';
import { openPtyPair, type PtyPair } from '../fakes/pty-pair.ts';
import { expect, test } from './fixtures.ts';
import { holdReplies } from './held-replies.ts';
import { MonitorPage } from './pages/monitor-page.ts';

/** A board at the far end of a pseudo terminal that says what the test wants, so that a whole log is known line by line. */
async function say(pair: PtyPair, lines: readonly string[]): Promise<void> {
  await pair.send(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
}

/** A board of its own on the Monitor screen. */
async function openBoard(lab: Page): Promise<{ monitor: MonitorPage; board: PtyPair }> {
  const monitor = new MonitorPage(lab);
  const board = await openPtyPair();
  await monitor.open();
  await monitor.openAddress(board.path);
  return { monitor, board };
}

function numbered(count: number, of: (number: number) => string): string[] {
  return Array.from({ length: count }, (_, number) => of(number));
}

/**
 * What a port said in a copied or saved log, without the columns before it. Rows are joined: a line that the machine delayed by more
 * than 100 ms is shown as far as it came, and its rest is the next row.
 */
function said(text: string, port: string): string {
  return text
    .split('\n')
    .flatMap((line) => line.split(` ${port} `).slice(1))
    .join('');
}

test('two boards are one log by time, copied whole and saved in every form', async ({ lab }) => {
  const monitor = new MonitorPage(lab);
  const [left, right] = [await openPtyPair(), await openPtyPair()];
  await monitor.open();
  await monitor.openAddress(left.path);
  await monitor.openAddress(right.path);
  const count = 1500;
  for (let part = 0; part < 3; part++) {
    const from = part * 500;
    await say(
      left,
      numbered(500, (number) => `I (${from + number}) left: line ${from + number} of the left board`),
    );
    await say(
      right,
      numbered(500, (number) => `W (${from + number}) right: line ${from + number} of the right board`),
    );
  }
  await monitor.showTab('All');

  await test.step('both are there, each with its own name', async () => {
    await monitor.filter(`line ${count - 1} of`);
    await expect(monitor.rows(/board$/)).toHaveCount(2);
    await expect(monitor.rows('of the left board')).toContainText(left.path.replace('/dev/', ''));
    await lab.getByRole('button', { name: 'Clear', exact: true }).click();
    await expect(monitor.rows(/board$/)).not.toHaveCount(2);
    await monitor.idle();
  });

  const copied = await test.step('copying takes every row, in the order in which they came', async () => {
    let text = '';
    // Without its filter the log is looked through anew, and a copy has as much as has been come to.
    await expect(async () => {
      text = await monitor.copyAll();
      for (const [board, port] of [['left', left.path] as const, ['right', right.path] as const])
        expect([...said(text, port).matchAll(new RegExp(`line (\\d+) of the ${board} board`, 'g'))].map((found) => found[1])).toEqual(
          numbered(count, String),
        );
    }).toPass({ timeout: 60_000 });
    return text;
  });

  await test.step('saved as text it is the same, as filtered only what passes', async () => {
    const text = await monitor.save('Text with host time');
    expect(readFileSync(text.path, 'utf8').trim()).toBe(copied.trim());
    await monitor.filter('line 12 of');
    await expect(monitor.rows('line 12 of')).toHaveCount(2);
    const json = await monitor.save('JSON lines, parsed');
    const rows = readFileSync(json.path, 'utf8').trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { tag: string }).tag).sort()).toEqual(['left', 'right']);
    await lab.getByRole('button', { name: 'Clear', exact: true }).click();
  });

  await test.step('one port’s bytes are saved as they came', async () => {
    await lab.getByRole('tab').nth(1).click();
    const raw = await monitor.save('Raw bytes as received');
    expect(readFileSync(raw.path, 'latin1').split('\r\n')).toHaveLength(count + 1);
  });

  await test.step('side by side, each pane has its own log, and the link brings both back', async () => {
    await lab.keyboard.press('s');
    await expect(lab.getByRole('listbox', { name: /^Log of/ })).toHaveCount(2);
    await expect(lab).toHaveURL(/panes=2/);
    await lab.reload();
    await expect(lab.getByRole('listbox', { name: /^Log of/ })).toHaveCount(2);
    await expect(
      lab
        .getByRole('listbox', { name: `Log of ${right.path}` })
        .getByRole('option')
        .filter({ hasText: 'right board' }),
    ).not.toHaveCount(0);
  });
  await Promise.all([left.unplug(), right.unplug()]);
});

test('filter and search go on while the board talks', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(
    board,
    numbered(200, (number) => `${number % 10 === 0 ? 'E' : 'I'} (${number}) app: first ${number}`),
  );
  await expect(monitor.rows('first 199')).toHaveCount(1);

  await test.step('matches are counted, those that come too', async () => {
    await monitor.find('first 19');
    await expect(monitor.found).toHaveText('11');
    await say(board, ['I (200) app: first 19 again']);
    await expect(monitor.found).toHaveText('12');
  });

  await test.step('the next match is gone to, and around', async () => {
    await monitor.log.focus();
    await lab.keyboard.press('n');
    await expect(monitor.found).toHaveText(/^\d+\/12$/);
    const current = monitor.log.locator('[data-current]');
    await expect(current).toContainText('first 19');
    await lab.keyboard.press('N');
    await expect(current).toContainText('first 19');
    await monitor.find('');
  });

  await test.step('a level keeps what is worse, of what comes as well', async () => {
    await lab.keyboard.press('l');
    await expect(lab.getByRole('region', { name: 'Active filter' })).toContainText('Errors');
    await expect(monitor.rows(/first \d+/).first()).toHaveAttribute('data-level', 'error');
    await say(board, ['I (300) app: fine', 'E (301) app: not fine']);
    await expect(monitor.rows('not fine')).toHaveCount(1);
    await expect(monitor.rows(/ fine$/)).toHaveCount(1);
  });

  await test.step('the whole log stays above what passes, and goes where that is chosen', async () => {
    await lab.keyboard.press('v');
    const passing = lab.getByRole('listbox', { name: 'Filtered' });
    await expect(passing).toContainText('not fine');
    await passing.focus();
    await lab.keyboard.press('Home');
    await passing.getByRole('option').filter({ hasText: 'first 0' }).click();
    await expect(monitor.rows('first 1').first()).toBeVisible();
    await expect(monitor.log.locator('[aria-selected=true]')).toContainText('first 0');
  });
  await board.unplug();
});

test('a window that grows or shrinks goes on following the end', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(
    board,
    numbered(200, (number) => `I (${number}) app: row ${number} `),
  );
  await expect(monitor.rows('row 199 ')).toHaveCount(1);
  for (const [height, row] of [
    [600, 200],
    [900, 201],
    [720, 202],
  ] as const) {
    await lab.setViewportSize({ width: 1280, height });
    await monitor.idle();
    await say(board, [`I (${row}) app: row ${row} `]);
    await expect(monitor.rows(`row ${row} `)).toBeVisible();
    await expect(lab.getByRole('button', { name: 'To the end' })).toHaveCount(0);
  }
  await board.unplug();
});

test('a bookmark, its note and the port’s log are there after a reload', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(
    board,
    numbered(80, (number) => `I (${number}) app: step ${number}`),
  );
  await expect(monitor.rows('step 79')).toHaveCount(1);
  await monitor.rows('step 70').click();
  await lab.keyboard.press('b');
  await lab.keyboard.press('k');
  const note = monitor.panel('Bookmarks').getByRole('textbox', { name: 'Note' });
  await note.fill('here it begins');
  await note.press('Enter');
  await monitor.idle();
  await lab.reload();
  await expect(monitor.panel('Bookmarks').getByRole('textbox', { name: 'Note' })).toHaveValue('here it begins');
  await monitor.log.focus();
  await lab.keyboard.press('Home');
  await lab.keyboard.press('Shift+B');
  await expect(monitor.log.locator('[aria-selected=true]')).toContainText('step 70');
  await board.unplug();
});

test('a colour chosen before the note is known to be kept does not bring the old note back', async ({ lab }) => {
  test.skip(test.info().project.name === 'electron', 'holds back the socket, which only the browser has');
  const replies = await holdReplies(lab);
  await lab.reload();
  const { monitor, board } = await openBoard(lab);
  await say(board, ['I (1) app: the place']);
  await monitor.rows('the place').click();
  await lab.keyboard.press('b');
  await lab.keyboard.press('k');
  const marks = monitor.panel('Bookmarks');
  const note = marks.getByRole('textbox', { name: 'Note' });
  await expect(note).toHaveValue('');
  replies.hold();
  await note.fill('here it begins');
  await marks.getByRole('button', { name: 'red', exact: true }).click();
  replies.release();
  await expect(marks.getByRole('button', { name: 'red', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await monitor.idle();
  await lab.reload();
  await expect(note).toHaveValue('here it begins');
  await board.unplug();
});

test('bytes and lines are sent as they are meant, and remembered', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  const field = lab.getByRole('textbox', { name: 'Send a line to the board' });
  await monitor.send('AT\\x1a');
  expect((await board.receivedBytes(4)).toString('latin1')).toBe('AT\x1a\n');
  await lab.getByText('HEX', { exact: true }).click();
  await field.fill('7E 00 0');
  await expect(lab.getByText('not valid at 7')).toBeVisible();
  await expect(lab.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
  await monitor.send('7E 00 FF');
  expect([...(await board.receivedBytes(7)).subarray(4)]).toEqual([0x7e, 0x00, 0xff]);
  await field.press('ArrowUp');
  await expect(field).toHaveValue('7E 00 FF');
  await field.press('ArrowUp');
  await expect(field).toHaveValue('AT\\x1a');
  await board.unplug();
});

test('what is typed while a line is on its way is the next line', async ({ lab }) => {
  test.skip(test.info().project.name === 'electron', 'holds back the socket, which only the browser has');
  const replies = await holdReplies(lab);
  await lab.reload();
  const { monitor, board } = await openBoard(lab);
  const field = lab.getByRole('textbox', { name: 'Send a line to the board' });
  replies.hold();
  await monitor.send('first');
  expect((await board.receivedBytes(6)).toString()).toBe('first\n');
  await expect(field).toHaveValue('');
  await field.pressSequentially('sec');
  replies.release();
  await monitor.idle();
  await field.pressSequentially('ond');
  await field.press('Enter');
  expect((await board.receivedBytes(13)).toString()).toBe('first\nsecond\n');
  await field.press('ArrowUp');
  await field.press('ArrowUp');
  await expect(field).toHaveValue('first');
  await board.unplug();
});

test('the severity strip leads to its rows, and the first error since the boot is one key away', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(
    board,
    numbered(300, (number) => `I (${number}) app: early ${number}`),
  );
  await expect(monitor.rows('early 299')).toHaveCount(1);
  await say(board, ['E (1000) app: the cause', ...numbered(300, (number) => `E (${1001 + number}) app: late ${number}`)]);
  await expect(monitor.rows('late 299')).toHaveCount(1);

  await monitor.log.focus();
  await lab.keyboard.press('e');
  await expect(monitor.log.locator('[aria-selected=true]')).toContainText('the cause');
  await lab.keyboard.press('End');
  await expect(monitor.rows('late 299')).toHaveCount(1);

  const strip = monitor.histogram;
  await expect(strip.locator('path')).not.toHaveCount(0);
  await strip.click({ position: { x: 1, y: 10 } });
  await expect(monitor.rows('early 0').first()).toBeVisible();

  // The time of two rows alone: nothing of what the board said later has it.
  await monitor.log.focus();
  await lab.keyboard.press('Home');
  await lab.keyboard.press('Shift+ArrowDown');
  await lab.keyboard.press('Shift+Z');
  await expect(monitor.chips).toHaveAccessibleName(/ – /);
  await lab.keyboard.press('End');
  await expect(monitor.rows('early 1').first()).toBeVisible();
  await expect(monitor.rows('late')).toHaveCount(0);
  await monitor.chips.press('Enter');
  await expect(monitor.chips).toHaveCount(0);
  await lab.keyboard.press('End');
  await expect(monitor.rows('late 299')).toHaveCount(1);
  // A stretch drawn on the strip, by keys.
  await strip.focus();
  for (const key of ['ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter']) await lab.keyboard.press(key);
  const only = lab.getByRole('button', { name: 'Show only this time' });
  await only.press('Enter');
  await expect(monitor.chips).toHaveAccessibleName(/ – /);
  await expect(only).toBeHidden();
  await board.unplug();
});

test('a stretch of time goes with its log: a new session shows what comes', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(board, ['E (1) app: first', 'E (2) app: second', 'E (3) app: third']);
  await expect(monitor.rows('third')).toHaveCount(1);
  const selected = monitor.log.locator('[aria-selected=true]');
  await monitor.rows('first').click();
  await lab.keyboard.press('Shift+ArrowDown');
  await expect(selected).toHaveCount(2);
  await lab.keyboard.press('Shift+Z');
  const time = lab.getByRole('button', { name: /^Remove: .* – / });
  await expect(time).toHaveCount(1);
  // The rows of the stretch are there before a key is meant for them.
  await expect(selected).toHaveCount(2);
  await lab.keyboard.press('l');
  await expect(monitor.chips).toHaveCount(2);
  await lab.reload();
  await expect(time).toHaveCount(1);
  await lab.getByRole('button', { name: 'Stop' }).click();
  await lab.getByRole('button', { name: 'Record', exact: true }).click();
  await expect(time).toHaveCount(0);
  await say(board, ['E (4) app: of the new session']);
  await expect(monitor.rows('of the new session')).toHaveCount(1);
  await expect(monitor.chips).toHaveCount(1);
  await board.unplug();
});

test('a TCP port has no settings of a serial line, and says in words why it went away', async ({ lab }) => {
  const monitor = new MonitorPage(lab);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await monitor.open();
  await monitor.openAddress(`socket://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const peer = await connected;
  peer.write('I (1) app: over TCP\n');
  await expect(monitor.rows('over TCP')).toHaveCount(1);
  await expect(lab.getByRole('button', { name: 'Reset', exact: true })).toHaveCount(0);
  await lab.getByRole('button', { name: 'Port settings' }).click();
  const settings = lab.getByRole('dialog', { name: 'Port settings' });
  await expect(settings.getByRole('combobox', { name: 'Encoding' })).toBeVisible();
  await expect(settings.getByText('Baud rate')).toHaveCount(0);
  await expect(settings.getByText(/DTR/)).toHaveCount(0);
  await lab.keyboard.press('Escape');
  server.close();
  peer.end();
  await expect(monitor.rows('the other side closed the connection')).toHaveCount(1);
});

test('everything is reached by the keyboard', async ({ lab }) => {
  const { monitor, board } = await openBoard(lab);
  await say(
    board,
    numbered(120, (number) => `I (${number}) app: row ${number} heap=${1000 + number}`),
  );
  await expect(monitor.rows('row 119')).toHaveCount(1);
  const keys = lab.keyboard;
  await monitor.log.focus();

  await keys.press('Space');
  await expect(lab.getByText('recording goes on')).toBeVisible();
  await say(board, ['I (500) app: while paused']);
  await expect(lab.getByRole('button', { name: /1 new/ })).toBeVisible();
  await expect(monitor.rows('while paused')).toHaveCount(0);
  await keys.press('End');
  await expect(monitor.rows('while paused')).toHaveCount(1);

  await keys.press('ArrowUp');
  await keys.press('Shift+F10');
  await expect(lab.getByRole('menu')).toBeVisible();
  await keys.press('Escape');
  await expect(lab.getByRole('menu')).toBeHidden();

  await monitor.log.focus();
  await expect(monitor.log).toBeFocused();
  await keys.press('g');
  await expect(lab.getByRole('textbox', { name: 'Jump to a time' })).toBeFocused();
  await keys.type('@0');
  await keys.press('Enter');
  await expect(monitor.rows('row 0 ')).toHaveCount(1);
  await expect(monitor.log).toBeFocused();

  await keys.press('f');
  await expect(lab.getByRole('textbox', { name: 'Filter', exact: true })).toBeFocused();
  await keys.type('row 11');
  await keys.press('Enter');
  await expect(monitor.rows(/row 11\d? /)).toHaveCount(11);
  await keys.press('Escape');
  // Nothing has the focus now: the rows are moved through and copied all the same.
  await keys.press('ArrowUp');
  await expect(monitor.log.locator('[aria-selected=true]')).toHaveCount(1);
  await keys.press('Control+a');
  await expect(monitor.log.locator('[aria-selected=true]')).toHaveCount(11);
  await keys.press('p');
  await expect(monitor.panel('Plot')).toContainText('heap');
  await keys.press('Escape');
  await expect(monitor.panel('Plot')).toBeHidden();

  await monitor.log.focus();
  await keys.press('?');
  await expect(lab.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await keys.press('Escape');
  await expect(lab.getByRole('dialog', { name: 'Keys' })).toBeHidden();

  await monitor.log.focus();
  await keys.press('Control+l');
  await expect(lab.getByText('The view is cleared')).toBeVisible();
  await monitor.filter('');
  await expect(lab.getByText('The view is cleared')).toBeVisible();
  await keys.press('i');
  await expect(lab.getByRole('textbox', { name: 'Send a line to the board' })).toBeFocused();
  await keys.type('hello');
  await keys.press('Enter');
  expect((await board.receivedBytes(6)).toString()).toBe('hello\n');
  await board.unplug();
});
