import type { TwetalkFirmware } from '../../../../pipeline/boards/twetalk/firmware-options.ts';
import { orAborted } from '../../../../pipeline/engines/abort.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Bench, BoardVoice } from '../bench.ts';
import type { HostSound } from './host-sound.ts';

const SAMPLES_PER_US = 16_000 / 1_000_000;

export interface VoiceDeps {
  clock: Clock;
  /** 16 kHz speech of an embedded voice. */
  synthesize(text: string, language: 'zh' | 'en', signal: AbortSignal): Promise<Int16Array>;
  /** The microphone and the speaker of a board that is software; null while its firmware does not run. */
  board(): Pick<TwetalkFirmware, 'speak' | 'receivedAudio'> | null;
  host(): Promise<HostSound>;
}

type Asking = Pick<Bench, 'signal' | 'ask'>;

/** For one check. `kind` is whose microphone and loudspeaker they are. */
export function voiceOf(kind: BoardVoice['speaker'], deps: VoiceDeps, asking: Asking): BoardVoice {
  if (kind === 'board') return soundVoice('board', deps, asking.signal, boardSound(deps));
  if (kind === 'host') return soundVoice('host', deps, asking.signal, hostSound(deps, asking.signal));
  return kind === 'person' ? personVoice(deps, asking) : silentVoice;
}

/** How samples get to the board's ear, and back from its speaker. */
interface Sound {
  /** Resolves when they have been said, with when. */
  give(pcm: Int16Array): Promise<{ startUs: number; endUs: number }>;
  heard(fromUs: number): Promise<Int16Array>;
}

function soundVoice(kind: 'board' | 'host', deps: VoiceDeps, signal: AbortSignal, sound: Sound): BoardVoice {
  return {
    speaker: kind,
    ear: kind,
    async say(text) {
      const pcm = await deps.synthesize(text, /\p{Script=Han}/u.test(text) ? 'zh' : 'en', signal);
      return { pcm, ...(await orAborted(sound.give(pcm), signal)) };
    },
    sound: (pcm) => orAborted(sound.give(pcm), signal),
    async heard(fromUs) {
      return { pcm: await orAborted(sound.heard(fromUs), signal), fromUs };
    },
  };
}

function boardSound({ clock, board }: VoiceDeps): Sound {
  function running() {
    const firmware = board();
    if (firmware === null) throw new TalkError('board/not-running', {});
    return firmware;
  }
  return {
    async give(pcm) {
      await running()
        .speak(pcm)
        .catch((error: unknown) => {
          throw isTalkError(error, 'disconnected') ? new TalkError('check/board-left', {}) : error;
        });
      const endUs = clock.nowUs();
      return { startUs: Math.round(endUs - pcm.length / SAMPLES_PER_US), endUs };
    },
    async heard(fromUs) {
      const { pcm, fromUs: beganUs } = running().receivedAudio(fromUs);
      return beganUs === null ? new Int16Array(0) : placed(pcm, beganUs, fromUs);
    },
  };
}

function hostSound({ host }: VoiceDeps, signal: AbortSignal): Sound {
  return {
    give: async (pcm) => (await host()).play(pcm, signal),
    heard: async (fromUs) => (await host()).heard(fromUs),
  };
}

function personVoice({ clock }: VoiceDeps, { ask }: Asking): BoardVoice {
  return {
    speaker: 'person',
    ear: 'none',
    async say(text) {
      const startUs = clock.nowUs();
      const answer = await ask({ ask: 'say', data: { text }, kind: 'do' });
      return answer === 'done' ? { pcm: null, startUs, endUs: clock.nowUs() } : null;
    },
    sound: async () => null,
    heard: async () => null,
  };
}

const silentVoice: BoardVoice = {
  ...{ speaker: 'none', ear: 'none' },
  say: async () => null,
  sound: async () => null,
  heard: async () => null,
};

/** Samples that begin at `beganUs`, as those from `fromUs` on: silence before them where there was nothing. */
export function placed(pcm: Int16Array, beganUs: number, fromUs: number): Int16Array {
  const skipped = Math.round((fromUs - beganUs) * SAMPLES_PER_US);
  if (skipped >= 0) return pcm.slice(skipped);
  const later = new Int16Array(pcm.length - skipped);
  later.set(pcm, -skipped);
  return later;
}
