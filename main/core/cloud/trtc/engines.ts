import type { Engines } from '../../../../pipeline/conversation.ts';
import { filledConfig } from '../../../../pipeline/engines/config.ts';
import { llmKinds } from '../../../../pipeline/engines/llm/kinds.ts';
import { createProfileEngines, type EngineKinds, type ReadyProfile } from '../../../../pipeline/engines/profiles.ts';
import { sttKinds } from '../../../../pipeline/engines/stt/kinds.ts';
import { ttsKinds } from '../../../../pipeline/engines/tts/kinds.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { readEngineConfig } from '../../engines/read-config.ts';

type Stage = 'stt' | 'llm' | 'tts';
const kinds: EngineKinds = { llm: llmKinds, stt: sttKinds, tts: ttsKinds };

/** Engines that came with a request and live as long as its conversation: nothing of them is stored, but for their keys, to be blacked out of exports. */
export class PassingEngines {
  readonly #onSecret: (secret: string) => void;
  readonly #profiles = new Map<string, ReadyProfile>();
  readonly #made: ReturnType<typeof createProfileEngines>;

  constructor(deps: { clock: Clock; onSecret: (secret: string) => void }) {
    this.#onSecret = deps.onSecret;
    this.#made = createProfileEngines({ kinds, profile: (id) => this.#profiles.get(id), clock: deps.clock });
  }

  /**
   * Takes what the JSON names, the first of each stage, in place of what was there; the notes of what it cannot take. A configuration whose
   * key is masked is none: the bench's own engine stays.
   */
  take(json: string): string[] {
    const { profiles, notes } = readEngineConfig(json, kinds, () => false);
    const taken = new Set<Stage>();
    const remarks = notes.filter((note) => !note.includes('the agent’s, not the engine’s') && !note.startsWith('there is no STTConfig'));
    // Whatever becomes of them.
    for (const { secrets } of profiles) for (const secret of Object.values(secrets)) this.#onSecret(secret);
    for (const { profile, secrets } of profiles) {
      const stage = profile.stage as Stage;
      const kind = kinds[stage].find((candidate) => candidate.kind === profile.kind);
      if (kind === undefined || taken.has(stage)) continue;
      const has = { ...profile.config, ...secrets };
      const missing = kind.fields.find((field) => field.isRequired && field.default === undefined && has[field.name] === undefined);
      if (missing !== undefined) {
        remarks.push(`${stage}: ${missing.name} is masked or missing: the bench’s own engine stands in`);
        continue;
      }
      taken.add(stage);
      const config = filledConfig(kind.fields, profile.config, new Map(Object.entries(secrets)));
      this.#profiles.set(idOf(stage), { id: idOf(stage), stage, kind: kind.kind, config });
    }
    if (taken.size > 0) this.#made.refresh();
    return remarks;
  }

  /** The bench's with those of the request in their places. */
  over(engines: Engines): Engines {
    const [stt, llm, tts] = [this.#made.stt(idOf('stt')), this.#made.llm(idOf('llm')), this.#made.tts(idOf('tts'))];
    return { ...engines, ...(stt && { stt }), ...(llm && { llm }), ...(tts && { tts }) };
  }

  close(): Promise<void> {
    return this.#made.close();
  }
}

/** As events name it: no profile may be called so, which has no colon. */
function idOf(stage: Stage): string {
  return `request:${stage}`;
}
