import { afterEach, expect, test } from 'vitest';
import { createMeasuresThread, measuredAside } from '../../../../../../main/core/checks/audio/measures-thread.ts';
import { speechLevel } from '../../../../../../main/core/checks/audio/speech-level.ts';
import { sine } from '../../../../../fakes/synthetic-sound.ts';

const thread = createMeasuresThread();
const never = new AbortController().signal;
afterEach(() => thread.close());

test('what a thread measures is what is measured here; what it refuses is refused with its code; who waits no longer is not answered', async () => {
  const sound = sine(1000, 16_000, -20);
  const measures = thread.measures(never);
  const [level, refused, noise] = await Promise.allSettled([
    measures.speechLevel(sound),
    measures.opusFileFacts(new Uint8Array(0)),
    measures.noiseOf(sound),
  ]);
  expect(level).toEqual({ status: 'fulfilled', value: speechLevel(sound) });
  expect(refused).toMatchObject({ status: 'rejected', reason: { value: { code: 'check/bad-opus', data: { reason: 'empty' } } } });
  expect(noise).toMatchObject({ status: 'fulfilled' });
  const stop = new AbortController();
  const stopped = thread.measures(stop.signal).speechLevel(sound);
  stop.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
  await thread.close();
  await expect(measures.speechLevel(sound)).rejects.toThrow('closed');
  expect(await measuredAside(never, (own) => own.speechLevel(sound))).toEqual(speechLevel(sound));
});
