import { expect, test } from 'vitest';
import type { SttEngine, SttResult } from '../../../../../pipeline/engines/stt/engine.ts';
import { phrasesFirst } from '../../../../../pipeline/engines/stt/phrases-first.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';

function engine(id: string, finish: () => Promise<SttResult>): SttEngine & { heard: number } {
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
  expect(await result(engine('phrase', never), engine('open', says('open')))).toBe('open');
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
