import { expect, test } from 'vitest';
import { createLiveAudios } from '../../../../../main/core/audio/audio.ts';
import type { StreamDelta } from '../../../../../preload/contract/index.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const context = { signal: new AbortController().signal, role: 'operator' } as const;

test('a browser’s samples go up, what is played goes down to it, and what it could not send is counted', async () => {
  const clock = new VirtualClock();
  const audios = createLiveAudios({ clock });
  const audio = await audios.open('page', { source: 'browser', mode: 'open' });
  const heard: number[] = [];
  audio.listen((pcm) => heard.push(...pcm));
  const played: StreamDelta<'audio.playback'>[] = [];
  const playback = audios.streams['audio.playback']({ name: 'page' });
  playback.topic.listen((delta) => played.push(delta));

  // At an odd place of a bigger message, as it comes out of a socket.
  const message = new Uint8Array(7);
  message.set(new Uint8Array(Int16Array.of(1, -2, 3).buffer), 1);
  await audios.calls['audio.capture']({ name: 'page', pcm: message.subarray(1), droppedMs: 40 }, context);
  audio.play(Int16Array.of(5, 6));
  audio.hush();

  expect(heard).toEqual([1, -2, 3]);
  expect(audio.state).toMatchObject({ state: 'running', droppedInputMs: 40 });
  expect(played).toEqual([{ kind: 'pcm', pcm: new Uint8Array([5, 0, 6, 0]) }, { kind: 'hush' }]);

  await audio.close();
  expect(audios.streams['audio.state']({}).topic.snapshot()).toEqual([]);
  const late = audios.calls['audio.capture']({ name: 'page', pcm: message.subarray(1), droppedMs: 0 }, context);
  await expect(late).rejects.toMatchObject({ code: 'not-found' });
});
