import { resolve } from 'node:path';
import { resample } from '../../../pipeline/audio/resample.ts';
import { decodeWav } from '../../../pipeline/audio/wav.ts';
import { orAborted } from '../../../pipeline/engines/abort.ts';
import type { EngineCatalogue } from '../../../pipeline/engines/catalogue.ts';
import type { CompletenessModel } from '../../../pipeline/engines/completeness/engine.ts';
import type { KindFacts } from '../../../pipeline/engines/kind.ts';
import type { LlmEngine } from '../../../pipeline/engines/llm/engine.ts';
import { createProfileEngines, type EngineKinds } from '../../../pipeline/engines/profiles.ts';
import type { StartNodeProcess } from '../../../pipeline/node-process.ts';
import type { EngineKind, EngineProfile, EngineStage } from '../../../preload/contract/engines.ts';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { type ChosenEngines, createChosenEngines, type Language } from '../conversations/engines.ts';
import { createSynthesis } from '../conversations/synthesis.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { SettingsService } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import { EngineProfiles } from './profiles.ts';
import { readEngineConfig } from './read-config.ts';
import { type Tried, tryEngine } from './trial.ts';
import { usersOf } from './users.ts';

export interface EngineService extends Pick<ChosenEngines, 'for'> {
  /** 16 kHz speech of an embedded voice: what virtual boards say and recognisers are tried with. It costs nobody anything. */
  speak(text: string, language: Language, signal: AbortSignal): Promise<Int16Array>;
  /** Profiles of what a configuration of the documents names, the first of each stage, with the secrets that stand in it unmasked. */
  take(json: string): Promise<{ engines: Partial<Record<EngineStage, string>>; notes: string[] }>;
  /** What a profile says, without its secrets, and its kind; null for an embedded engine. */
  describe(id: string): { profile: EngineProfile; kind: KindFacts } | null;
  /** The profiles made of a model in that folder. */
  usersOfFolder(folder: string): string[];
  calls: Pick<
    CallHandlers,
    | 'engines.kinds'
    | 'engines.put'
    | 'engines.remove'
    | 'engines.read'
    | 'engines.test'
    | 'engines.enrol'
    | 'pipeline.engines'
    | 'pipeline.warmUp'
  >;
  streams: Pick<StreamHandlers, 'engines.profiles'>;
  /** Ends the profiles' engines; the embedded ones are the catalogue's. */
  close(): Promise<void>;
}

export interface EngineServiceDeps {
  catalogue: EngineCatalogue;
  scripted: LlmEngine;
  smartTurn?: CompletenessModel;
  kinds: EngineKinds;
  store: Store;
  secrets: SecretStore;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  clock: Clock;
  log: Log;
  startProcess?: StartNodeProcess;
}

/** What an id may not be, because an engine or a choice of ours is called that. */
const OUR_CHOICES = ['auto', 'off'];

