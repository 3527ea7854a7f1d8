import { beforeEach, describe, expect, test } from 'vitest';
import type { Closable, SttKind, TtsKind } from '../../../../pipeline/engines/kind.ts';
import { createProfileEngines, type ProfileEngines, type ReadyProfile } from '../../../../pipeline/engines/profiles.ts';
import type { TtsEngine } from '../../../../pipeline/engines/tts/engine.ts';
import { FakeStt, FakeTts } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const clock = new VirtualClock();
const base = { title: 'Fake', languages: ['zh'], fields: [], presets: [], spellings: {} };
let made: { id: string; config: unknown; isClosed: boolean }[];
let profile: ReadyProfile | undefined;
let engines: ProfileEngines;

function closable<Engine>(engine: Engine, creation: { id: string; config: unknown }): Engine & Closable {
  const entry = { id: creation.id, config: creation.config, isClosed: false };
  made.push(entry);
  return Object.assign(engine as object, {
    close: async () => {
      entry.isClosed = true;
    },
  }) as Engine & Closable;
}

const tts: TtsKind = { ...base, stage: 'tts', kind: 'fake', create: (creation) => closable(new FakeTts(clock, { ttfbMs: 10 }), creation) };
const stt: SttKind = { ...base, stage: 'stt', kind: 'fake', create: (creation) => closable(new FakeStt(clock), creation) };

beforeEach(() => {
  made = [];
  profile = { id: 'voice', stage: 'tts', kind: 'fake', config: { model: 1 } };
  engines = createProfileEngines({
    kinds: { llm: [], stt: [stt], tts: [tts] },
    profile: (id) => (id === profile?.id ? profile : undefined),
    clock,
  });
});

const say = (engine: TtsEngine | undefined) =>
  engine?.synthesize({ text: '你好', language: 'zh' }, new AbortController().signal)[Symbol.asyncIterator]() as AsyncIterator<unknown>;

async function whole(events: AsyncIterator<unknown>): Promise<void> {
  const ended = (async () => {
    while (!(await events.next()).done);
  })();
  await clock.runUntilIdle();
  await ended;
}

function change(config: Record<string, unknown>): void {
  profile = { id: 'voice', stage: 'tts', kind: 'fake', config };
  engines.refresh();
}

describe('engines of profiles', () => {
  test('an engine is made when it is first used, once for a profile as it is', async () => {
    const engine = engines.tts('voice');
    expect(engine?.id).toBe('voice');
    expect(made).toEqual([]);
    await whole(say(engine));
    await whole(say(engines.tts('voice')));
    expect(made).toEqual([{ id: 'voice', config: { model: 1 }, isClosed: false }]);
  });

  test('a changed profile is a new engine for who asks next; the old one ends what it says and is then closed', async () => {
    const before = engines.tts('voice');
    const speaking = say(before);
    const first = speaking.next();
    await clock.advance(20_000);
    await first;
    change({ model: 2 });
    expect(engines.tts('voice')).not.toBe(before);
    expect(made[0]?.isClosed).toBe(false);
    await whole(speaking);
    expect(made[0]?.isClosed).toBe(true);
    await whole(say(engines.tts('voice')));
    expect(made[1]).toEqual({ id: 'voice', config: { model: 2 }, isClosed: false });
  });

  test('a turn that kept the old engine says its further sentences with it', async () => {
    const before = engines.tts('voice');
    await whole(say(before));
    change({ model: 2 });
    expect(made.map(({ isClosed }) => isClosed)).toEqual([true]);
    await whole(say(before));
    expect(made.map(({ config, isClosed }) => ({ config, isClosed }))).toEqual([
      { config: { model: 1 }, isClosed: true },
      { config: { model: 1 }, isClosed: true },
    ]);
  });

  test('warming makes the engine ready without holding it; one that was replaced meanwhile is not made again for that', async () => {
    const engine = engines.tts('voice');
    engine?.warm?.({ language: 'zh' });
    expect(made).toMatchObject([{ isClosed: false }]);
    change({ model: 2 });
    expect(made).toMatchObject([{ isClosed: true }]);
    engine?.warm?.({ language: 'zh' });
    expect(made).toHaveLength(1);
  });

  test('a removed profile has no engine, and neither has one of another stage', () => {
    expect(engines.stt('voice')).toBeUndefined();
    profile = undefined;
    engines.refresh();
    expect(engines.tts('voice')).toBeUndefined();
  });

  test('a recogniser that is replaced is closed after the stream that listens', async () => {
    profile = { id: 'ear', stage: 'stt', kind: 'fake', config: {} };
    const stream = await engines.stt('ear')?.open({ language: 'zh', signal: new AbortController().signal });
    profile = undefined;
    engines.refresh();
    expect(made[0]?.isClosed).toBe(false);
    stream?.close();
    stream?.close();
    expect(made[0]?.isClosed).toBe(true);
  });

  test('a kind that this version does not have is said when the engine is asked for', () => {
    profile = { id: 'voice', stage: 'tts', kind: 'gone', config: {} };
    expect(() => engines.tts('voice')).toThrow(
      expect.objectContaining({
        code: 'engine/unavailable',
        value: expect.objectContaining({ data: { stage: 'tts', engine: 'voice', missing: 'gone' } }),
      }),
    );
  });

  test('close ends what was made', async () => {
    await whole(say(engines.tts('voice')));
    await engines.close();
    expect(made[0]?.isClosed).toBe(true);
  });
});
