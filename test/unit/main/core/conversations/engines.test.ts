import { describe, expect, test } from 'vitest';
import { createChosenEngines } from '../../../../../main/core/conversations/engines.ts';
import type { EngineCatalogue } from '../../../../../pipeline/engines/catalogue.ts';
import type { ProfileEngines } from '../../../../../pipeline/engines/profiles.ts';
import type { SttEngine } from '../../../../../pipeline/engines/stt/engine.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad } from '../../../../fakes/engines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const clock = new VirtualClock();
const signal = new AbortController().signal;
const auto = { vad: 'auto', stt: 'auto', llm: 'scripted', tts: 'auto' };
const scripted = Object.assign(new FakeLlm(clock), { id: 'scripted' });
const noProfiles: ProfileEngines = {
  llm: () => undefined,
  stt: () => undefined,
  tts: () => undefined,
  refresh: () => {},
  close: async () => {},
};

/** A catalogue whose recognisers are found when the test says so. */
function bench() {
  const asked: { language: string | undefined; found: PromiseWithResolvers<SttEngine> }[] = [];
  const catalogue = {
    vad: async () => new FakeVad(),
    tts: async () => new FakeTts(clock),
    stt: (_id: string, language?: string) => {
      const found = Promise.withResolvers<SttEngine>();
      asked.push({ language, found });
      return found.promise;
    },
  } as unknown as EngineCatalogue;
  return { asked, chosen: createChosenEngines({ catalogue, scripted, profiles: noProfiles, profileChoices: () => [] }) };
}

describe('the engines of a conversation', () => {
  test('are there at once; what is not known yet is found out when it is used', async () => {
    const { asked, chosen } = bench();
    const { stt } = chosen.for('zh', auto);
    let isOpen = false;
    const opening = stt.open({ language: 'zh', signal }).then(() => {
      isOpen = true;
    });
    await clock.settle();
    expect(isOpen).toBe(false);
    asked[0]?.found.resolve(new FakeStt(clock));
    await opening;
    // From then on it is the engine itself, by its own name.
    expect(chosen.for('zh', auto).stt.id).toBe('fake-stt');
    expect(asked).toHaveLength(1);
  });

  test('one that cannot run says so each time it is used, and is looked for again: it may have been installed since', async () => {
    const { asked, chosen } = bench();
    const { stt } = chosen.for('zh', auto);
    asked[0]?.found.reject(new TalkError('engine/unavailable', { stage: 'stt', engine: 'auto', missing: 'x' }));
    await expect(stt.open({ language: 'zh', signal })).rejects.toMatchObject({ code: 'engine/unavailable' });
    const again = chosen.for('zh', auto).stt;
    asked[1]?.found.resolve(new FakeStt(clock));
    await expect(again.open({ language: 'zh', signal })).resolves.toBeDefined();
  });

  test('are others for other settings and languages, and the same for the same', async () => {
    const { asked, chosen } = bench();
    expect(chosen.for('zh', auto).stt).toBe(chosen.for('zh', auto).stt);
    chosen.for('en', auto);
    chosen.for('zh', { ...auto, stt: 'phrase' });
    expect(asked.map(({ language }) => language)).toEqual(['zh', 'en', 'zh']);
    expect(chosen.for('zh', auto).llm.id).toBe('scripted');
  });

  test('a profile goes before an embedded engine, and one that cannot be made fails when it is used', async () => {
    const profile = new FakeTts(clock);
    const broken = new TalkError('engine/unavailable', { stage: 'llm', engine: 'mine', missing: 'kind' });
    const chosen = createChosenEngines({
      catalogue: {
        vad: async () => new FakeVad(),
        stt: async () => new FakeStt(clock),
        tts: async () => new FakeTts(clock),
      } as unknown as EngineCatalogue,
      scripted,
      profiles: {
        ...noProfiles,
        tts: (id) => (id === 'mine' ? profile : undefined),
        llm: () => {
          throw broken;
        },
      },
      profileChoices: () => [],
    });
    const { tts, llm } = chosen.for('zh', { ...auto, tts: 'mine', llm: 'mine' });
    expect(tts).toBe(profile);
    await expect(Array.fromAsync(llm.respond({ model: '', language: 'zh', messages: [], tools: [] }, signal))).rejects.toBe(broken);
  });

  test('Smart Turn is asked where the settings say so, and nowhere else', () => {
    const smartTurn = { id: 'smart-turn', audioMs: 8000, judge: () => ({ probability: 1, reason: 'heard' }) };
    const catalogue = {
      vad: async () => new FakeVad(),
      stt: async () => new FakeStt(clock),
      tts: async () => new FakeTts(clock),
    } as unknown as EngineCatalogue;
    const chosen = createChosenEngines({ catalogue, scripted, profiles: noProfiles, profileChoices: () => [], smartTurn });
    expect(chosen.for('zh', { ...auto, turnEnd: 'smart-turn' }).completeness).toBe(smartTurn);
    expect(chosen.for('zh', { ...auto, turnEnd: 'rules' }).completeness).toBeUndefined();
    expect(chosen.for('zh', auto).completeness).toBeUndefined();
  });
});