/** The engines of the bench: the embedded ones, and those that profiles describe. */
export async function createEngines(deps: EngineServiceDeps): Promise<EngineService> {
  const { catalogue, scripted, smartTurn, kinds, store, secrets, settings, clock, log, startProcess } = deps;
  const embedded = await catalogue.list();
  const profiles = await EngineProfiles.open({
    ...{ store, secrets, kinds, log },
    wallMs: () => clock.wallMs(),
    embeddedIds: new Set([...OUR_CHOICES, scripted.id, ...embedded.map(({ id }) => id)]),
    usedBy: (id) => usersOf(id, settings.get().engines, store),
    onChange() {
      made.refresh();
      topic.publish(profiles.list());
    },
  });
  const topic = new Topic<EngineProfile[], EngineProfile[]>({ snapshot: () => profiles.list(), retain: 8 });
  const made = createProfileEngines({ kinds, profile: (id) => profiles.ready(id), clock, ...(startProcess && { startProcess }) });
  const chosen = createChosenEngines({
    ...{ catalogue, scripted, profiles: made, profileChoices: () => profiles.choices() },
    ...(smartTurn && { smartTurn }),
  });
  const speak = createSynthesis((language) => chosen.for(language, { ...settings.get().engines, tts: 'auto' }).tts);
  await chosen.prepare(settings.get().engines);
  const stopListening = settings.onChange((next) => void chosen.prepare(next.engines));

  async function tried(stage: EngineStage, id: string, language: Language, signal: AbortSignal): Promise<Tried> {
    const isKnown = (await chosen.list()).some((choice) => choice.stage === stage && choice.id === id);
    if (!isKnown && id !== 'auto') throw new TalkError('not-found', { what: 'engine', id });
    // Loading them and learning the phrases is done once, and is no part of an answer.
    if (!profiles.has(id)) await orAborted(catalogue.warmUp(), signal);
    const engines = chosen.for(language, { ...settings.get().engines, [stage]: id });
    if (stage === 'vad') return { stage, engine: engines.vad };
    if (stage === 'llm') return { stage, engine: engines.llm };
    if (stage === 'tts') return { stage, engine: engines.tts };
    const profile = profiles.ready(id);
    const fields = profile === undefined ? [] : (profiles.kind('stt', profile.kind)?.fields ?? []);
    // What has a model's folder runs on this machine.
    return { stage, engine: engines.stt, isLocal: profile === undefined || fields.some(({ kind }) => kind === 'folder') };
  }

  async function take(json: string): Promise<{ engines: Partial<Record<EngineStage, string>>; notes: string[] }> {
    const read = readEngineConfig(json, kinds, (id) => profiles.has(id));
    const taken: Partial<Record<EngineStage, string>> = {};
    const notes = [...read.notes];
    for (const { profile, secrets: given } of read.profiles) {
      if (taken[profile.stage] !== undefined) continue;
      try {
        taken[profile.stage] = (await profiles.put(profile, given)).id;
      } catch (error) {
        if (!isTalkError(error, 'engine/bad-config')) throw error;
        notes.push(`${profile.name}: no engine was made of it: ${String(error.value.data.field)} ${String(error.value.data.reason)}`);
      }
    }
    return { engines: taken, notes };
  }

  return {
    for: chosen.for,
    speak,
    usersOfFolder: (folder) =>
      profiles
        .list()
        .filter(({ config }) => Object.values(config).some((value) => typeof value === 'string' && resolve(value) === resolve(folder)))
        .map(({ name }) => name),
    take,
    describe(id) {
      const profile = profiles.list().find((candidate) => candidate.id === id);
      const kind = profile && profiles.kind(profile.stage, profile.kind);
      return profile && kind ? { profile, kind } : null;
    },
    calls: {
      'engines.kinds': async () => ({ kinds: [...kinds.stt, ...kinds.llm, ...kinds.tts].map(shownKind) }),
      'engines.put': ({ profile, secrets: changes }) => profiles.put(profile, changes),
      'engines.remove': async ({ id }) => {
        await profiles.remove(id);
        return {};
      },
      'engines.read': async ({ json }) => {
        const read = readEngineConfig(json, kinds, (id) => profiles.has(id));
        return { profiles: read.profiles.map(({ profile, secretNames }) => ({ profile, secretNames })), notes: read.notes };
      },
      'engines.test': async ({ stage, id, language, text }, { signal }) =>
        tryEngine(await tried(stage, id, language, signal), { language, text }, { clock, speak, secrets: await secrets.values() }, signal),
      'engines.enrol': async ({ text, language, wav }) => {
        const { channels, sampleRate } = decodeWav(wav);
        const mono = channels[0];
        if (mono === undefined || mono.length === 0) throw new TalkError('audio/bad-wav', { reason: 'no samples' });
        await catalogue.phraseStt.enrol({ text, language }, resample(mono, { from: sampleRate, to: 16_000 }));
        return {};
      },
      'pipeline.engines': async () => ({ engines: await chosen.list() }),
      'pipeline.warmUp': async () => {
        await catalogue.warmUp();
        return {};
      },
    },
    streams: { 'engines.profiles': () => ({ topic, isState: true }) },
    async close() {
      stopListening();
      await made.close();
    },
  };
}

/** As data: what makes the engine stays here. */
function shownKind({ kind, title, stage, fields, languages, presets, documentation }: KindFacts): EngineKind {
  return { kind, stage, title, fields: [...fields], languages, presets, ...(documentation !== undefined && { documentation }) };
}
