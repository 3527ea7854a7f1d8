import type { PipelineEvent } from '../../../preload/contract/events.ts';

interface Known {
  firmwareOf: (productId: string, deviceName: string) => string | null;
  agentOf: (device: { productId: string; deviceName: string }, language: 'zh' | 'en') => { id: string; name: string } | undefined;
}

/** What is recorded of a conversation's beginning says besides whose firmware and which agent talked: a later comparison asks for both. */
export function identified(event: PipelineEvent, { firmwareOf, agentOf }: Known): PipelineEvent {
  if (event.kind !== 'conversation.opened') return event;
  const { productId, deviceName, language } = event;
  const firmwareVersion = firmwareOf(productId, deviceName);
  const agent = agentOf({ productId, deviceName }, language.startsWith('en') ? 'en' : 'zh');
  return {
    ...event,
    ...(firmwareVersion === null ? {} : { firmwareVersion }),
    ...(agent === undefined ? {} : { agent: { id: agent.id, name: agent.name } }),
  };
}
