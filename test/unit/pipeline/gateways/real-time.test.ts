import { expect, test } from 'vitest';
import { RealTime } from '../../../../pipeline/gateways/real-time.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const flow: string[] = [];
  const pace = new RealTime(clock, { pause: () => flow.push('pause'), resume: () => flow.push('resume') });
  return { clock, flow, pace };
}
const frameUs = 60_000;

test('sound at the pace of time, and what a network held back for some seconds, is read at once', async () => {
  const { clock, flow, pace } = rig();
  for (let second = 0; second < 60; second++) {
    for (let frame = 0; frame < 16; frame++) pace.took(frameUs);
    await clock.advance(1_000_000);
  }
  for (let frame = 0; frame < 100; frame++) pace.took(frameUs);
  expect(flow).toEqual([]);
});

test('who sends faster is not read any further until the clock has caught up', async () => {
  const { clock, flow, pace } = rig();
  for (let frame = 0; frame < 134; frame++) pace.took(frameUs);
  expect(flow).toEqual(['pause']);
  await clock.advance(2_600_000);
  expect(flow).toEqual(['pause']);
  await clock.advance(200_000);
  expect(flow).toEqual(['pause', 'resume']);
});

test('a board that was held up for longer than that has caught up some time later', async () => {
  const { clock, flow, pace } = rig();
  // Half a minute was held back; a frame comes to it every 60 ms.
  let waiting = 500;
  for (let frame = 0; frame < 2000; frame++) {
    waiting++;
    while (waiting > 0 && flow.at(-1) !== 'pause') {
      waiting--;
      pace.took(frameUs);
    }
    await clock.advance(frameUs);
  }
  expect(waiting).toBe(0);
  expect(flow.length).toBeGreaterThan(2);
});

test('a board whose clock is fast is never held up', async () => {
  const { clock, flow, pace } = rig();
  for (let frame = 0; frame < 20_000; frame++) {
    pace.took(frameUs);
    await clock.advance(frameUs * 0.999);
  }
  expect(flow).toEqual([]);
});

test('nothing is resumed that has been closed', async () => {
  const { clock, flow, pace } = rig();
  for (let frame = 0; frame < 134; frame++) pace.took(frameUs);
  pace.close();
  await clock.advance(60_000_000);
  expect(flow).toEqual(['pause']);
});
