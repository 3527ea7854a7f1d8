import { parentPort } from 'node:worker_threads';
import { serveThread } from '../../threads/end-thread.ts';
import { type Decoder, openDecoder, type Profile } from './pocketsphinx-library.ts';

/** One decoder in one thread. Messages are of the utterance started last; a start ends an unfinished one. */
export type DecoderRequest =
  | { kind: 'start'; utterance: number; profile: Profile }
  | { kind: 'audio'; pcm: Int16Array }
  | { kind: 'finish' };

export type DecoderReply =
  | { kind: 'partial'; utterance: number; text: string }
  | { kind: 'final'; utterance: number; text: string }
  | { kind: 'failed'; utterance: number; reason: string };

const FEED_SAMPLES = 320;
/** A hypothesis costs a walk back through the search: asked for every 100 ms of audio. */
const PARTIAL_SAMPLES = 1600;

let decoder: Decoder | undefined;
let utterance = 0;
let isOpen = false;
let lastPartial = '';
let sincePartial = 0;

function handle(request: DecoderRequest): void {
  switch (request.kind) {
    case 'start':
      utterance = request.utterance;
      decoder ??= openDecoder(request.profile);
      if (isOpen) decoder.endUtterance();
      decoder.startUtterance();
      isOpen = true;
      lastPartial = '';
      sincePartial = 0;
      return;
    case 'audio':
      if (isOpen) feed(request.pcm);
      return;
    case 'finish':
      if (!decoder || !isOpen) return;
      decoder.endUtterance();
      isOpen = false;
      reply({ kind: 'final', utterance, text: decoder.hypothesis() });
      return;
  }
}

function feed(pcm: Int16Array): void {
  for (let at = 0; at < pcm.length; at += FEED_SAMPLES) decoder?.process(pcm.slice(at, at + FEED_SAMPLES));
  sincePartial += pcm.length;
  if (sincePartial < PARTIAL_SAMPLES) return;
  sincePartial = 0;
  const text = decoder?.hypothesis() ?? '';
  if (text === lastPartial) return;
  lastPartial = text;
  reply({ kind: 'partial', utterance, text });
}

function reply(message: DecoderReply): void {
  parentPort?.postMessage(message);
}

serveThread<DecoderRequest>((request) => {
  try {
    handle(request);
  } catch (error) {
    isOpen = false;
    reply({ kind: 'failed', utterance, reason: error instanceof Error ? error.message : String(error) });
  }
});
