import { afterAll } from 'vitest';
import { createScriptedLlm } from '../../../pipeline/engines/llm/scripted.ts';
import type { SttEngine } from '../../../pipeline/engines/stt/engine.ts';
import { createPhraseStt } from '../../../pipeline/engines/stt/phrase.ts';
import { phrasesFirst } from '../../../pipeline/engines/stt/phrases-first.ts';
import { createPocketsphinxStt } from '../../../pipeline/engines/stt/pocketsphinx.ts';
import { createEspeakTts } from '../../../pipeline/engines/tts/espeak.ts';
import { createFliteTts } from '../../../pipeline/engines/tts/flite.ts';
import { joined, silence, spoken } from '../../unit/pipeline/engines/speech.ts';
import { type GuardCase, guardCases, noService } from './guarder.ts';
import { guardLlm } from './guarder-llm.ts';
import { guardStt } from './guarder-stt.ts';
import { guardTts } from './guarder-tts.ts';

/** For machines that have not what the engine needs: every case is left out, and says what is missing. */
function missing(what: string): Partial<Record<GuardCase, string>> {
  return Object.fromEntries(Object.keys(guardCases).map((name) => [name, `not here: ${what}`]));
}

const flite = createFliteTts();
const [espeakHere, pocketsphinxHere] = await Promise.all([createEspeakTts().isAvailable(), createPocketsphinxStt().isAvailable()]);

guardLlm({
  engine: 'scripted',
  without: noService,
  questions: [
    { text: '数到三', answer: '一，二，三。' },
    { text: 'repeat after me the bench is ready', answer: 'the bench is ready' },
  ],
  start: async (clock) => ({
    engine: createScriptedLlm({ clock, headersMs: 1, firstTokenMs: 1, tokensPerSecond: 1000 }),
    close: async () => {},
  }),
});

guardTts({
  engine: 'flite',
  without: noService,
  sentences: [
    { text: 'The bench is ready. So is the board.', language: 'en' },
    { text: 'What time is it?', language: 'en', voice: 'rms' },
  ],
  async start() {
    const engine = createFliteTts();
    return { engine, close: () => engine.close() };
  },
});

guardTts({
  engine: 'espeak',
  isVarying: true, // its consonants are noise
  without: espeakHere.ok ? noService : missing(espeakHere.missing),
  sentences: [
    { text: '测试台准备好了。', language: 'zh' },
    { text: 'What time is it?', language: 'en' },
  ],
  async start() {
    const engine = createEspeakTts();
    return { engine, close: () => engine.close() };
  },
});

/** The service's pieces do not exist, those of the microphone do: `odd chunks` runs for recognisers. */
const { 'odd chunks': _, ...noRecogniser } = noService;

async function said(text: string) {
  return { text, language: 'en', pcm: joined(silence(300), await spoken(flite, { text, language: 'en', voice: 'slt' }), silence(300)) };
}

guardStt({
  engine: 'phrase',
  without: noRecogniser,
  utterances: async () => [await said('what time is it'), await said('tell me a story')],
  async start() {
    const engine = createPhraseStt({
      phrases: () => ['what time is it', 'tell me a story', 'stop'].map((text) => ({ text, language: 'en' as const })),
      voices: [{ tts: flite, language: 'en', voice: 'slt' }],
    });
    await engine.prepare('en');
    return { engine, close: () => engine.close() };
  },
});

/** Two decoders take seconds to load: the same ones serve all cases. */
const pocketsphinx = createPocketsphinxStt();
afterAll(() => pocketsphinx.close());

async function loaded(): Promise<SttEngine> {
  const streams = await Promise.all([1, 2].map(() => pocketsphinx.open({ language: 'en', signal: new AbortController().signal })));
  await Promise.all(streams.map((stream) => stream.finish()));
  for (const stream of streams) stream.close();
  return pocketsphinx;
}

guardStt({
  engine: 'pocketsphinx',
  without: pocketsphinxHere.ok ? noRecogniser : missing(pocketsphinxHere.missing),
  utterances: async () => [await said('please turn on the lights in the living room'), await said('what time is it')],
  start: async () => ({ engine: await loaded(), close: async () => {} }),
});

guardStt({
  engine: 'phrase+pocketsphinx',
  without: pocketsphinxHere.ok ? noRecogniser : missing(pocketsphinxHere.missing),
  utterances: async () => [await said('what time is it'), await said('please turn on the lights in the living room')],
  async start() {
    const phrases = createPhraseStt({
      phrases: () => [{ text: 'what time is it', language: 'en' as const }],
      voices: [{ tts: flite, language: 'en', voice: 'slt' }],
    });
    await phrases.prepare('en');
    return { engine: phrasesFirst(phrases, await loaded()), close: () => phrases.close() };
  },
});
