import { expect, it } from 'vitest';
import { soak } from '../../../../../../../main/core/checks/kinds/conversation/soak.ts';
import { riseOf, thinned } from '../../../../../../../main/core/checks/kinds/conversation/trend.ts';
import type { DeviceState } from '../../../../../../../preload/contract/device-state.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

it('holds turn after turn for as long as is asked', async () => {
  const board = new TalkingBoard();
  const measured = await board.run(soak, { minutes: 2, pauseS: 1 });
  // A second of speech, 900 ms until it is heard, 1.5 s of answer, a second of pause.
  expect(valuesOf(measured)).toMatchObject({
    turns: 28,
    failures: 0,
    reconnects: 0,
    resets: 0,
    drops: 0,
    by: 'voice',
    latencyMs: 900,
    latencyRiseMs: 0,
  });
  expect(measured.evidence?.at(-1)).toMatchObject({ kind: 'curve', x: 'timeS', y: 'latencyMs' });
  expect(board.progresses.at(-1)).toBe(1);
});

it('counts what failed, what was dropped, and that the board came anew', async () => {
  let said = 0;
  const board = new TalkingBoard({ understands: (text) => (said++ === 3 ? '' : text), fails: () => said === 6 });
  board.at(10_000, () => board.board.tell({ kind: 'dropped', what: 'uplink', count: 7 }));
  // Ran dry with more of it waiting: the board's socket held it up.
  board.at(10_800, () => board.board.tell({ kind: 'downlink.queue', queuedUs: 300_000 }));
  board.at(11_000, () => board.board.tell({ kind: 'downlink.underrun', gapUs: 90_000 }));
  board.at(11_500, () => board.board.tell({ kind: 'downlink.underrun', gapUs: 20_000 }));
  board.at(25_000, () => {
    board.board.tell({ kind: 'device.online' });
    board.close('lost');
  });
  const values = valuesOf(await board.run(soak, { minutes: 1 }));
  expect(values).toMatchObject({ drops: 8, reconnects: 1, resets: 1 });
  expect(values.failures).toBeGreaterThanOrEqual(1);
  expect(values.misunderstood).toBeGreaterThan(0);
});

it('blames no board for what the bench itself lost, nor for turns that failed while it stood still', async () => {
  let said = 0;
  const board = new TalkingBoard({ understands: (text) => (said++ === 3 ? '' : text) });
  board.at(8000, () => board.board.tell({ kind: 'downlink.queue', queuedUs: 0 }));
  board.at(8500, () => board.board.tell({ kind: 'downlink.underrun', gapUs: 90_000 }));
  // Of the ear that is 10 s behind, and of the turn that nothing was made of.
  board.at(22_000, () => board.board.tell({ kind: 'dropped', what: 'uplink packets waiting for voice activity detection', count: 21 }));
  const values = valuesOf(await board.run(soak, { minutes: 1 }));
  expect(values).toMatchObject({ drops: 0, benchDrops: 22, undecided: 1, misunderstood: 0, failures: 0 });
});

it('blames a board that hangs, though the bench paused somewhere in each of those turns', async () => {
  let said = 0;
  const board = new TalkingBoard({ hangs: () => ++said % 7 === 0 });
  for (let atUs = 0; atUs < 600e6; atUs += 15e6) board.late.push({ fromUs: atUs, toUs: atUs + 450_000 });
  const values = valuesOf(await board.run(soak, { minutes: 4 }));
  expect(values).toMatchObject({ undecided: 0, failures: Math.floor(said / 7) });
  expect(values.failures).toBeGreaterThan(3);
});

it('blames no board for an answer that never came while the bench stood still for a good part of the seconds it takes', async () => {
  let said = 0;
  const board = new TalkingBoard({
    hangs: () => {
      if (++said !== 4) return false;
      board.late.push({ fromUs: board.clock.nowUs(), toUs: board.clock.nowUs() + 900_000 });
      return true;
    },
  });
  expect(valuesOf(await board.run(soak, { minutes: 1 }))).toMatchObject({ undecided: 1, failures: 0 });
});

it('passes no board of which more than one turn in fifty failed on a late bench', async () => {
  let said = 0;
  const board = new TalkingBoard({
    hangs: () => {
      if (++said % 10 !== 0) return false;
      board.late.push({ fromUs: board.clock.nowUs(), toUs: board.clock.nowUs() + 900_000 });
      return true;
    },
  });
  expect(await board.run(soak, { minutes: 3 })).toMatchObject({ skipped: 'bench-busy' });
});

it('cannot tell of a board on a bench that stands still most of the time', async () => {
  const board = new TalkingBoard({ understands: () => '' });
  board.late.push({ fromUs: 0, toUs: 60e6 });
  expect(await board.run(soak, { minutes: 0.5 })).toMatchObject({ skipped: 'bench-busy' });
});

it('counts what happened early in a soak so long that it is no longer kept at its end', async () => {
  let said = 0;
  const board = new TalkingBoard({ understands: (text) => (said++ === 1 ? '' : text) });
  board.at(10_000, () => board.board.tell({ kind: 'dropped', what: 'uplink', count: 7 }));
  board.at(10_800, () => board.board.tell({ kind: 'downlink.queue', queuedUs: 300_000 }));
  board.at(11_000, () => board.board.tell({ kind: 'downlink.underrun', gapUs: 90_000 }));
  const { events } = board.board;
  board.board.events = (sinceUs) => events.call(board.board, Math.max(Number(sinceUs), board.clock.nowUs() - 60e6));
  const values = valuesOf(await board.run(soak, { minutes: 5 }));
  expect(values).toMatchObject({ drops: 8, benchDrops: 0, undecided: 0 });
  expect(values.misunderstood).toBeGreaterThan(0);
});

it('counts starts by the log where there is one', async () => {
  const board = new TalkingBoard();
  board.serial.deviceState = { boots: [{ atUs: 0, seq: 1, reason: 'POWERON' }] } as unknown as DeviceState;
  board.at(8000, () => board.serial.deviceState?.boots.push({ atUs: 1, seq: 2, reason: 'BROWNOUT' }));
  expect(valuesOf(await board.run(soak, { minutes: 0.5 }))).toMatchObject({ resets: 1 });
});

it('spares a person the talking', async () => {
  const board = new TalkingBoard({ speaker: 'person' });
  expect(valuesOf(await board.run(soak, { minutes: 0.3 }))).toMatchObject({ by: 'text', failures: 0 });
  expect(board.talk.said).toEqual([]);
});

it('gives a board up that does not come back', async () => {
  const board = new TalkingBoard();
  board.at(8000, () => {
    board.given.wakeMs = null;
    board.close('lost');
  });
  expect(Number(valuesOf(await board.run(soak, { minutes: 60, timeoutS: 10 })).minutes)).toBeLessThan(2);
});

it('shows a rise by the middle of each third, and no trend of a single slow turn', () => {
  const flat = Array.from({ length: 30 }, (_, i) => [i, i === 29 ? 9000 : 800] as const);
  expect(riseOf(flat)).toBe(0);
  expect(riseOf(flat.map(([x]) => [x, 800 + 10 * x]))).toBe(200);
  expect(riseOf(flat.slice(0, 8))).toBeUndefined();
  expect(thinned(flat, 10)).toHaveLength(10);
  expect(thinned(flat, 10).at(-1)).toEqual([29, 9000]);
});
