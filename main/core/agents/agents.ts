import { lint } from '../../../pipeline/agent/thing-model/lint.ts';
import type { AgentResources } from '../../../pipeline/conversation.ts';
import { type AgentAssignment, type AgentDocument, agentDocument, type ThingModel } from '../../../preload/contract/agents.ts';
import type { EngineStage } from '../../../preload/contract/engines.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { SettingsService } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import type { EngineDescription } from './config/engine-words.ts';
import { readAgentConfig } from './config/read.ts';
import { type ConfigSource, twetalkConfig, writeConfig } from './config/write.ts';
import type { ConversationDevice } from './layers.ts';
import { AgentLibrary } from './library.ts';
import { Memories } from './memories.ts';
import { secretsNamedBy, toolSecretName } from './secret-names.ts';
import { ThingModels } from './thing-models.ts';

type CallName = Extract<keyof CallHandlers, `agents.${string}` | `thingmodel.${string}` | `memory.${string}`>;
type State = { agents: AgentDocument[]; assignments: AgentAssignment[] };

/** Secrets of engines by their names, for whoever may have them. */
export type RevealedSecrets = ReadonlyMap<string, Readonly<Record<string, string>>>;

export interface AgentService {
  /** What a conversation of that device runs with, as it stands whenever it is asked; the bench's own for a device that has nothing. */
  conversationSettings(device: ConversationDevice, language: 'zh' | 'en'): () => ConversationSettings;
  /** Whose agent a conversation of that device is with; undefined: the bench's own. */
  agentOf(device: ConversationDevice, language: 'zh' | 'en'): AgentDocument | undefined;
  agent(id: string): AgentDocument | undefined;
  thingModelOf(productId: string): ThingModel;
  /** What products and devices have of agents. */
  assignments(): readonly AgentAssignment[];
  /** What a conversation's agent keeps and needs. */
  resources: AgentResources;
  /** An item of GetTWeTalkProductConfigListV2, as that call answers it. Credentials are masked but those of `revealed`, by engine. */
  twetalkConfig(device: ConversationDevice, language: 'zh' | 'en', revealed?: RevealedSecrets): Record<string, unknown>;
  calls: Pick<CallHandlers, CallName>;
  streams: Pick<StreamHandlers, 'agents.state'>;
  close(): void;
}

export interface AgentServiceDeps {
  store: Store;
  secrets: SecretStore;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  engines: {
    take(json: string): Promise<{ engines: Partial<Record<EngineStage, string>>; notes: string[] }>;
    describe(id: string): EngineDescription;
  };
  clock: Clock;
  log: Log;
}

/** The lab's agents, what each product and device has of them, what its boards can do, and what is remembered of them. */
export async function createAgents(deps: AgentServiceDeps): Promise<AgentService> {
  const { store, secrets, settings, engines, clock, log } = deps;
  const common = { store, log, wallMs: () => clock.wallMs() };
  const topic = new Topic<State, State>({ snapshot: () => state(), retain: 8 });
  const library = await AgentLibrary.open({ ...common, bench: () => settings.get(), onChange: () => topic.publish(state()) });
  const thingModels = await ThingModels.open(common);
  // The languages of a device may differ in their limit; what one of them lets in, the other does not throw out.
  const factLimit = (device: ConversationDevice) =>
    Math.max(...(['zh', 'en'] as const).map((language) => library.effective(device, language).settings.memory.factLimit));
  const memories = await Memories.open({ ...common, factLimit });
  const stopListening = settings.onChange(() => library.benchChanged());

  function state(): State {
    return { agents: library.agents(), assignments: library.assignments() };
  }

  function configSource(device: ConversationDevice, language: 'zh' | 'en'): ConfigSource {
    const { productId, deviceName } = device;
    return {
      productId,
      deviceName,
      language,
      name: library.agentOf(device, language)?.name ?? 'Talkbench',
      settings: library.effective(device, language).settings,
      engine: (id) => engines.describe(id),
      atS: Math.floor(clock.wallMs() / 1000),
    };
  }

  return {
    conversationSettings: (device, language) => () => library.effective(device, language).settings,
    agentOf: (device, language) => library.agentOf(device, language),
    agent: (id) => library.agents().find((agent) => agent.id === id),
    thingModelOf: (productId) => thingModels.of(productId),
    assignments: () => library.assignments(),
    resources: {
      async recall(device) {
        const { summary, facts } = memories.of(device);
        return { summary, facts: facts.map(({ text }) => text) };
      },
      remember: (device, news) => memories.remember(device, news),
      secret: (name) => secrets.get(toolSecretName(name)),
    },
    twetalkConfig(device, language, revealed) {
      const source = configSource(device, language);
      const engine = (id: string): EngineDescription => {
        const described = source.engine(id);
        const its = revealed?.get(id);
        return described === null || its === undefined ? described : { ...described, secrets: its };
      };
      return twetalkConfig({ ...source, engine });
    },
    calls: {
      'agents.put': (agent) => library.put(agent),
      'agents.remove': async ({ id }) => {
        await library.remove(id);
        return {};
      },
      'agents.assign': async (assignment) => {
        await library.assign(assignment);
        return {};
      },
      'agents.effective': async ({ language, ...device }) => {
        const { settings: effective, origins } = library.effective(device, language);
        return { settings: effective, origins };
      },
      'agents.export': async ({ language, format, ...device }) => ({ json: writeConfig(configSource(device, language), format) }),
      'agents.import': async ({ id, name, json }) => {
        const read = readAgentConfig(json);
        const taken = await engines.take(json);
        const named = Object.keys(taken.engines).length > 0;
        const layer = named ? { ...read.layer, engines: { ...read.layer.engines, ...taken.engines } } : read.layer;
        const agent = await library.put(agentDocument.parse({ id, name, layer }));
        return { agent, notes: [...read.notes, ...taken.notes] };
      },
      'agents.secrets': async () => {
        const names = secretsNamedBy([
          ...settings.get().agent.tools,
          ...[...library.agents(), ...library.assignments()].map(({ layer }) => layer.agent?.tools),
        ]);
        return {
          secrets: await Promise.all(names.map(async (name) => ({ name, isSet: (await secrets.get(toolSecretName(name))) !== null }))),
        };
      },
      'agents.putSecret': async ({ name, value }) => {
        if (value === null) await secrets.remove(toolSecretName(name));
        else await secrets.set(toolSecretName(name), value);
        return {};
      },
      'thingmodel.get': async ({ productId }) => ({ model: thingModels.of(productId), isBuiltIn: thingModels.isBuiltIn(productId) }),
      'thingmodel.put': async ({ productId, json }) => ({ model: await thingModels.put(productId, json) }),
      'thingmodel.lint': async ({ language, ...device }) => {
        const { tools } = library.effective(device, language).settings.agent;
        return { findings: lint(thingModels.of(device.productId), tools) };
      },
      'memory.get': async (device) => memories.of(device),
      'memory.erase': ({ factId, ...device }) => memories.erase(device, factId),
    },
    streams: { 'agents.state': () => ({ topic, isState: true }) },
    close: stopListening,
  };
}
