import { expect, it } from 'vitest';
import { idle } from '../../../../../../../main/core/checks/kinds/conversation/idle.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

/** A board whose cloud reminds and ends as it is configured. */
function idling(ends: boolean): TalkingBoard {
  const board = new TalkingBoard({ wakeMs: 250 });
  const { text } = board.board.on;
  board.board.on.text = (said: string) => {
    (text as (said: string) => void)(said);
    const silenceMs = Number(board.settings.conversation?.idleTimeoutS) * 1000;
    const reminders = Number(board.settings.conversation?.idleMaxRetries);
    // 500 + 300 + 100 to the sound, 1500 of it.
    for (let retry = 1; retry <= reminders; retry++)
      board.at(2400 + silenceMs * retry, () => board.board.tell({ kind: 'conversation.idle', retry, text: '' }));
    if (ends) board.at(2400 + silenceMs * (reminders + 1), () => board.close('idle'));
  };
  return board;
}

it('waits for the reminders and the end, and wakes the board again', async () => {
  const board = idling(true);
  expect(valuesOf(await board.run(idle, { silenceS: 3, reminders: 2 }))).toEqual({
    ...{ reminders: 2, firstReminderMs: 3000, isEnded: true, endedMs: 9000 },
    ...{ isOnline: true, isBack: true, backMs: 250 },
  });
});

it('tells a session that never ends', async () => {
  const measured = await idling(false).run(idle, { silenceS: 1, reminders: 1 });
  expect(measured).toMatchObject({ values: { isEnded: false, reminders: 1 }, next: 'enable-idle' });
});

it('sees that the board lost its MQTT connection with it', async () => {
  const board = idling(true);
  board.at(3000, () => board.board.tell({ kind: 'device.offline', reason: 'reset' }));
  expect(valuesOf(await board.run(idle, { silenceS: 1, reminders: 0 }))).toMatchObject({ isEnded: true, isOnline: false });
});
