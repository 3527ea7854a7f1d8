import { expect, test } from 'vitest';
import { Replies } from '../../../../../../main/core/replay/rerun/replies.ts';
import { RecordedTools } from '../../../../../../main/core/replay/rerun/tools.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

test('an answer is over once its turn has ended, nobody thinks or plays any more, and a moment has passed', async () => {
  const clock = new VirtualClock();
  const replies = new Replies(clock, true);
  replies.asked();
  replies.thinking(true);
  await clock.advance(60_000_000);
  expect(replies.isOver('answer')).toBe(false);
  replies.sounding(true);
  replies.thinking(false);
  replies.turnOver();
  await clock.advance(1_000_000);
  expect(replies.isOver('answer')).toBe(false);
  replies.sounding(false);
  expect(replies.isOver('answer')).toBe(false);
  await clock.advance(400_000);
  expect(replies.isOver('answer')).toBe(true);
});

test('an answer that never begins is given up, and one that was not to come is not waited for', async () => {
  const clock = new VirtualClock();
  const replies = new Replies(clock, true);
  replies.asked();
  await clock.advance(500_000);
  expect(replies.isOver('nothing')).toBe(true);
  expect(replies.isOver('answer')).toBe(false);
  await clock.advance(15_000_000);
  expect(replies.isOver('answer')).toBe(true);
});

test('the answer to an earlier question is not one to this', async () => {
  const clock = new VirtualClock();
  const replies = new Replies(clock, false);
  replies.sounding(true);
  replies.sounding(false);
  await clock.advance(2_000_000);
  replies.asked();
  expect(replies.isOver('answer')).toBe(false);
});

test('a pause between two sentences of a far end that tells no turns is no end', async () => {
  const clock = new VirtualClock();
  const replies = new Replies(clock, false);
  replies.asked();
  replies.sounding(true);
  replies.sounding(false);
  await clock.advance(800_000);
  expect(replies.isOver('answer')).toBe(false);
  replies.sounding(true);
  replies.sounding(false);
  await clock.advance(1_500_000);
  expect(replies.isOver('answer')).toBe(true);
});

test('tools answer as they did, in order and by name whatever its dots; then they are the device’s own', () => {
  const answer = (name: string, result: unknown) => ({ name, isOk: true, result });
  const tools = new RecordedTools([answer('light_on', 1), answer('get_battery', 50), answer('light_on', 2)]);
  expect([tools.take('light.on')?.result, tools.take('light.on')?.result, tools.take('light.on')]).toEqual([1, 2, null]);
  expect(tools.take('reboot')).toBeNull();
  expect(tools).toMatchObject({ answered: 2, unanswered: ['light.on', 'reboot'] });
});
