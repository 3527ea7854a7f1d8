import type { EngineStage } from '../../preload/contract/engines.ts';
import { TalkError } from '../../preload/contract/errors.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { StartNodeProcess } from '../node-process.ts';
import type { Closable, KindOf, LlmKind, SttKind, TtsKind } from './kind.ts';
import type { LlmEngine } from './llm/engine.ts';
import type { SttEngine } from './stt/engine.ts';
import type { TtsEngine } from './tts/engine.ts';
import { withoutSecrets } from './without-secrets.ts';

/** A profile with all that its engine is made with. The same object for as long as nothing of it changes. */
export interface ReadyProfile {
  id: string;
  stage: EngineStage;
  kind: string;
  /** Defaults and secrets filled in. Never to be logged. */
  config: Readonly<Record<string, unknown>>;
}

export interface EngineKinds {
  llm: readonly LlmKind[];
  stt: readonly SttKind[];
  tts: readonly TtsKind[];
}

/** The engines of the profiles. Undefined: there is no profile of that id for that stage. */
export interface ProfileEngines {
  llm(id: string): LlmEngine | undefined;
  stt(id: string): SttEngine | undefined;
  tts(id: string): TtsEngine | undefined;
  /** To be said when profiles were changed or removed: their engines go as soon as nobody uses them. */
  refresh(): void;
  close(): Promise<void>;
}

export interface ProfileEnginesOptions {
  kinds: EngineKinds;
  /** As it stands now. */
  profile: (id: string) => ReadyProfile | undefined;
  clock: Clock;
  startProcess?: StartNodeProcess;
}

/**
 * Makes a profile's engine when it is first used and keeps it until the profile changes. Whoever had the old one (a turn keeps its
 * engines to its end) goes on with it; the next to ask gets the new one.
 */
export function createProfileEngines({ kinds, profile, clock, startProcess }: ProfileEnginesOptions): ProfileEngines {
  const kept = new Map<string, { profile: ReadyProfile; engine: unknown; lease: Retirable }>();
  const closings = new Set<Promise<void>>();

  function closed(closing: Promise<void>): void {
    const settled = closing.catch(() => {}).finally(() => closings.delete(settled));
    closings.add(settled);
  }

  function engineOf<Engine>(
    stage: EngineStage,
    id: string,
    among: readonly KindOf<EngineStage, Engine>[],
    wrap: (lease: Lease<Engine>, kind: KindOf<EngineStage, Engine>, id: string) => Engine,
  ): Engine | undefined {
    const now = profile(id);
    if (now === undefined || now.stage !== stage) return undefined;
    const known = kept.get(id);
    if (known?.profile === now) return known.engine as Engine;
    known?.lease.retire();
    const kind = among.find((candidate) => candidate.kind === now.kind);
    // A profile of a kind that this version does not have.
    if (kind === undefined) throw new TalkError('engine/unavailable', { stage, engine: id, missing: now.kind });
    const secrets = kind.fields.filter((field) => field.kind === 'secret').map(({ name }) => String(now.config[name] ?? ''));
    const lease = new Lease<Engine>(
      () => kind.create({ id, config: now.config, clock, ...(startProcess && { startProcess }) }),
      (error) => withoutSecrets(error, secrets, { stage, engine: id }),
      closed,
    );
    const engine = wrap(lease, kind, id);
    kept.set(id, { profile: now, engine, lease });
    return engine;
  }

  return {
    llm: (id) => engineOf('llm', id, kinds.llm, llmOf),
    stt: (id) => engineOf('stt', id, kinds.stt, sttOf),
    tts: (id) => engineOf('tts', id, kinds.tts, ttsOf),
    refresh() {
      for (const [id, { profile: old, lease }] of kept) {
        if (profile(id) === old) continue;
        lease.retire();
        kept.delete(id);
      }
    },
    async close() {
      for (const { lease } of kept.values()) lease.end();
      kept.clear();
      await Promise.all(closings);
    },
  };
}

interface Retirable {
  retire(): void;
  end(): void;
}

/**
 * A profile's engine as long as it is wanted. Once retired it is closed whenever nobody uses it, and made again for a turn that still
 * holds it and speaks a further sentence.
 */
class Lease<Engine> implements Retirable {
  readonly #make: () => Engine & Closable;
  readonly #onClose: (closing: Promise<void>) => void;
  /** What a failure of the engine may be told as: without its secrets. */
  readonly tellable: (error: unknown) => unknown;
  #engine: (Engine & Closable) | null = null;
  #uses = 0;
  #isRetired = false;

  constructor(make: () => Engine & Closable, tellable: (error: unknown) => unknown, onClose: (closing: Promise<void>) => void) {
    this.#make = make;
    this.tellable = tellable;
    this.#onClose = onClose;
  }

  take(): Engine {
    this.#engine ??= this.#make();
    this.#uses += 1;
    return this.#engine;
  }

  release(): void {
    this.#uses -= 1;
    if (this.#isRetired && this.#uses === 0) this.end();
  }

  /** Does something with it that takes no time. */
  briefly<Result>(act: (engine: Engine) => Result): Result {
    const engine = this.take();
    try {
      return act(engine);
    } finally {
      this.release();
    }
  }

  /** One that is on its way out is not warmed: it would be closed at once. */
  warmed(act: (engine: Engine) => void): void {
    if (!this.#isRetired) this.briefly(act);
  }

  retire(): void {
    this.#isRetired = true;
    if (this.#uses === 0) this.end();
  }

  end(): void {
    const engine = this.#engine;
    this.#engine = null;
    if (engine?.close !== undefined) this.#onClose(engine.close());
  }
}

function llmOf(lease: Lease<LlmEngine>, _kind: unknown, id: string): LlmEngine {
  return {
    id,
    respond: (request, signal) => during(lease, (engine) => engine.respond(request, signal)),
    warm: () => lease.warmed((engine) => engine.warm?.()),
  };
}

function sttOf(lease: Lease<SttEngine>, kind: { languages: readonly string[] }, id: string): SttEngine {
  return {
    id,
    languages: kind.languages,
    warm: () => lease.warmed((engine) => engine.warm?.()),
    async open(options) {
      const engine = lease.take();
      let isOpen = true;
      const release = () => {
        if (isOpen) lease.release();
        isOpen = false;
      };
      try {
        const stream = await engine.open(options);
        return {
          write: (pcm) => stream.write(pcm),
          finish: () => stream.finish().catch((error: unknown) => Promise.reject(lease.tellable(error))),
          ...(stream.isLearning && { isLearning: () => stream.isLearning?.() ?? false }),
          close() {
            stream.close();
            release();
          },
        };
      } catch (error) {
        release();
        throw lease.tellable(error);
      }
    },
  };
}

function ttsOf(lease: Lease<TtsEngine>, kind: { languages: readonly string[] }, id: string): TtsEngine {
  return {
    id,
    languages: kind.languages,
    voices: () => lease.briefly((engine) => engine.voices()),
    warm: (request) => lease.warmed((engine) => engine.warm?.(request)),
    synthesize: (request, signal) => during(lease, (engine) => engine.synthesize(request, signal)),
  };
}

async function* during<Engine, Item>(lease: Lease<Engine>, run: (engine: Engine) => AsyncIterable<Item>): AsyncIterable<Item> {
  const engine = lease.take();
  try {
    yield* run(engine);
  } catch (error) {
    throw lease.tellable(error);
  } finally {
    lease.release();
  }
}
