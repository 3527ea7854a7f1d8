import { expect, it } from 'vitest';
import { wake } from '../../../../../../../main/core/checks/kinds/conversation/wake.ts';
import { measureSteadily } from '../../../../../../../main/core/checks/lateness/steadily.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('wakes the board again from a closed connection, as often as it is asked to', async () => {
  const board = new TalkingBoard({ wakeMs: 300 });
  expect(valuesOf(await board.run(wake, { attempts: 4 }))).toEqual({
    ...{ attempts: 4, woken: 4, missed: 0, tries: 1, connectMs: 300, slowestMs: 300 },
  });
  expect(board.board.did.filter(({ what }) => what === 'hangUp')).toHaveLength(3);
  expect(board.progresses).toEqual([0.25, 0.5, 0.75, 1]);
});

it('counts the times it did not come', async () => {
  const board = new TalkingBoard({ wakeMs: null });
  const measured = await board.run(wake, { attempts: 2, timeoutS: 1 });
  expect(measured).toMatchObject({ values: { attempts: 2, woken: 0, missed: 2 }, next: 'tune-wake' });
  expect(measured).toHaveProperty('moments.missed.length', 2);
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

it.each([
  ['two calls before', 1, 'values'],
  ['at the time', 0, 'skipped'],
])('a bench that was late %s of a missed call: %s', async (_, lateAt, outcome) => {
  const board = new TalkingBoard({ wakeMs: 300 });
  const { connected } = board.board.over;
  let calls = 0;
  board.board.over.connected = async (timeoutMs) => {
    const isMissed = ++calls % 3 === 0;
    if (calls % 3 === lateAt) board.late.push({ fromUs: board.clock.nowUs() - 300_000, toUs: board.clock.nowUs() + 120_000 });
    if (!isMissed) return (await connected?.(timeoutMs)) ?? null;
    await board.sleep(timeoutMs);
    return null;
  };
  const parameters = wake.parameters.parse({});
  const measured = await board.drive(measureSteadily(board, { check: wake, parameters, limits: {}, timeoutMs: 7_200_000 }));
  expect(measured).toHaveProperty(outcome);
});

const asks = { kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt', direction: 'up', name: '$twecall/up/service/P/D' } as const;

/** A board that asks where to connect at these seconds, and connects 400 ms after the last. */
function retrying(seconds: readonly number[]): TalkingBoard {
  const board = new TalkingBoard();
  board.board.over.connected = async () => {
    const beganUs = board.clock.nowUs();
    for (const second of seconds) {
      await board.sleep(second * 1000 - (board.clock.nowUs() - beganUs) / 1000);
      board.board.tell({ ...asks, text: '{"method":"query_websocket_url"}' });
    }
    await board.sleep(400);
    board.board.conversation = 'c9';
    board.board.tell({ kind: 'conversation.opened', language: 'en' } as never);
    return 'c9';
  };
  return board;
}

it('counts from the first time that the board asked where to connect, however often it tried', async () => {
  const board = retrying([1, 8, 15, 22]);
  expect(valuesOf(await board.run(wake, { attempts: 1 }))).toMatchObject({ tries: 4, slowestMs: 21_400 });
});

it('counts what a board did before a person was asked to wake it as none of that waking', async () => {
  const board = retrying([1, 8, 15]);
  board.at(4500, () => Object.assign(board.board, { askedUs: board.clock.nowUs() }));
  expect(valuesOf(await board.run(wake, { attempts: 1 }))).toMatchObject({ tries: 2, slowestMs: 7400 });
});
