import type { AgentTool } from '../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../preload/contract/settings.ts';
import { asObject } from '../json-object.ts';
import { isSecretName, namesSecret } from '../secret-words.ts';

const MASK = '***';

/** The agent's settings as they may stand in a recording: what somebody wrote into a header, an address or MetaInfo may be a key. */
export function recordableAgent(agent: ConversationSettings['agent']): ConversationSettings['agent'] {
  return { ...agent, tools: agent.tools.map(recordableTool), metaInfo: maskedByName(agent.metaInfo) };
}

/** One setting by its name, 'agent.tools'. */
export function recordableSetting(key: string, value: unknown): unknown {
  if (key === 'agent.tools') return (value as AgentTool[]).map(recordableTool);
  if (key === 'conversation.subtitleUrl') return withoutQuery(String(value));
  return key === 'agent.metaInfo' ? maskedByName(value as Record<string, unknown>) : value;
}

function recordableTool(tool: AgentTool): AgentTool {
  if (tool.source === 'weather') return { ...tool, url: withoutQuery(tool.url) };
  if (tool.source !== 'http') return tool;
  const headers = Object.entries(tool.headers).map(([name, value]) => [name, namesSecret(value) ? value : MASK]);
  return { ...tool, url: withoutQuery(tool.url), headers: Object.fromEntries(headers) };
}

function withoutQuery(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? url : `${url.slice(0, at)}?${MASK}`;
}

/** A copy in which whatever is called a key, secret or token is masked. */
export function maskedByName(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSecretName(name) && typeof member === 'string' ? MASK : masked(member)]),
  );
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  const object = asObject(value);
  return object === null ? value : maskedByName(object);
}
