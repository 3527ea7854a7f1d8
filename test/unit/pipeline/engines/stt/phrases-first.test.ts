import { expect, test, vi } from 'vitest';
import type { SttEngine, SttResult } from '../../../../../pipeline/engines/stt/engine.ts';
import { phrasesFirst } from '../../../../../pipeline/engines/stt/phrases-first.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';

function engine(id: string, finish: () => Promise<SttResult>, isLearning = false): SttEngine & { heard: number } {
  const fake = {
    id,
    languages: ['en'],
    heard: 0,
    async open() {
      return {
        write: (pcm: Int16Array) => {
          fake.heard += pcm.length;
        },
        finish,
        isLearning: () => isLearning,
        close: () => {},
      };
    },
  };
  return fake;
}

const never = () => new Promise<SttResult>(() => {});
const says = (text: string) => async () => ({ text });

async function result(phrases: SttEngine, open: SttEngine): Promise<string> {
  const stream = await phrasesFirst(phrases, open).open({ language: 'en', signal: new AbortController().signal });
  stream.write(new Int16Array(160));
  return (await stream.finish()).text;
}

test('an accepted phrase is the answer without waiting for the open recogniser', async () => {
  expect(await result(engine('phrase', says('set the volume to fifty')), engine('open', never))).toBe('set the volume to fifty');
});

test('a rejected utterance is what the open recogniser heard', async () => {
  expect(await result(engine('phrase', says('')), engine('open', says('something else')))).toBe('something else');
});

test('phrases still being learnt do not hold the answer up', async () => {
  expect(await result(engine('phrase', never, true), engine('open', says('open')))).toBe('open');
});

test('on a busy machine a known phrase is the answer although the open recogniser had one sooner', async () => {
  const later = () => new Promise<SttResult>((resolve) => setImmediate(() => resolve({ text: 'set the volume to fifty' })));
  expect(await result(engine('phrase', later), engine('open', says('set the volume two fifty')))).toBe('set the volume to fifty');
});

test('a matcher that hangs holds the answer up for a second, no longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const answer = result(engine('phrase', never), engine('open', says('open')));
    await vi.advanceTimersByTimeAsync(999);
    expect(await Promise.race([answer, Promise.resolve('waiting')])).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toBe('open');
  } finally {
    vi.useRealTimers();
  }
});

test('a matcher that fails is as one that rejects', async () => {
  const failing: SttEngine = { id: 'phrase', languages: ['en'], open: () => Promise.reject(new Error('no worker')) };
  expect(await result(failing, engine('open', says('open')))).toBe('open');
  expect(
    await result(
      engine('phrase', () => Promise.reject(new Error('lost'))),
      engine('open', says('open')),
    ),
  ).toBe('open');
});

test('with every decoder of the open recogniser taken, phrases are still recognised', async () => {
  const taken = new TalkError('engine/rate-limited', { stage: 'stt', engine: 'open' });
  const full: SttEngine = { id: 'open', languages: ['en'], open: () => Promise.reject(taken) };
  expect(await result(engine('phrase', says('hello')), full)).toBe('hello');
  await expect(result(engine('phrase', says('')), full)).rejects.toBe(taken);
  await expect(result({ ...full, id: 'phrase' }, full)).rejects.toBe(taken);
});

test('an open recogniser that is lost on the way leaves the phrase', async () => {
  const lost = new TalkError('engine/failed', { stage: 'stt', engine: 'open' });
  const open = engine('open', () => Promise.reject(lost));
  const later = () => new Promise<SttResult>((resolve) => setImmediate(() => resolve({ text: 'hello' })));
  expect(await result(engine('phrase', later), open)).toBe('hello');
  await expect(result(engine('phrase', says('')), open)).rejects.toBe(lost);
});

test('both hear everything', async () => {
  const [phrases, open] = [engine('phrase', says('')), engine('open', says('x'))];
  await result(phrases, open);
  expect([phrases.heard, open.heard]).toEqual([160, 160]);
});
