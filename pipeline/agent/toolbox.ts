import type { AgentTool } from '../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { AgentResources, ConversationPeer } from '../conversation.ts';
import { actionTools } from './tool-kinds/actions.ts';
import { httpTool, weatherTool } from './tool-kinds/http.ts';
import { callTool, musicTool } from './tool-kinds/intents.ts';
import { knowledgeTool } from './tool-kinds/knowledge.ts';
import { Reminders } from './tool-kinds/reminder.ts';
import { uniqueToolNames } from './tool-names.ts';
import type { Tool } from './tools.ts';

export interface ToolBoxDeps {
  clock: Clock;
  language: 'zh' | 'en';
  peer: Pick<ConversationPeer, 'tools' | 'callTool' | 'tell'>;
  /** The conversation's. */
  signal: AbortSignal;
  resources?: AgentResources;
  fetch?: typeof fetch;
  /** Without it there are no reminders. */
  onDue?: (text: string) => void;
}

/** Everything one conversation's language model may call: what its board can do, and what the agent was given besides. */
export class ToolBox {
  readonly #deps: ToolBoxDeps;
  readonly #reminders: Reminders;

  constructor(deps: ToolBoxDeps) {
    this.#deps = deps;
    this.#reminders = new Reminders(deps.signal);
  }

  /** By the names the model is shown: each its own, the board's actions first. */
  tools(settings: ConversationSettings['agent']): ReadonlyMap<string, Tool> {
    const configured = settings.tools.filter((tool) => tool.source === 'action');
    const tools = [
      ...actionTools(this.#deps.peer, configured, settings.toolTimeoutMs),
      ...settings.tools.flatMap((tool) => this.#ownTool(tool) ?? []),
    ];
    const names = uniqueToolNames(tools.map((tool) => tool.definition.name));
    return new Map(
      tools.map((tool, index) => {
        const name = names[index] ?? tool.definition.name;
        return [name, { ...tool, definition: { ...tool.definition, name } }];
      }),
    );
  }

  #ownTool(tool: AgentTool): Tool | null {
    const { peer, resources, onDue } = this.#deps;
    const web = { fetch: this.#deps.fetch ?? fetch, secret: async (name: string) => (await resources?.secret(name)) ?? null };
    switch (tool.source) {
      case 'action':
        return null;
      case 'http':
        return httpTool(tool, web);
      case 'weather':
        return weatherTool(tool, web);
      case 'knowledge':
        return knowledgeTool(tool);
      case 'reminder':
        return onDue === undefined ? null : this.#reminders.tool({ ...this.#deps, name: tool.name, onDue });
      case 'music':
        return musicTool(tool.name, (message) => peer.tell(message));
      case 'call':
        return callTool(tool.name, (message) => peer.tell(message));
    }
  }
}
