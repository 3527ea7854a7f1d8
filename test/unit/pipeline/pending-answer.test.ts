import { expect, test, vi } from 'vitest';
import { pendingAnswer } from '../../../pipeline/pending-answer.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

function asked(signal?: AbortSignal) {
  const clock = new VirtualClock();
  const onEnd = vi.fn<() => void>();
  const pending = pendingAnswer<string>({ clock, name: 'light.on', timeoutMs: 500, signal, onEnd });
  return { clock, onEnd, pending };
}

test('an answer ends it, and nothing does so twice', async () => {
  const abort = new AbortController();
  const { clock, onEnd, pending } = asked(abort.signal);
  pending.resolve('done');
  abort.abort(new Error('too late'));
  await clock.advance(1_000_000);
  expect(await pending.answer).toBe('done');
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('nobody answers: it is named, with the time it had', async () => {
  const { clock, onEnd, pending } = asked();
  const failed = expect(pending.answer).rejects.toMatchObject({
    code: 'tool/timeout',
    value: { data: { name: 'light.on', timeoutMs: 500 } },
  });
  await clock.advance(501_000);
  await failed;
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('whoever asked gives up: with their reason', async () => {
  const abort = new AbortController();
  const { onEnd, pending } = asked(abort.signal);
  abort.abort(new Error('interrupted'));
  await expect(pending.answer).rejects.toThrow('interrupted');
  expect(onEnd).toHaveBeenCalledTimes(1);
});
