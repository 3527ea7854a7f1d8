import { decodeOpus } from './decode.ts';
import { type OpusFacts, opusFacts } from './opus-facts.ts';
import { type OpusFile, readOpusFile } from './opus-file.ts';
import { type SpeechSpectrum, speechSpectrum } from './spectrum.ts';
import { type SpeechLevel, speechLevel } from './speech-level.ts';

export interface OpusFileFacts {
  file: Omit<OpusFile, 'packets'>;
  facts: OpusFacts | null;
  undecodable: number;
  level: SpeechLevel;
  spectrum: SpeechSpectrum;
  pcm: Int16Array;
}

/** Throws TalkError 'check/bad-opus' {reason}, 'engine/unavailable' where Opus cannot run. */
export function opusFileFacts(data: Uint8Array): OpusFileFacts {
  const { packets, ...file } = readOpusFile(data);
  const { pcm, undecodable } = decodeOpus(packets);
  return { file, facts: opusFacts(packets), undecodable, level: speechLevel(pcm), spectrum: speechSpectrum(pcm, null), pcm };
}
