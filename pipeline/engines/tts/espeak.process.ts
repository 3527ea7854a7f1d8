import { parentProcess } from '../../parent-process.ts';
import type { EspeakAnswer, EspeakRequest } from './espeak-messages.ts';

/**
 * The whole of a process that speaks with the npm build of eSpeak NG, whose licence (GPL-3) keeps it out of ours. The first argument is
 * the file URL of the package.
 */
interface Speaker {
  set_voice(name: string): number;
  set_rate(wordsPerMinute: number): void;
  /** Synchronous; the callback stops it by returning true. */
  synthesize(text: string, onAudio: (pcm: Int16Array) => boolean): void;
}

interface EspeakModule {
  default: () => Promise<{ eSpeakNGWorker: new () => Speaker }>;
}

const [, , packageUrl] = process.argv;
if (packageUrl === undefined) throw new Error('usage: espeak.process <package file URL>');
const parent = parentProcess<EspeakRequest, EspeakAnswer>();
const { default: create } = (await import(packageUrl)) as EspeakModule;
const { eSpeakNGWorker: Worker } = await create();
const speaker = new Worker();
parent.onMessage(({ voice, rate, text }) => {
  try {
    speaker.set_voice(voice);
    speaker.set_rate(rate);
    speaker.synthesize(text, (pcm) => {
      parent.send({ kind: 'audio', pcm: pcm.slice() }); // the library's own memory is written to again
      return false;
    });
    parent.send({ kind: 'done' });
  } catch (error) {
    parent.send({ kind: 'failed', reason: String(error) });
  }
});
