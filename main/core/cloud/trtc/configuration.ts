import type { Engines } from '../../../../pipeline/conversation.ts';
import type { TaskConfiguration } from '../../../../pipeline/gateways/trtc/task.ts';
import type { TaskRequest } from '../../../../pipeline/gateways/trtc/task-request.ts';
import { asObject } from '../../../../pipeline/json-object.ts';
import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { AgentService } from '../../agents/agents.ts';
import { readAgentConfig } from '../../agents/config/read.ts';
import { resolved } from '../../agents/layers.ts';
import type { EngineService } from '../../engines/engines.ts';
import { secretsIn } from '../../settings/secret-words.ts';
import { PassingEngines } from './engines.ts';

export interface ConfigurationDeps {
  clock: Clock;
  agents: Pick<AgentService, 'conversationSettings'>;
  engines: Pick<EngineService, 'for' | 'calls'>;
  /** Told each key of the request, also of a block that is not taken: a backend's log has it as it was sent. */
  onSecret: (secret: string) => void;
  onSignature: (signature: string) => void;
}

type Json = Record<string, unknown>;
const stages = { stt: ['STTConfig', 'STTType'], llm: ['LLMConfig', 'LLMType'], tts: ['TTSConfig', 'TTSType'] } as const;
/** Read by the gateway itself. */
const gatewaysOwn = ['MaxIdleTime', 'SubtitleMode', 'FilterBracketsContent'];
/** Above it those of earlier updates become one. */
const MOST_LAYERS = 8;
/** A UserSig: JSON, deflated, in the vendor's base64. Anything else would let whoever asks black out words of his own. */
const userSig = /^e[AFJN][\w*-]{20,}$/;
const notDone = ['AvatarConfig', 'ExperimentalParams'];

/**
 * What a task runs with: the bench's settings (for the application as product and the user as device, so that an agent can be assigned to
 * them), what TRTC does where nothing is said, then the request (seed 002; both spellings of the documents). Rejects with TalkError
 * 'agent/bad-config'.
 */
export async function configureTask(request: TaskRequest, deps: ConfigurationDeps): Promise<TaskConfiguration> {
  const { room, targetUserId, parameters } = request;
  const language = languageOf(parameters);
  const base = deps.agents.conversationSettings({ productId: String(room.sdkAppId), deviceName: targetUserId }, language);
  const { engines: known } = await deps.engines.calls['pipeline.engines']({}, { signal: new AbortController().signal, role: 'operator' });
  const isKnown = (stage: string, id: string) => id === 'auto' || known.some((choice) => choice.stage === stage && choice.id === id);
  const told = new Set<string>();
  const passing = new PassingEngines({ clock: deps.clock, onSecret: tell });
  const layers: AgentLayer[] = [serviceDefaults(parameters)];
  const notes = notDone.filter((name) => parameters[name] !== undefined).map((name) => `${name}: not done here`);
  let cached: { base: ConversationSettings; settings: ConversationSettings } | null = null;

  function tell(secret: string): void {
    if (!told.has(secret)) deps.onSecret(secret);
    told.add(secret);
  }

  /** Lays more over it; the notes of what could not be. */
  function lay(request: Json, mayNameServices: boolean): string[] {
    const named = namedEngines(request, isKnown);
    const read = readAgentConfig(JSON.stringify(agentPart(request)));
    if (mayNameServices) for (const [name] of Object.values(stages)) for (const secret of secretsIn(request[name])) tell(secret);
    const remarks = mayNameServices
      ? passing.take(JSON.stringify(named.rest))
      : Object.keys(named.rest).map(
          (name) => `${name}: services are taken from callers whose signature is checked: the bench’s own stand in`,
        );
    layers.push(read.layer, { engines: named.engines });
    if (layers.length > MOST_LAYERS) layers.splice(0, layers.length, merged(layers));
    cached = null;
    return [...read.notes, ...remarks];
  }

  function settings(): ConversationSettings {
    const now = base();
    if (cached?.base !== now)
      cached = {
        base: now,
        settings: resolved(
          now,
          layers.map((layer) => ({ origin: 'agent', layer })),
        ).settings,
      };
    return cached.settings;
  }

  const signature = asObject(parameters.AgentConfig)?.UserSig;
  if (typeof signature === 'string' && userSig.test(signature)) deps.onSignature(signature);
  notes.push(...lay(parameters, request.mayNameServices));
  return {
    language,
    notes,
    settings,
    engines: (): Engines => passing.over(deps.engines.for(language, settings().engines)),
    update: ({ WelcomeMessage, InterruptMode, InterruptSpeechDuration, ...configs }, { mayNameServices }) =>
      lay({ AgentConfig: { WelcomeMessage, InterruptMode, InterruptSpeechDuration }, ...configs }, mayNameServices),
    close: () => passing.close(),
  };
}

/** One that says what all of them say, the later over the earlier: a backend may update with every turn. */
function merged(layers: readonly AgentLayer[]): AgentLayer {
  const sections: Record<string, object> = {};
  for (const layer of layers)
    for (const [section, leaves] of Object.entries(layer)) sections[section] = { ...sections[section], ...leaves };
  return sections;
}

/** What the service does where a request says nothing. */
function serviceDefaults(parameters: Json): AgentLayer {
  const isModelGiven = typeof parameters.LLMConfig === 'string' && parameters.LLMConfig !== '';
  return {
    turns: { vadSilenceMs: 1000, interruption: 'duration', interruptionMs: 500, isGreetingProtected: false },
    agent: { greetingZh: '', greetingEn: '', ...(isModelGiven && { historyRounds: 0, llmTimeoutS: 3, systemPrompt: '' }) },
  };
}

function languageOf(parameters: Json): 'zh' | 'en' {
  const language = asObject(parameters.STTConfig)?.Language;
  return typeof language === 'string' && /^(?:en|bigmodel_en)\b/iu.test(language) ? 'en' : 'zh';
}

/** The request as an agent's configuration: without what the gateway does itself. */
function agentPart(request: Json): Json {
  const agent = Object.entries(asObject(request.AgentConfig) ?? {}).filter(
    ([name, value]) => value !== undefined && !gatewaysOwn.includes(name),
  );
  return { ...request, AgentConfig: Object.fromEntries(agent) };
}

/** A type may be the id of an engine of the bench ("LLMType": "scripted"), which no document knows; the rest is for those of the documents. */
function namedEngines(request: Json, isKnown: (stage: string, id: string) => boolean): { engines: Json; rest: Json } {
  const engines: Json = {};
  const rest: Json = {};
  for (const [stage, [name, typeName]] of Object.entries(stages)) {
    const block = blockOf(request[name]);
    if (block === null) continue;
    const type = block[typeName];
    // Its own recogniser: TRTC's request configures it, and names none.
    if (stage === 'stt' && type === undefined && block.CustomParam === undefined) continue;
    if (typeof type === 'string' && isKnown(stage, type)) engines[stage] = type;
    else rest[name] = block;
  }
  return { engines, rest };
}

function blockOf(value: unknown): Json | null {
  if (typeof value !== 'string') return asObject(value);
  try {
    return asObject(JSON.parse(value));
  } catch {
    return null;
  }
}
