import { expect, it } from 'vitest';
import { latency } from '../../../../../../../main/core/checks/kinds/conversation/latency.ts';
import { turns } from '../../../../../../../main/core/checks/kinds/conversation/turns.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('takes the spoken turns of the run, whichever check held them', async () => {
  const board = new TalkingBoard();
  await board.run(turns);
  const values = valuesOf(await board.run(latency));
  expect(values).toMatchObject({ turns: 10, unanswered: 0, p50Ms: 900, p95Ms: 900, slowestMs: 900, isEstimated: false });
  // Under a hundred turns there is none.
  expect(values).not.toHaveProperty('p99Ms');
});

it('counts unanswered turns as slower than any, so that a percentile among them has no number', async () => {
  let said = 0;
  const board = new TalkingBoard({ understands: (text) => (said++ % 2 === 0 ? text : '') });
  await board.run(turns);
  const values = valuesOf(await board.run(latency));
  expect(values).toMatchObject({ turns: 5, unanswered: 5, p50Ms: 900 });
  expect(values).not.toHaveProperty('p95Ms');
});

it('has a p99 from a hundred turns on', async () => {
  const board = new TalkingBoard();
  const phrases = Array.from({ length: 100 }, () => 'hello');
  await board.run(turns, { phrases });
  expect(valuesOf(await board.run(latency))).toMatchObject({ turns: 100, p99Ms: 900 });
});

it('is left out of a run that spoke too little', async () => {
  const board = new TalkingBoard();
  await board.run(turns, { phrases: ['hello', 'goodbye'] });
  expect(await board.run(latency)).toEqual({ skipped: 'too-short' });
});

it('leaves out the turns in which the bench itself stood still', async () => {
  const board = new TalkingBoard();
  await board.run(turns);
  const first = board.board.events(0).find((event) => event.kind === 'turn.started' && event.initiator === 'user-speech');
  board.late.push({ fromUs: first?.atUs ?? 0, toUs: (first?.atUs ?? 0) + 300_000 });
  expect(valuesOf(await board.run(latency))).toMatchObject({ turns: 9, leftOut: 1 });
  board.late.push({ fromUs: 0, toUs: board.clock.nowUs() });
  expect(await board.run(latency)).toEqual({ skipped: 'bench-busy' });
});

it('keeps the turns that were never answered, for all that the bench paused within them', async () => {
  let said = 0;
  const board = new TalkingBoard({ hangs: () => said++ % 2 === 1 });
  await board.run(turns);
  for (let atUs = 0; atUs < board.clock.nowUs(); atUs += 5e6) board.late.push({ fromUs: atUs, toUs: atUs + 60_000 });
  const values = valuesOf(await board.run(latency));
  expect(values).toMatchObject({ unanswered: 5, leftOut: 0 });
  expect(values).not.toHaveProperty('p95Ms');
});

it('leaves an unanswered turn out where the bench stood still for a good part of the seconds an answer takes', async () => {
  const spans: { fromUs: number; toUs: number }[] = [];
  const board = new TalkingBoard({
    hangs: () => {
      if (spans.length > 0) return false;
      spans.push({ fromUs: board.clock.nowUs(), toUs: board.clock.nowUs() + 900_000 });
      return true;
    },
  });
  await board.run(turns);
  board.late.push(...spans);
  expect(valuesOf(await board.run(latency))).toMatchObject({ turns: 9, unanswered: 0, leftOut: 1, p95Ms: 900 });
});

it('keeps a turn through which the bench stood still only once its answer sounded', async () => {
  const board = new TalkingBoard();
  await board.run(turns);
  const sounds = board.board.events(0).filter((event) => event.kind === 'downlink.audible');
  for (const { atUs } of sounds) board.late.push({ fromUs: atUs, toUs: atUs + 1_000_000 });
  expect(valuesOf(await board.run(latency))).toMatchObject({ turns: 10, leftOut: 0, p95Ms: 900 });
});
