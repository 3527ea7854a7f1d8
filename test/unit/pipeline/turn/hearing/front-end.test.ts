import { describe, expect, test } from 'vitest';
import { createOpusDecoder } from '../../../../../pipeline/audio/opus.ts';
import type { NoiseSuppressor } from '../../../../../pipeline/engines/noise/engine.ts';
import type { VadEngine } from '../../../../../pipeline/engines/vad/engine.ts';
import type { VoiceprintEngine } from '../../../../../pipeline/engines/voiceprint/engine.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { FakeVad, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';
import { createEarRig } from '../ear-rig.ts';
import { createRig } from '../rig.ts';

/** Halves what goes in and is 400 samples late, as a real one is; counts its streams. */
function halving(): NoiseSuppressor & { open: NoiseSuppressor['open']; streams: number; fault: Error | undefined } {
  const suppressor = {
    id: 'halving',
    streams: 0,
    fault: undefined as Error | undefined,
    async open() {
      suppressor.streams += 1;
      let held = new Int16Array(0);
      const take = (count: number) => {
        const out = held.slice(0, count).map((sample) => sample / 2);
        held = held.slice(count);
        return out;
      };
      return {
        async process(pcm: Int16Array) {
          if (suppressor.fault) throw suppressor.fault;
          held = Int16Array.from([...held, ...pcm]);
          return take(Math.max(0, held.length - 400));
        },
        flush: async () => take(held.length),
        close: () => {
          suppressor.streams -= 1;
        },
      };
    },
  };
  return suppressor;
}

const format = { codec: 'pcm', sampleRate: 16000, frameMs: 20 } as const;

function createEar(noise?: NoiseSuppressor, vad: VadEngine = new FakeVad()) {
  const clock = new VirtualClock(3_000_000);
  const rig = createEarRig({ clock, format, vad, ...(noise && { noise }) });
  const hear = async (kind: 'speech' | 'silence', ms: number) => {
    for (let at = 0; at < ms; at += 20) {
      await clock.advance(20_000);
      rig.send(kind === 'speech' ? speechPcm(20) : silencePcm(20));
    }
    await clock.settle();
  };
  return { clock, hear, ...rig };
}

