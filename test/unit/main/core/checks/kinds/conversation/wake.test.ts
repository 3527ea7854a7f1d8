import { expect, it } from 'vitest';
import { wake } from '../../../../../../../main/core/checks/kinds/conversation/wake.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('wakes the board again from a closed connection, as often as it is asked to', async () => {
  const board = new TalkingBoard({ wakeMs: 300 });
  expect(valuesOf(await board.run(wake, { attempts: 4 }))).toEqual({ attempts: 4, woken: 4, missed: 0, connectMs: 300, slowestMs: 300 });
  expect(board.board.did.filter(({ what }) => what === 'hangUp')).toHaveLength(3);
  expect(board.progresses).toEqual([0.25, 0.5, 0.75, 1]);
});

it('counts the times it did not come', async () => {
  const board = new TalkingBoard({ wakeMs: null });
  const measured = await board.run(wake, { attempts: 2, timeoutS: 1 });
  expect(measured).toEqual({ values: { attempts: 2, woken: 0, missed: 2 }, next: 'tune-wake' });
});

it('with push-to-talk asks for the button, and looks for the turn it makes', async () => {
  const board = new TalkingBoard();
  board.onAsk = () => {
    board.at(2000, () => board.talk.afterSaying({ text: 'hello' }));
    return 'done';
  };
  expect(valuesOf(await board.run(wake, { attempts: 2, how: 'push-to-talk' }))).toMatchObject({ woken: 2, missed: 0, connectMs: 500 });
  expect(board.questions[0]).toEqual({ ask: 'press-talk', data: { text: 'hello' }, kind: 'do' });
});

it('with push-to-talk and nobody there measures nothing', async () => {
  expect(await new TalkingBoard({ isUnattended: true }).run(wake, { how: 'push-to-talk' })).toEqual({ person: 'nobody-there' });
});
