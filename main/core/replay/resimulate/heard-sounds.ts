import type { HeardSound } from './remembered-vad.ts';

/** Windows of Silero's 32 ms: four hours, about 20 MB. */
const MOST_WINDOWS = 450_000;

/** What detectors have heard of recordings, for whoever tries one setting after the other; the longest unused is forgotten first. */
export class HeardSounds {
  readonly #sounds = new Map<string, HeardSound>();

  /** Of these sessions. */
  of(sessionIds: readonly string[]): Record<string, HeardSound> {
    return Object.fromEntries([...this.#sounds].filter(([key]) => sessionIds.some((id) => key.startsWith(`${id} `))));
  }

  keep(sounds: Readonly<Record<string, HeardSound>>): void {
    for (const [key, sound] of Object.entries(sounds)) {
      this.#sounds.delete(key);
      this.#sounds.set(key, sound);
    }
    let windows = [...this.#sounds.values()].reduce((sum, { digests }) => sum + digests.length, 0);
    for (const [key, { digests }] of this.#sounds) {
      if (windows <= MOST_WINDOWS) return;
      windows -= digests.length;
      this.#sounds.delete(key);
    }
  }
}

export function soundKey(sessionId: string, conversationId: string, vad: string): string {
  return `${sessionId} ${conversationId} ${vad}`;
}
