import { expect, test } from 'vitest';
import { Trace } from '../../../../../main/core/flash/trace.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const last = (trace: Trace) => trace.snapshot.lines.at(-1)?.text;

test('a protocol log keeps its newest lines, and of a job long over only its end', () => {
  const trace = new Trace(new VirtualClock());
  for (let line = 0; line < 10_000; line++) trace.sent(`line ${line}`);
  const { droppedLines, lines } = trace.snapshot;
  expect(droppedLines + lines.length).toBe(10_000);
  expect(lines.length).toBeLessThanOrEqual(6000);
  trace.shorten();
  expect(trace.snapshot.droppedLines).toBe(9800);
  expect([trace.snapshot.lines.length, last(trace)]).toEqual([200, 'line 9999']);
  trace.shorten();
  trace.note('more');
  expect([trace.snapshot.droppedLines, last(trace)]).toEqual([9800, 'more']);
});
