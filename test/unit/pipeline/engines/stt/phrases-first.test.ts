import { expect, test } from 'vitest';
import type { SttEngine, SttResult } from '../../../../../pipeline/engines/stt/engine.ts';
import { phrasesFirst } from '../../../../../pipeline/engines/stt/phrases-first.ts';

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

test('both hear everything', async () => {
  const [phrases, open] = [engine('phrase', says('')), engine('open', says('x'))];
  await result(phrases, open);
  expect([phrases.heard, open.heard]).toEqual([160, 160]);
});
