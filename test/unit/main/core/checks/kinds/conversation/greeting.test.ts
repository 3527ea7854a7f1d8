import { expect, it } from 'vitest';
import { greeting } from '../../../../../../../main/core/checks/kinds/conversation/greeting.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('measures from the board’s first word to the first sound of its greeting', async () => {
  const board = new TalkingBoard({ wakeMs: 400 });
  const measured = await board.run(greeting);
  expect(valuesOf(measured)).toMatchObject({ isConnected: true, connectMs: 400, isHeard: true, heardBy: 'ear' });
  // 400 ms to connect, 100 ms to the speaker; the window of the search is 10 ms.
  expect(Number(valuesOf(measured).audibleMs)).toBeCloseTo(500, -1.5);
  expect(measured.evidence?.map(({ kind }) => kind)).toEqual(['turn', 'sound']);
});

it('ends a connection that is open, so that there is something to wake', async () => {
  const board = new TalkingBoard();
  await board.drive(board.board.connected(1000));
  await board.run(greeting);
  expect(board.board.did.map(({ what }) => what)).toEqual(['connected', 'configure', 'hangUp', 'connected']);
});

it('tells a board that does not come from one that is not heard', async () => {
  expect(await new TalkingBoard({ wakeMs: null }).run(greeting, { timeoutS: 5 })).toEqual({
    values: { isConnected: false },
    next: 'wake-board',
  });
  expect(valuesOf(await new TalkingBoard({ isMute: true }).run(greeting))).toMatchObject({ isConnected: true, isHeard: false });
});

it('without an ear believes the board, and asks where the board does not say', async () => {
  expect(valuesOf(await new TalkingBoard({ ear: 'none' }).run(greeting))).toMatchObject({ isHeard: true, heardBy: 'board' });
  const silent = new TalkingBoard({ ear: 'none', reports: false });
  expect(await silent.run(greeting)).toMatchObject({ person: 'nobody-there', values: { isConnected: true } });
  expect(silent.questions).toEqual([{ ask: 'heard', data: { what: 'Hello, the check begins now.' }, kind: 'judge' }]);
  const judged = new TalkingBoard({ ear: 'none', reports: false });
  judged.onAsk = () => 'no';
  expect(valuesOf(await judged.run(greeting))).toMatchObject({ isHeard: false, heardBy: 'person' });
});

it('ends with the run', async () => {
  const board = new TalkingBoard({ wakeMs: null });
  board.at(700, () => board.cancel());
  await expect(board.run(greeting)).rejects.toMatchObject({ code: 'cancelled' });
});
