import { describe, expect, test } from 'vitest';
import { scriptedSound } from '../../../../../pipeline/engines/scripted/sound.ts';
import { createScriptedStt, scriptedSttConfig } from '../../../../../pipeline/engines/scripted/stt.ts';
import { createScriptedTts, scriptedTtsConfig } from '../../../../../pipeline/engines/scripted/tts.ts';
import { ScriptedUser } from '../../../../../pipeline/engines/scripted/user.ts';
import { createScriptedVad } from '../../../../../pipeline/engines/scripted/vad.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const signal = () => new AbortController().signal;

describe('the scripted user and recogniser', () => {
  test('hear what is said while the stream is open: growing partials, the final after its delay, each word once', async () => {
    const clock = new VirtualClock();
    const user = new ScriptedUser(clock);
    const stt = createScriptedStt(user, clock, scriptedSttConfig.parse({ finalMs: 80 }));
    user.begins('现在几点', 800);
    await clock.advance(150_000);
    const partials: string[] = [];
    const stream = await stt.open({ language: 'zh', signal: signal(), onPartial: (text) => partials.push(text) });
    for (let sent = 0; sent < 8; sent += 1) {
      await clock.advance(100_000);
      stream.write(new Int16Array(1600));
    }
    expect(partials).toEqual(['现', '现在', '现在几', '现在几点']);
    const finished = stream.finish();
    const fromUs = clock.nowUs();
    let finalUs = 0;
    void finished.then(() => (finalUs = clock.nowUs()));
    await clock.runUntilIdle();
    expect(await finished).toEqual({ text: '现在几点' });
    expect(finalUs - fromUs).toBe(80_000);
    const next = await stt.open({ language: 'zh', signal: signal() });
    const nothing = next.finish();
    await clock.runUntilIdle();
    expect(await nothing).toEqual({ text: '' });
  });

  test('words of other letters are whole, and what was over before the stream opened is not heard', async () => {
    const clock = new VirtualClock();
    const user = new ScriptedUser(clock);
    user.begins('what time', 400);
    await clock.advance(1_500_000);
    user.begins('is it, now?', 600);
    const openedUs = clock.nowUs();
    await clock.advance(400_000);
    expect(user.heardSince(openedUs, false)).toBe('is it,');
    await clock.advance(200_000);
    expect(user.heardSince(openedUs, true)).toBe('is it, now?');
  });
});

test('the scripted voice is speech to the scripted detector, from its first window to its last, and silence is not', async () => {
  const stream = await createScriptedVad().open();
  const sound = scriptedSound(1000, 16_000);
  for (let at = 0; at + 512 <= sound.length; at += 512) expect(await stream.process(sound.subarray(at, at + 512))).toBeGreaterThan(0.9);
  expect(await stream.process(new Int16Array(512))).toBeLessThan(0.1);
});

test('the scripted synthesiser keeps its stated delays and fails the requests it was told to', async () => {
  const clock = new VirtualClock();
  const config = scriptedTtsConfig.parse({
    headersMs: 30,
    firstAudioMs: 100,
    msPerCharacter: 100,
    fail: [{ request: 2, as: 'rate-limited' }],
  });
  const tts = createScriptedTts(clock, config);
  async function said(): Promise<{ kind: string; atMs: number; samples: number }[]> {
    const startedUs = clock.nowUs();
    const events: { kind: string; atMs: number; samples: number }[] = [];
    for await (const event of tts.synthesize({ text: '你好', language: 'zh' }, signal()))
      events.push({ kind: event.kind, atMs: (clock.nowUs() - startedUs) / 1000, samples: event.kind === 'audio' ? event.pcm.length : 0 });
    return events;
  }
  const first = said();
  await clock.runUntilIdle();
  expect(await first).toEqual([
    { kind: 'headers', atMs: 30, samples: 0 },
    { kind: 'audio', atMs: 100, samples: 1600 },
    { kind: 'audio', atMs: 110, samples: 1600 },
  ]);
  const second = expect(said()).rejects.toMatchObject({ code: 'engine/rate-limited' });
  await clock.runUntilIdle();
  await second;
});
