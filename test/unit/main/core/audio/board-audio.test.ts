import { describe, expect, test } from 'vitest';
import { BoardAudio } from '../../../../../main/core/audio/board-audio.ts';
import type { SourceEvents } from '../../../../../main/core/audio/source.ts';
import type { LiveAudioChoice, LiveAudioState } from '../../../../../preload/contract/audio.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const MS = 1000;
const loud = new Int16Array(320).fill(10_000);
const silence = new Int16Array(320);

async function bench(choice: Partial<LiveAudioChoice> = {}) {
  const clock = new VirtualClock();
  const states: LiveAudioState[] = [];
  const played: (number | 'hush')[] = [];
  let events: SourceEvents | null = null;
  const audio = await BoardAudio.open({
    clock,
    name: 'board',
    choice: { source: 'host', mode: 'open', ...choice },
    async open(given) {
      events = given;
      return { play: (pcm) => played.push(pcm.length), hush: () => played.push('hush'), close: async () => {} };
    },
    onState: (state) => states.push(state),
  });
  const heard: Int16Array[] = [];
  audio.listen((pcm) => heard.push(pcm));
  const source = events as unknown as SourceEvents;
  return { clock, audio, states, played, heard, source };
}

describe('what a real microphone sends up', () => {
  test('in half duplex nothing but silence while the speaker plays and the room still rings', async () => {
    const { clock, audio, heard, source } = await bench();
    source.onCaptured(loud);
    audio.play(new Int16Array(1600)); // 100 ms
    source.onCaptured(loud);
    await clock.advance(399 * MS);
    source.onCaptured(loud);
    await clock.advance(2 * MS);
    source.onCaptured(loud);
    expect(heard).toEqual([loud, silence, silence, loud]);
    await audio.close();
  });

  test('with headphones, and in a browser that cancels echo, everything', async () => {
    for (const choice of [{ duplex: 'full' }, { source: 'browser' }] as const) {
      const { audio, heard, source } = await bench(choice);
      audio.play(new Int16Array(1600));
      source.onCaptured(loud);
      expect(heard).toEqual([loud]);
      await audio.close();
    }
  });

  test('by push-to-talk only while the button is held; the speaker is silent meanwhile', async () => {
    const { audio, heard, played, source } = await bench({ mode: 'push-to-talk' });
    source.onCaptured(loud);
    audio.play(silence);
    audio.press(true);
    audio.play(silence); // of the old answer: dropped, not played late
    source.onCaptured(loud);
    audio.press(false);
    source.onCaptured(loud);
    expect(heard).toEqual([silence, loud, silence]);
    expect(played).toEqual([320, 'hush']);
    await audio.close();
  });
});

describe('what is told of it', () => {
  test('levels ten times a second, and nothing while nothing changes', async () => {
    const { clock, audio, states, source } = await bench();
    source.onCaptured(loud);
    await clock.advance(100 * MS);
    expect(states.at(-1)).toMatchObject({ state: 'running', inputDb: -10, outputDb: -120 });
    await clock.advance(100 * MS);
    expect(states.at(-1)).toMatchObject({ inputDb: -120 });
    const count = states.length;
    await clock.advance(1000 * MS);
    expect(states).toHaveLength(count);
    await audio.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('what was lost adds up, a restart says why and ends with the first sample', async () => {
    const { audio, states, source } = await bench();
    source.onDropped('output', 1600);
    source.onDropped('output', 160);
    source.onDropped('input', 320);
    source.onRestarting(new TalkError('audio/process-ended', { reason: 'exit', code: 'SIGSEGV' }));
    expect(states.at(-1)).toMatchObject({
      ...{ state: 'restarting', droppedOutputMs: 110, droppedInputMs: 20 },
      error: { code: 'audio/process-ended', data: { code: 'SIGSEGV' } },
    });
    source.onCaptured(silence);
    expect(states.at(-1)).toMatchObject({ state: 'running', error: null });
    await audio.close();
    expect(states.at(-1)).toMatchObject({ state: 'closed' });
  });
});
