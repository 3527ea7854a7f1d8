import type { Engines } from '../../../../pipeline/conversation.ts';
import { createScriptLlm } from '../../../../pipeline/engines/llm/script.ts';
import type { TtsEngine } from '../../../../pipeline/engines/tts/engine.ts';
import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { validLayer } from '../../agents/layers.ts';
import type { RerunClaims } from '../../replay/rerun/claims.ts';

const SAMPLE_RATE = 16_000;
/** What the agent is told to say where samples are to be heard: one word to every language's rules, and nothing a person would say. */
export const soundWord = 'talkbenchsound';

/** What the agent of one device is while a check lasts: its own, with what the check lays over it. */
export class CheckAgent {
  readonly #deps: { clock: Clock; claims: Pick<RerunClaims, 'adjust'>; device: DeviceName };
  #layers: AgentLayer[] = [];
  #llm: Engines['llm'] | null = null;
  #sound: Int16Array | null = null;
  #settings = new WeakMap<ConversationSettings, ConversationSettings>();
  #takeBack: (() => void) | null = null;

  constructor(deps: { clock: Clock; claims: Pick<RerunClaims, 'adjust'>; device: DeviceName }) {
    this.#deps = deps;
  }

  /** Over what was said before. Throws TalkError 'settings/invalid', 'scenario/bad-file'. */
  configure(over: { settings?: Record<string, Record<string, unknown>>; script?: unknown }): void {
    if (over.settings !== undefined) this.#layers = [...this.#layers, validLayer(over.settings)];
    if (over.script !== undefined) {
      const config = { script: JSON.stringify(over.script) };
      this.#llm = createScriptLlm({ id: 'check', config, clock: this.#deps.clock });
    }
    this.#changed();
  }

  /** What is said from now on, if it is the word, are these samples; null: nothing is. */
  sounds(pcm: Int16Array | null): void {
    this.#sound = pcm;
    this.#changed();
  }

  release(): void {
    this.#takeBack?.();
    this.#takeBack = null;
  }

  #changed(): void {
    this.#settings = new WeakMap();
    this.#takeBack ??= this.#deps.claims.adjust({
      device: this.#deps.device,
      settings: (of) => this.#settingsOver(of),
      engines: (of) => ({ ...of, ...(this.#llm && { llm: this.#llm }), ...(this.#sound && { tts: withSound(of.tts, this.#sound) }) }),
    });
  }

  #settingsOver(base: ConversationSettings): ConversationSettings {
    const known = this.#settings.get(base);
    if (known !== undefined) return known;
    const settings = { ...base } as unknown as Record<string, Record<string, unknown>>;
    // Silence at the beginning of a sound is a part of it.
    const layers: AgentLayer[] = this.#sound === null ? this.#layers : [...this.#layers, { voice: { leadSilenceMs: -1 } }];
    for (const layer of layers) {
      for (const [section, leaves] of Object.entries(layer)) settings[section] = { ...settings[section], ...leaves };
    }
    const made = settings as unknown as ConversationSettings;
    this.#settings.set(base, made);
    return made;
  }
}

/** The engine, but for one word. */
function withSound(engine: TtsEngine, pcm: Int16Array): TtsEngine {
  return {
    id: engine.id,
    languages: engine.languages,
    voices: () => engine.voices(),
    async *synthesize(request, signal) {
      if (!request.text.toLowerCase().includes(soundWord)) {
        yield* engine.synthesize(request, signal);
        return;
      }
      for (let at = 0; at < pcm.length; at += SAMPLE_RATE) {
        signal.throwIfAborted();
        yield { kind: 'audio', pcm: pcm.slice(at, at + SAMPLE_RATE), sampleRate: SAMPLE_RATE };
      }
    },
  };
}
