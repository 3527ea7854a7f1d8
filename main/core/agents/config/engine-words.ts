import type { KindFacts } from '../../../../pipeline/engines/kind.ts';
import { lookup } from '../../../../pipeline/lookup.ts';
import type { EngineProfile } from '../../../../preload/contract/engines.ts';

export type ConfigFormat = 'twetalk' | 'trtc';

/** What of an engine a configuration shows; null: an embedded one, which no document knows. Its secrets only where they are let out. */
export type EngineDescription = { profile: EngineProfile; kind: KindFacts; secrets?: Readonly<Record<string, string>> } | null;

/** In place of a secret. */
export const MASK = '******';

/** The documents' case of their words (reference/providers.md §2.4). */
const words = lookup<string>({
  apikey: 'ApiKey',
  apiurl: 'ApiUrl',
  appid: 'AppId',
  appkey: 'AppKey',
  secretid: 'SecretId',
  secretkey: 'SecretKey',
  voicetype: 'VoiceType',
  fastvoicetype: 'FastVoiceType',
  voicename: 'VoiceName',
  voiceid: 'VoiceId',
  groupid: 'GroupId',
  modelid: 'ModelId',
  subscriptionkey: 'SubscriptionKey',
  endpointid: 'EndpointId',
  enginetype: 'EngineType',
  baseurl: 'BaseUrl',
  botid: 'BotId',
  userid: 'UserId',
  conversation_id: 'conversation_id',
  conversationid: 'ConversationId',
  audioformat: 'AudioFormat',
  samplerate: 'SampleRate',
  accesskeyid: 'AccessKeyId',
  secretaccesskey: 'SecretAccessKey',
  sessiontoken: 'SessionToken',
  primarylanguage: 'PrimaryLanguage',
});

/** An engine's configuration in a document's words, its secrets masked unless they are given. */
export function engineConfig(engine: EngineDescription, format: ConfigFormat): Record<string, unknown> {
  if (engine === null) return {};
  const { profile, kind } = engine;
  const entries = Object.entries(profile.config).map(([field, value]) => [wordOf(kind, field, format), value] as const);
  const secrets = profile.secrets.map((field) => [wordOf(kind, field, format), engine.secrets?.[field] ?? MASK] as const);
  return Object.fromEntries([...entries, ...secrets]);
}

export function engineType(engine: EngineDescription, id: string): string {
  return engine?.profile.kind ?? id;
}

function wordOf(kind: KindFacts, field: string, format: ConfigFormat): string {
  const spelt = Object.entries(kind.spellings).filter(([, name]) => name === field);
  // ElevenLabs' model is the one word that only one of the two writes with an Id.
  const own = format === 'twetalk' && kind.kind === 'elevenlabs' ? spelt.find(([spelling]) => spelling === 'modelid') : undefined;
  const spelling = (own ?? spelt[0])?.[0] ?? field.toLowerCase();
  const word = words[spelling] ?? `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;
  return format === 'trtc' ? word.replace(/^Api(?=Key$|Url$)/u, 'API') : word;
}
