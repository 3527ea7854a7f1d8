import type { EngineField, EngineKind, EngineStage } from '../../preload/contract/engines.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { StartNodeProcess } from '../node-process.ts';
import type { LlmEngine } from './llm/engine.ts';
import type { SttEngine } from './stt/engine.ts';
import type { TtsEngine } from './tts/engine.ts';

/** What an engine is made with. */
export interface EngineCreation {
  /** The profile's id: the engine's own, named in events and errors. */
  id: string;
  /** Checked against the kind's fields, defaults filled in, secrets among them. Never to be logged or put into an error. */
  config: Readonly<Record<string, unknown>>;
  clock: Clock;
  /** How an engine's own process is started; as a child of this one unless told. */
  startProcess?: StartNodeProcess;
}

/**
 * A kind of engine that profiles are made of: its fields as data, the documents' spellings of them, and how to make one. A heavy
 * library is imported when the engine is first used, not here.
 */
export interface KindOf<Stage extends EngineStage, Engine> extends Omit<EngineKind, 'fields'> {
  stage: Stage;
  fields: readonly EngineField[];
  /** Spellings of TWeTalk's and TRTC's configurations, lower case, to our field: {apikey: 'apiKey', appkey: 'apiKey', model_id: 'model'}. */
  spellings: Readonly<Record<string, string>>;
  create(creation: EngineCreation): Engine & Closable;
}

/** Engines that hold more than a request's connection (a thread, a model in memory) let go of it here. Safe twice; streams under way fail. */
export interface Closable {
  close?(): Promise<void>;
}

/** What there is to know of a kind of any stage. */
export type KindFacts = Omit<KindOf<EngineStage, unknown>, 'create'>;

export type LlmKind = KindOf<'llm', LlmEngine>;
export type SttKind = KindOf<'stt', SttEngine>;
export type TtsKind = KindOf<'tts', TtsEngine>;
