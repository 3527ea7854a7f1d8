import { expect, it } from 'vitest';
import { turns } from '../../../../../../../main/core/checks/kinds/conversation/turns.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('says ten phrases and finds each understood, answered and heard', async () => {
  const board = new TalkingBoard();
  const measured = await board.run(turns);
  expect(valuesOf(measured)).toEqual({
    ...{ turns: 10, unnoticed: 0, unanswered: 0, unheard: 0, misheard: 0, textErrors: 0 },
    ...{ latencyMs: 900, slowestMs: 900 },
  });
  expect(board.talk.said).toHaveLength(10);
  expect(measured.evidence).toHaveLength(10);
  expect(measured.evidence?.[1]).toMatchObject({ kind: 'turn', userText: 'what time is it', replyText: 'It is three o’clock.' });
});

it('counts words that came over wrong, against what was to be said', async () => {
  const board = new TalkingBoard({ understands: (text) => (text === 'hello' ? 'yellow' : text) });
  const measured = await board.run(turns, { phrases: ['hello', 'thank you', 'turn on the light'] });
  // One word of seven.
  expect(valuesOf(measured)).toMatchObject({ turns: 3, misheard: 1, textErrors: 14.3, unanswered: 0 });
});

it('tells what nobody noticed from what nobody answered from what nobody heard', async () => {
  const unnoticed = new TalkingBoard({ understands: (text) => (text === 'hello' ? null : text) });
  expect(valuesOf(await unnoticed.run(turns))).toMatchObject({ unnoticed: 1, unanswered: 0, unheard: 0, misheard: 1 });
  const unanswered = new TalkingBoard({ fails: (text) => text === 'hello' });
  expect(valuesOf(await unanswered.run(turns))).toMatchObject({ unnoticed: 0, unanswered: 1, unheard: 0, misheard: 0 });
  const mute = await new TalkingBoard({ isMute: true }).run(turns, { phrases: ['hello', 'goodbye'] });
  expect(valuesOf(mute)).toMatchObject({ unnoticed: 0, unanswered: 0, unheard: 2 });
  expect(mute.evidence?.filter(({ kind }) => kind === 'sound')).toHaveLength(2);
});

it('asks once where nothing tells whether the answers were heard', async () => {
  const board = new TalkingBoard({ ear: 'none', reports: false, isUnattended: true });
  const measured = await board.run(turns, { phrases: ['hello', 'goodbye'] });
  expect(measured).toMatchObject({ person: 'no-ear', values: { turns: 2, unanswered: 0 } });
  expect('values' in measured && measured.values).not.toHaveProperty('unheard');
  expect(board.questions).toHaveLength(1);
});

it('fails without asking anybody where something was not answered', async () => {
  const board = new TalkingBoard({ ear: 'none', reports: false, isUnattended: true, fails: (text) => text === 'hello' });
  expect(valuesOf(await board.run(turns, { phrases: ['hello', 'goodbye'] }))).toMatchObject({ unanswered: 1 });
});

it('counts what nothing was made of as misheard, not as unanswered', async () => {
  const board = new TalkingBoard({ understands: (text) => (text === 'hello' ? '' : text) });
  expect(valuesOf(await board.run(turns, { phrases: ['hello', 'thank you'] }))).toMatchObject({
    unanswered: 0,
    misheard: 1,
    textErrors: 33.3,
  });
});

it('is left out where nothing can speak, and where the board does not come', async () => {
  expect(await new TalkingBoard({ speaker: 'none' }).run(turns)).toEqual({ skipped: 'no-speech-source' });
  expect(await new TalkingBoard({ wakeMs: null }).run(turns, { timeoutS: 1 })).toEqual({ skipped: 'no-conversation' });
});
