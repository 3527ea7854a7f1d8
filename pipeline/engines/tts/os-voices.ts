import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { decodeWav } from '../../audio/wav.ts';
import type { EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import type { TtsEngine, TtsEvent, TtsVoice } from './engine.ts';
import { runProgram } from './os-program.ts';
import { sapiProgram } from './os-sapi.ts';
import { sayProgram } from './os-say.ts';

/** A program of the system that speaks. No word of the text ever stands in a command line. */
export interface OsProgram {
  name: string;
  listing: { args: readonly string[]; input: string };
  voicesIn(output: string): TtsVoice[];
  /** Writes a WAV to `path`. `voice` is one of the listed; `speed` is 1 for its own. */
  speaking(request: { text: string; voice: string; speed: number; path: string }): { args: readonly string[]; input: string };
}

export interface OsVoicesOptions {
  platform?: NodeJS.Platform;
  environment?: NodeJS.ProcessEnv;
}

/**
 * The voices of macOS (`say`) and Windows (SAPI), a process a sentence. They make a whole sentence before the first sample is there. Linux
 * has none of its own: speech-dispatcher gives no samples.
 */
export function createOsTts({ id, config }: EngineCreation, options: OsVoicesOptions = {}): Pick<TtsEngine, 'synthesize' | 'voices'> {
  const { platform = process.platform, environment = process.env } = options;
  const service: ServiceName = { stage: 'tts', engine: id };
  const program = platform === 'darwin' ? sayProgram : platform === 'win32' ? sapiProgram : null;
  let known: readonly TtsVoice[] = [];
  let listing: Promise<readonly TtsVoice[]> | null = null;

  async function list(signal: AbortSignal): Promise<readonly TtsVoice[]> {
    if (program === null) throw new TalkError('engine/unavailable', { ...service, missing: 'macOS say, Windows SAPI' });
    const { args, input } = program.listing;
    known = program.voicesIn(await runProgram({ service, program: program.name, args, input, environment, signal }));
    return known;
  }

  /** Asked again after a failure: a voice may have been installed meanwhile. */
  function voices(): Promise<readonly TtsVoice[]> {
    listing ??= list(new AbortController().signal).catch((error: unknown) => {
      listing = null;
      throw error;
    });
    return listing;
  }

  function chosen(among: readonly TtsVoice[], language: string, wanted: string | undefined): TtsVoice {
    const named = [wanted, String(config.voice ?? '')].flatMap((name) => among.filter((voice) => voice.id === name));
    const voice = named[0] ?? among.find((candidate) => candidate.language === language) ?? among[0];
    if (voice === undefined) throw new TalkError('engine/unavailable', { ...service, missing: `${language} voice` });
    return voice;
  }

  return {
    /** Those that are known; the first to ask makes them known. */
    voices() {
      voices().catch(() => {}); // said by whoever wants to speak
      return known;
    },
    async *synthesize({ text, language, voice, speed = 1 }, signal): AsyncIterable<TtsEvent> {
      const { id: name } = chosen(await voices(), language, voice);
      signal.throwIfAborted();
      if (program === null || text.trim() === '') return;
      const path = join(tmpdir(), `talkbench-${randomUUID()}.wav`);
      try {
        const { args, input } = program.speaking({ text, voice: name, speed, path });
        await runProgram({ service, program: program.name, args, input, environment, signal });
        const { channels, sampleRate } = decodeWav(await readFile(path));
        yield { kind: 'audio', pcm: channels[0] ?? new Int16Array(0), sampleRate };
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}
