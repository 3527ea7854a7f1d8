import { expect, it } from 'vitest';
import { bargeIn, silenceAfter } from '../../../../../../../main/core/checks/kinds/conversation/barge-in.ts';
import { speech, TalkingBoard, valuesOf } from './talking-board.ts';

it('measures from the first sound of the interrupting voice to silence at the board’s speaker', async () => {
  const board = new TalkingBoard({ stopMs: 700 });
  const measured = await board.run(bargeIn, { attempts: 2 });
  expect(valuesOf(measured)).toMatchObject({ attempts: 2, interrupted: 2, missed: 0, silenceBy: 'ear' });
  expect(Number(valuesOf(measured).stopMs)).toBeCloseTo(700, -1.5);
  expect(Number(valuesOf(measured).residualMs)).toBeCloseTo(150, -1.5);
});

it('takes the board’s word where there is no ear, and of an estimate tells nothing of the board', async () => {
  const told = await new TalkingBoard({ ear: 'none', stopMs: 600 }).run(bargeIn, { attempts: 1 });
  expect(valuesOf(told)).toMatchObject({ stopMs: 600, residualMs: 150, silenceBy: 'board' });
  const estimated = valuesOf(await new TalkingBoard({ ear: 'none', reports: false, stopMs: 600 }).run(bargeIn, { attempts: 1 }));
  expect(estimated).toMatchObject({ stopMs: 600, silenceBy: 'estimate' });
  expect(estimated).not.toHaveProperty('residualMs');
});

it('counts replies that went on, and ends them itself', async () => {
  const board = new TalkingBoard({ stopMs: null });
  expect(valuesOf(await board.run(bargeIn, { attempts: 2 }))).toEqual({ attempts: 2, interrupted: 0, missed: 2 });
  expect(board.board.did.filter(({ what }) => what === 'interrupt')).toHaveLength(2);
});

it('asks again for a reply that it did not get, and gives up in the end', async () => {
  let said = 0;
  const once = new TalkingBoard({ understands: (text) => (said++ === 0 ? '' : text) });
  expect(valuesOf(await once.run(bargeIn, { attempts: 1 }))).toMatchObject({ interrupted: 1 });
  const never = await new TalkingBoard({ understands: () => '' }).run(bargeIn, { attempts: 1 });
  expect(never).toMatchObject({ values: { interrupted: 0, missed: 1 }, next: 'check-engines' });
});

it('is not for a board that is half duplex', async () => {
  const board = new TalkingBoard();
  board.facts.set('duplex', 'half');
  expect(await board.run(bargeIn)).toEqual({ skipped: 'not-supported-by-board' });
});

it('is silent when the last sound has ended: a board that begins again was not silent before', () => {
  const pcm = new Int16Array(16_000 * 4);
  pcm.set(speech(1000), 0);
  pcm.set(speech(1000), 16_000 * 1.5);
  const heard = { pcm, fromUs: 5_000_000, firstUs: null };
  expect(Number(silenceAfter(heard, 5_500_000))).toBeGreaterThan(7_490_000);
  expect(Number(silenceAfter(heard, 5_500_000))).toBeLessThan(7_520_000);
  expect(silenceAfter(heard, 7_700_000)).toBeNull();
});
