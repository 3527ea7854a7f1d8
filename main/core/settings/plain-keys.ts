import { isKeyParameter, isSecretName, namesSecret } from '../../../pipeline/secret-words.ts';
import type { AgentTool } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/**
 * Settings and agents are shown to every viewer and copied into exports, so a key stands in them by its name only. Throws TalkError
 * 'agent/plain-secret' {where} for tools that hold one; the error does not repeat it.
 */
export function refusePlainKeys(tools: readonly AgentTool[]): void {
  for (const tool of tools) {
    const place = placeOfKey(tool);
    if (place !== undefined) throw new TalkError('agent/plain-secret', { where: `${tool.name}: ${place}` });
  }
}

function placeOfKey(tool: AgentTool): string | undefined {
  const headers = tool.source === 'http' ? Object.entries(tool.headers) : [];
  for (const [name, value] of headers) if (isSecretName(name) && value.trim() !== '' && !namesSecret(value)) return name;
  if (tool.source !== 'http' && tool.source !== 'weather') return undefined;
  for (const [, name = '', value = ''] of tool.url.matchAll(/[?&]([^=&#]+)=([^&#]*)/gu)) {
    // `{city}` and `${secret:NAME}` are filled in when it is used.
    if (isKeyParameter(name) && value !== '' && !value.includes('{')) return `?${name}=`;
  }
  return /^https?:\/\/[^/?#]*@/iu.test(tool.url) ? 'https://…@' : undefined;
}
