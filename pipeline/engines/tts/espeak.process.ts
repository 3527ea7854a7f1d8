import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { blockKinds, type EspeakRequest, encodeBlock } from './espeak-blocks.ts';

/**
 * The whole of a process that speaks with the npm build of eSpeak NG, whose licence (GPL-3) keeps it out of ours. Takes
 * one JSON request a line on standard input, answers with blocks, and ends when its input does. The first argument is
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

/** Blocking on purpose: a sentence's first samples leave while the rest is being made. */
function send(kind: number, body: Uint8Array): void {
  const block = encodeBlock(kind, body);
  for (let at = 0; at < block.length; ) at += writeSync(1, block, at);
}

async function serve(packageUrl: string): Promise<void> {
  const { default: create } = (await import(packageUrl)) as EspeakModule;
  const { eSpeakNGWorker: Worker } = await create();
  const speaker = new Worker();
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const request = JSON.parse(line) as EspeakRequest;
      speaker.set_voice(request.voice);
      speaker.set_rate(request.rate);
      speaker.synthesize(request.text, (pcm) => {
        send(blockKinds.audio, new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength));
        return false;
      });
      send(blockKinds.done, new Uint8Array(0));
    } catch (error) {
      send(blockKinds.failed, Buffer.from(String(error)));
    }
  }
}

const [, , packageUrl] = process.argv;
if (packageUrl === undefined) throw new Error('usage: espeak.process <package file URL>');
await serve(packageUrl);
