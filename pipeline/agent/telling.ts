import type { PipelineEvent } from '../../preload/contract/events.ts';

type AgentEventKind = 'tool.call' | 'tool.result' | 'agent.note' | 'agent.memory' | 'engine.error';
type WithoutStamp<E> = E extends unknown ? Omit<E, 'atUs' | 'conversationId'> : never;

/** How an agent tells what happens. Whoever hears it stamps it; it can fail nothing. */
export interface AgentTelling {
  event(body: WithoutStamp<Extract<PipelineEvent, { kind: AgentEventKind }>>): void;
}
