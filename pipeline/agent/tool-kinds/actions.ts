import type { AgentTool } from '../../../preload/contract/agents.ts';
import type { ConversationPeer } from '../../conversation.ts';
import type { Tool } from '../tools.ts';

type ActionTool = Extract<AgentTool, { source: 'action' }>;

/** What the connected board can do, described as the agent's configuration says; actions it leaves out are not offered. */
export function actionTools(
  peer: Pick<ConversationPeer, 'tools' | 'callTool'>,
  configured: readonly ActionTool[],
  timeoutMs: number,
): Tool[] {
  const words = new Map(configured.map((tool) => [tool.name, tool]));
  return peer.tools().flatMap(({ name, description, parameters }) => {
    const own = words.get(name);
    if (own?.isOn === false) return [];
    return {
      definition: { name, description: own?.description ?? description, parameters: own?.parameters ?? parameters },
      isReadOnly: false,
      timeoutMs,
      run: (given: Record<string, unknown>, signal: AbortSignal) => peer.callTool(name, given, signal),
    };
  });
}
