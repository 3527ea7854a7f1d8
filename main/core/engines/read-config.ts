import { badConfig, checkedConfig } from '../../../pipeline/engines/config.ts';
import type { KindFacts } from '../../../pipeline/engines/kind.ts';
import type { EngineKinds } from '../../../pipeline/engines/profiles.ts';
import type { EngineField, EngineProfile, EngineStage } from '../../../preload/contract/engines.ts';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';

type Stage = Exclude<EngineStage, 'vad'>;
type Json = Record<string, unknown>;

export interface ReadProfiles {
  /** `secrets` never leave the core, and a masked one is none. */
  profiles: { profile: Omit<EngineProfile, 'secrets'>; secretNames: string[]; secrets: Record<string, string> }[];
  /** What was not understood, never with a value: it may be a key under another name. */
  notes: string[];
}

const blocks: readonly { stage: Stage; names: readonly string[]; type: string }[] = [
  { stage: 'stt', names: ['sttconfig'], type: 'stttype' },
  { stage: 'llm', names: ['llmconfig'], type: 'llmtype' },
  { stage: 'tts', names: ['ttsconfig'], type: 'ttstype' },
];

/** Configured with the agent and not with the engine (docs/agents.md), or said by the pipeline itself. Lower case. */
const agentKeys: ReadonlySet<string> = new Set([
  ...['systemprompt', 'history', 'historymode', 'timeout', 'temperature', 'maxtokens', 'topp', 'tools', 'metainfo', 'welcomemessage'],
  ...['vadsilencetime', 'vadlevel', 'hotwordlist', 'speed', 'rate', 'volume', 'pitch', 'emotion', 'alternativelanguage'],
]);
/** The pipeline streams, in mono, in the language of the conversation, always; what is off is not read at all. */
const meaninglessKeys: ReadonlySet<string> = new Set(['enabled', 'streaming', 'config', 'customparam', 'primarylanguage', 'audiochannel']);

/** The documents' other names of a kind. */
const otherNames: Readonly<Record<Stage, Readonly<Record<string, string>>>> = {
  stt: { aws: 'amazon', asr: 'tencent' },
  llm: { default: 'openai', 'openai-compatible': 'openai' },
  tts: { '11labs': 'elevenlabs', eleven_labs: 'elevenlabs' },
};

const DEEPEST = 8;

/**
 * STTConfig, LLMConfig and TTSConfig of TWeTalk's configurations (GetTWeTalkProductConfigListV2) and TRTC's (StartAIConversation) as
 * profiles, wherever they lie in the JSON: in one configuration, a list, or a whole API reply (reference/providers.md §2.3, §2.4). Keys
 * are read without regard to case, and `Config` and `CustomParam` as objects or as JSON in a string. Throws TalkError
 * 'agent/bad-config' {path, reason} for what is no JSON. `taken`: ids that are not free.
 */
export function readEngineConfig(json: string, kinds: EngineKinds, taken: (id: string) => boolean): ReadProfiles {
  const read: ReadProfiles = { profiles: [], notes: [] };
  const root = parse(json);
  if (root === undefined) throw new TalkError('agent/bad-config', { path: '', reason: 'not JSON' });
  const used = new Set<string>();
  for (const { owner, label } of owners(root, '', 0)) {
    for (const { stage, names, type } of blocks) {
      const [name, value] = entry(owner, (key) => names.includes(key)) ?? [];
      if (name === undefined) continue;
      const where = label === '' ? name : `${label} ${name}`;
      const block = objectOf(value);
      if (block === undefined) {
        read.notes.push(`${where}: neither an object nor JSON in a string`);
        continue;
      }
      if (entry(block, (key) => key === 'enabled')?.[1] === false) {
        read.notes.push(`${where}: switched off`);
        continue;
      }
      readBlock({ stage, block, typeKey: type, where, name: label, kinds: kinds[stage], read, free: (id) => !taken(id) && !used.has(id) });
      for (const { profile } of read.profiles) used.add(profile.id);
    }
  }
  if (read.profiles.length === 0 && read.notes.length === 0) read.notes.push('there is no STTConfig, LLMConfig or TTSConfig in it');
  return read;
}

