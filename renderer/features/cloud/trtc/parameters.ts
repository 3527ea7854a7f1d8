/** A request of StartAIConversation as the form holds it: the document's own names, LLMConfig and TTSConfig JSON texts as they are sent. */
export type Parameters = Readonly<Record<string, unknown>>;
export type Path = readonly [string] | readonly [string, string];

export type ParameterField = { path: Path } & (
  | { kind: 'text'; maxLength: number }
  | { kind: 'number'; min: number; max: number }
  | { kind: 'choice'; values: readonly (number | string | boolean)[] }
);

/** What people change, in the order they ask for it; everything else is typed into the JSON. */
export const parameterFields = [
  { path: ['RoomId'], kind: 'text', maxLength: 64 },
  { path: ['RoomIdType'], kind: 'choice', values: [0, 1] },
  { path: ['AgentConfig', 'TargetUserId'], kind: 'text', maxLength: 32 },
  { path: ['AgentConfig', 'UserId'], kind: 'text', maxLength: 32 },
  { path: ['AgentConfig', 'WelcomeMessage'], kind: 'text', maxLength: 500 },
  { path: ['STTConfig', 'Language'], kind: 'choice', values: ['zh', 'en'] },
  { path: ['AgentConfig', 'InterruptMode'], kind: 'choice', values: [0, 1] },
  { path: ['AgentConfig', 'InterruptSpeechDuration'], kind: 'number', min: 300, max: 5000 },
  { path: ['AgentConfig', 'TurnDetectionMode'], kind: 'choice', values: [0, 1, 3] },
  { path: ['STTConfig', 'VadSilenceTime'], kind: 'number', min: 240, max: 2000 },
  { path: ['AgentConfig', 'FilterOneWord'], kind: 'choice', values: [true, false] },
  { path: ['AgentConfig', 'SubtitleMode'], kind: 'choice', values: [0, 1] },
  { path: ['AgentConfig', 'MaxIdleTime'], kind: 'number', min: 1, max: 86_400 },
  { path: ['SessionId'], kind: 'text', maxLength: 128 },
] as const satisfies readonly ParameterField[];

export function firstParameters(sdkAppId: number): Parameters {
  return {
    SdkAppId: sdkAppId,
    RoomId: '1001',
    RoomIdType: 0,
    AgentConfig: { UserId: 'talkbench-robot', UserSig: '', TargetUserId: 'talkbench-user' },
  };
}

export function valueAt(parameters: Parameters, [group, name]: Path): unknown {
  const value = parameters[group];
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null ? (value as Parameters)[name] : undefined;
}

/** Undefined takes it out, and its group where it was the last of it. */
export function withValue(parameters: Parameters, [group, name]: Path, value: unknown): Parameters {
  if (name === undefined) return changed(parameters, group, value);
  const before = parameters[group];
  const inner = changed(typeof before === 'object' && before !== null ? (before as Parameters) : {}, name, value);
  return changed(parameters, group, Object.keys(inner).length === 0 ? undefined : inner);
}

function changed(object: Parameters, name: string, value: unknown): Parameters {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _, ...others } = object;
  return others;
}

/** What an agent's export says laid over what the form says of the room and who is in it. */
export function withAgent(parameters: Parameters, exported: Parameters): Parameters {
  const { AgentConfig, ...others } = exported;
  return { ...parameters, ...others, AgentConfig: { ...objectAt(AgentConfig), ...objectAt(parameters.AgentConfig) } };
}

function objectAt(value: unknown): Parameters {
  return typeof value === 'object' && value !== null ? (value as Parameters) : {};
}