describe('noise suppression', () => {
  test('comes before detector and recogniser, and speech begins and ends where it did without', async () => {
    const [plain, clean] = [createEar(), createEar(halving())];
    for (const ear of [plain, clean]) {
      await ear.hear('silence', 400);
      await ear.hear('speech', 1000);
      await ear.hear('silence', 1000);
      ear.close();
    }
    expect(clean.heard).toEqual(plain.heard);
    expect(Math.max(...clean.audio.map((part) => part.reduce((most, sample) => Math.max(most, sample), 0)))).toBe(3000);
    expect(Math.max(...plain.audio.map((part) => part.reduce((most, sample) => Math.max(most, sample), 0)))).toBe(6000);
  });

  test('is switched at an utterance’s boundary, not within it', async () => {
    const noise = halving();
    const { parts, hear, clean, audio, close } = createEar();
    await hear('silence', 600);
    await hear('speech', 300);
    parts.noise = noise;
    await hear('speech', 1500);
    expect(noise.streams).toBe(0);
    await hear('silence', 1200);
    expect(noise.streams).toBe(1);
    expect(audio.length).toBeGreaterThan(0);
    expect(clean.length).toBeGreaterThan(0);
    parts.noise = undefined;
    await hear('silence', 1000);
    expect(noise.streams).toBe(0);
    close();
  });

  test('one that fails is told once, and the noise is heard instead of nothing', async () => {
    const noise = halving();
    const { hear, heard, told, close } = createEar(noise);
    await hear('silence', 400);
    noise.fault = new Error('its thread died');
    await hear('speech', 800);
    await hear('silence', 1000);
    expect(told.errors).toEqual(['halving']);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    close();
  });

  test.each([
    ['that cannot keep up is left out, so that the user is heard', 40, 0, 0],
    ['that only took its time to begin is kept', 0, 1500, 1],
  ])('one %s', async (_what, pieceMs, firstMs, streams) => {
    const noise = halving();
    const ear = createEar();
    const wait = (ms: number) => new Promise<void>((go) => void ear.clock.at((ear.clock.nowUs() + ms * 1000) as MonoUs, go));
    let isFirst = true;
    ear.parts.noise = {
      id: 'slow',
      async open() {
        const stream = await noise.open();
        return {
          ...stream,
          async process(pcm) {
            await wait(isFirst ? firstMs : pieceMs);
            isFirst = false;
            return stream.process(pcm);
          },
        };
      },
    };
    await ear.hear('silence', 8000);
    expect(noise.streams).toBe(streams);
    await ear.hear('speech', 800);
    await ear.hear('silence', 1500);
    expect(ear.heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    ear.close();
  });

  test('both signals are recorded, in the same media time', async () => {
    const rig = await createRig({
      settings: { frontEnd: { noiseSuppression: 'rnnoise' } },
      engines: { noise: halving() },
      utterances: [{ text: '你好' }],
    });
    await rig.hear('silence', 400);
    await rig.hear('speech', 800);
    await rig.hear('silence', 1200);
    rig.conversation.close('test');
    await rig.conversation.closed;
    const wire = rig.packets.filter(({ track }) => track === 'uplink');
    const denoised = rig.packets.filter(({ track }) => track === 'uplink-denoised');
    expect(wire).toHaveLength(120);
    expect(denoised.map(({ index }) => index)).toEqual(denoised.map((_, index) => index));
    expect(denoised.map(({ mediaUs }) => mediaUs)).toEqual(denoised.map((_, index) => index * 60_000));
    expect(denoised.length).toBeGreaterThanOrEqual(38);
    // Placed by the same line as the wire's packets.
    const offset = (packet = wire[0]) => (packet ? packet.atUs - packet.durationUs - packet.mediaUs : Number.NaN);
    expect(new Set(denoised.map(offset))).toEqual(new Set([offset()]));
    const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
    expect(decoder.decode(denoised[10]?.bytes ?? new Uint8Array())).toHaveLength(960);
    decoder.close();
  });

  test('asked for where there is none, that is said once and everything is heard as it comes', async () => {
    const rig = await createRig({ settings: { frontEnd: { noiseSuppression: 'rnnoise' } }, utterances: [{ text: '你好' }] });
    await rig.hear('speech', 800);
    await rig.hear('silence', 1200);
    expect(rig.of('engine.error')).toMatchObject([{ error: { code: 'unsupported', data: { feature: 'noise suppression' } } }]);
    expect(rig.of('turn.committed')).toHaveLength(1);
  });
});

describe('the detector', () => {
  test('a window it fails on is lost, the conversation goes on, and it is told once until it works again', async () => {
    const vad = new FakeVad();
    const { hear, heard, told, close } = createEar(undefined, vad);
    await hear('silence', 400);
    vad.fault = new Error('its thread died');
    await hear('silence', 200);
    vad.fault = undefined;
    await hear('speech', 800);
    await hear('silence', 1000);
    vad.fault = new Error('again');
    await hear('silence', 200);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    expect(told.errors).toEqual(['fake-vad', 'fake-vad']);
    close();
  });

  test('an utterance in which it fails for good ends', async () => {
    const vad = new FakeVad();
    const { hear, heard, close } = createEar(undefined, vad);
    await hear('speech', 800);
    vad.fault = new Error('its thread died');
    await hear('speech', 1000);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    close();
  });

  test('another one chosen takes over between utterances', async () => {
    const { parts, hear, heard, close } = createEar();
    const other = new FakeVad();
    await hear('speech', 600);
    parts.vad = other;
    await hear('speech', 600);
    expect(other.isOpen).toBe(false);
    await hear('silence', 1500);
    expect(other.isOpen).toBe(true);
    await hear('speech', 600);
    await hear('silence', 1000);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended', 'started', 'ended']);
    close();
  });
});

describe('the recogniser is asked for', () => {
  test('candidate languages, hot words and emotion as the settings say, and what it found is told', async () => {
    const frontEnd = { languages: ['yue', 'zh', 'en'], hotWords: ['滴滴'], isEmotionDetected: true };
    const rig = await createRig({
      settings: { frontEnd },
      utterances: [{ text: '你好', emotion: 'happy', language: 'yue' }, { text: '二' }],
    });
    await rig.hear('speech', 600);
    await rig.hear('silence', 1000);
    expect(rig.stt.requests[0]).toEqual({ language: 'yue', languages: ['yue', 'zh', 'en'], hotWords: ['滴滴'], isEmotionWanted: true });
    expect(rig.of('stt.final')).toMatchObject([{ text: '你好', emotion: 'happy', language: 'yue' }]);
    rig.edit('frontEnd', { languages: [], hotWords: [], isEmotionDetected: false });
    await rig.advanceMs(3000);
    await rig.hear('speech', 600);
    await rig.hear('silence', 1000);
    expect(rig.stt.requests[1]).toEqual({ language: 'zh' });
  });
});

describe('voiceprint gate', () => {
  const gated = { settings: { frontEnd: { isVoiceprintGated: true } } };
  /** Matches as scripted, and keeps how much it heard, ms. */
  function fake(answers: (boolean | undefined | Error)[]): VoiceprintEngine & { heardMs: number[] } {
    const heardMs: number[] = [];
    return {
      id: 'fake-voiceprint',
      heardMs,
      enrol: async () => undefined,
      async matches(_device, pcm) {
        heardMs.push(pcm.length / 16);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer === undefined ? undefined : { isMatch: answer, score: answer ? 0.9 : 0.1 };
      },
    };
  }

  test('another voice is no turn, and said to be another’s', async () => {
    const rig = await createRig({ ...gated, engines: { voiceprint: fake([false, false]) }, utterances: [{ text: '打开空调' }] });
    await rig.hear('speech', 600);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.committed')).toEqual([]);
    expect(rig.of('stt.final')).toMatchObject([{ text: '打开空调', isForeignVoice: true }]);
    expect(rig.conversation.state).toBe('listening');
  });

  test('the enrolled voice, nobody enrolled, or an engine that fails: it is heard', async () => {
    for (const answer of [true, undefined, new Error('model lost')]) {
      const rig = await createRig({ ...gated, engines: { voiceprint: fake([answer]) }, utterances: [{ text: '打开空调' }] });
      await rig.hear('speech', 600);
      await rig.hear('silence', 1000);
      expect(rig.of('turn.committed')).toMatchObject([{ text: '打开空调' }]);
    }
  });

  test('another voice does not interrupt, the enrolled one does as soon as it is known', async () => {
    for (const isMatch of [false, true]) {
      const voiceprint = fake([isMatch, isMatch]);
      const rig = await createRig({
        ...gated,
        engines: { voiceprint },
        utterances: [{ text: '换一个话题' }],
        replies: [{ tokens: ['这是一个很长很长很长很长很长很长很长很长很长的故事。'] }],
      });
      rig.conversation.text('讲故事', { initiator: 'user-text', isSpoken: true });
      await rig.advanceMs(1200);
      await rig.hear('speech', 1200);
      expect(rig.of('interruption.decided')).toHaveLength(isMatch ? 1 : 0);
      expect(voiceprint.heardMs[0]).toBeGreaterThanOrEqual(1000);
      await rig.hear('silence', 1000);
      expect(rig.of('interruption.false')).toHaveLength(isMatch ? 0 : 1);
      rig.peer.assertSound();
    }
  });

  test('without an engine for it that is said once, and everybody is heard', async () => {
    const rig = await createRig({ ...gated, utterances: [{ text: '一' }, { text: '二' }] });
    for (let turn = 0; turn < 2; turn++) {
      await rig.hear('speech', 600);
      await rig.hear('silence', 2000);
    }
    expect(rig.of('engine.error')).toMatchObject([{ error: { code: 'unsupported', data: { feature: 'voiceprint' } } }]);
    expect(rig.of('turn.committed')).toHaveLength(2);
  });
});

test('a voiceprint engine that never answers keeps no turn waiting', async () => {
  const voiceprint: VoiceprintEngine = { id: 'hung', enrol: async () => undefined, matches: () => new Promise(() => undefined) };
  const rig = await createRig({
    settings: { frontEnd: { isVoiceprintGated: true } },
    engines: { voiceprint },
    utterances: [{ text: '打开空调' }],
  });
  await rig.hear('speech', 600);
  await rig.hear('silence', 4000);
  expect(rig.of('turn.committed')).toMatchObject([{ text: '打开空调' }]);
});

test('speech that the detector was behind with when a button was pressed has ended: no turn waits for it for ever', async () => {
  const { ear, uplink, hear, clock, heard } = createEar();
  await hear('speech', 800);
  ear.press(clock.nowUs(), uplink.mediaUs);
  await hear('speech', 400);
  ear.release('released');
  await clock.settle();
  expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended', 'pressed', 'released']);
});