function readBlock(parts: {
  stage: Stage;
  block: Json;
  typeKey: string;
  where: string;
  name: string;
  kinds: readonly KindFacts[];
  read: ReadProfiles;
  free: (id: string) => boolean;
}): void {
  const { stage, block, where, read } = parts;
  const facts = new Map<string, [name: string, value: unknown]>();
  for (const part of [block, inner(block, 'config', where, read), inner(block, 'customparam', where, read)])
    for (const [key, value] of Object.entries(part)) facts.set(key.toLowerCase(), [key, value]);

  const type = facts.get(parts.typeKey)?.[1] ?? (stage === 'stt' ? 'tencent' : undefined);
  facts.delete(parts.typeKey);
  const found = typeof type === 'string' ? kindOf(parts.kinds, stage, type.trim().toLowerCase()) : undefined;
  if (found === undefined) {
    read.notes.push(typeof type === 'string' ? `${where}: the type “${type.slice(0, 40)}” is not known here` : `${where}: no type`);
    return;
  }
  const { kind, preset } = found;
  const config: Json = { ...preset };
  const secretNames = new Set<string>();
  const secrets: Record<string, string> = {};
  const unknown: string[] = [];
  const agents: string[] = [];
  for (const [key, [written, value]] of facts) {
    if (meaninglessKeys.has(key) || value === null || value === '') continue;
    const field = fieldOf(kind, key);
    if (field === undefined) (agentKeys.has(key) ? agents : unknown).push(written);
    else if (field.kind === 'secret') {
      // What is written as something else is no key, and is not shown.
      const key = typeof value === 'number' ? String(value) : value;
      if (typeof key !== 'string') {
        read.notes.push(`${where}: ${written} left out: a key is a text`);
        continue;
      }
      secretNames.add(field.name);
      if (!key.includes('**')) secrets[field.name] = key;
    } else readField(field, value, written, where, config, read);
  }
  if (unknown.length > 0) read.notes.push(`${where}: not understood: ${unknown.join(', ')}`);
  if (agents.length > 0) read.notes.push(`${where}: ${agents.join(', ')}: the agent’s, not the engine’s`);
  for (const field of kind.fields) {
    if (!field.isRequired || field.default !== undefined) continue;
    const isThere = field.kind === 'secret' ? secretNames.has(field.name) : config[field.name] !== undefined;
    if (!isThere) read.notes.push(`${where}: ${field.name} is wanted and not in it`);
  }
  const id = freeId(`${kind.kind}-${stage}`, parts.free);
  const name = (parts.name === '' ? kind.title : `${parts.name} · ${kind.title}`).slice(0, 80);
  read.profiles.push({ profile: { id, stage, kind: kind.kind, name, config }, secretNames: [...secretNames], secrets });
}

function readField(field: EngineField, value: unknown, written: string, where: string, config: Json, read: ReadProfiles): void {
  try {
    const fits = checkedConfig([{ ...field, isRequired: false }], { [field.name]: coerced(field, value) });
    Object.assign(config, fits);
  } catch (error) {
    if (!isTalkError(error, 'engine/bad-config')) throw error;
    read.notes.push(`${where}: ${written} left out: ${String(error.value.data.reason)}`);
  }
}

/** The documents write numbers as strings and the other way round. */
function coerced({ kind, name, options }: EngineField, value: unknown): unknown {
  if (kind === 'number' && typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    if (Number.isNaN(number)) throw badConfig(name, 'not-a-number');
    return number;
  }
  if (kind === 'switch' && (value === 'true' || value === 'false')) return value === 'true';
  if (kind === 'choice' && (typeof value === 'string' || typeof value === 'number'))
    return options?.find((option) => option.toLowerCase() === String(value).toLowerCase()) ?? value;
  if (['text', 'url', 'folder'].includes(kind) && typeof value === 'number') return String(value);
  return value;
}

function fieldOf(kind: KindFacts, key: string): EngineField | undefined {
  const spelt = kind.spellings[key];
  return kind.fields.find(({ name }) => (spelt === undefined ? name.toLowerCase() === key : name === spelt));
}

/** A kind of that name, or a preset of one: TWeTalk's LLMType may name the vendor. */
function kindOf(kinds: readonly KindFacts[], stage: Stage, type: string): { kind: KindFacts; preset: Json } | undefined {
  const name = otherNames[stage][type] ?? type;
  const kind = kinds.find((candidate) => candidate.kind === name);
  if (kind !== undefined) return { kind, preset: {} };
  for (const candidate of kinds) {
    const preset = candidate.presets.find(({ id }) => id === name);
    if (preset !== undefined) return { kind: candidate, preset: preset.config };
  }
  return undefined;
}

/** Every object that has one of the blocks, with what it calls itself. */
function* owners(value: unknown, label: string, depth: number): Iterable<{ owner: Json; label: string }> {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* owners(item, label, depth + 1);
    return;
  }
  if (!isObject(value)) return;
  const own = entry(value, (key) => key === 'configname')?.[1];
  const named = typeof own === 'string' ? own : label;
  if (blocks.some(({ names }) => entry(value, (key) => names.includes(key)) !== undefined)) yield { owner: value, label: named };
  else for (const inside of Object.values(value)) yield* owners(inside, named, depth + 1);
}

function inner(block: Json, key: string, where: string, read: ReadProfiles): Json {
  const [name, value] = entry(block, (candidate) => candidate === key) ?? [];
  if (name === undefined || value === null || value === '') return {};
  const parsed = objectOf(value);
  if (parsed === undefined) read.notes.push(`${where}: ${name} is neither an object nor JSON in a string`);
  return parsed ?? {};
}

function entry(object: Json, wanted: (lowerKey: string) => boolean): [string, unknown] | undefined {
  return Object.entries(object).find(([key]) => wanted(key.toLowerCase()));
}

function objectOf(value: unknown): Json | undefined {
  const parsed = typeof value === 'string' ? parse(value) : value;
  return isObject(parsed) ? parsed : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function freeId(stem: string, isFree: (id: string) => boolean): string {
  for (let number = 1; ; number++) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (isFree(id)) return id;
  }
}
