import type { AgentTool } from '../../../../preload/contract/agents.ts';

export type OwnTool = Exclude<AgentTool, { source: 'action' }>;
export type ActionTool = Extract<AgentTool, { source: 'action' }>;

/** What an agent may have besides the actions of its board, in the order it is offered. */
export const ownSources = ['http', 'knowledge', 'reminder', 'weather', 'music', 'call'] as const;

/** Of several tools of a kind each needs a name of its own. */
function freeName(name: string, tools: readonly AgentTool[]): string {
  const taken = new Set(tools.map((tool) => tool.name));
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name}_${n}`;
  return candidate;
}

/** A tool to begin with. */
export function newTool(source: OwnTool['source'], tools: readonly AgentTool[]): OwnTool {
  switch (source) {
    case 'http':
      return {
        source,
        name: freeName('look_up', tools),
        description: '',
        parameters: { type: 'object', properties: {} },
        method: 'POST',
        url: '',
        headers: {},
        timeoutMs: 5000,
        isReadOnly: true,
      };
    case 'knowledge':
      return { source, name: freeName('search_knowledge', tools), description: '', folder: '' };
    case 'reminder':
      return { source, name: freeName('set_reminder', tools) };
    case 'weather':
      return { source, name: freeName('get_weather', tools), url: '' };
    case 'music':
      return { source, name: freeName('play_music', tools) };
    case 'call':
      return { source, name: freeName('make_call', tools) };
  }
}

/** The actions that are said something about, changed for one of them; one that is offered as it is needs no saying. */
export function withAction(tools: readonly AgentTool[], name: string, change: { isOn?: boolean; description?: string }): AgentTool[] {
  const known = tools.find((tool): tool is ActionTool => tool.source === 'action' && tool.name === name);
  const { description: _replaced, ...kept } = known ?? { source: 'action' as const, name, isOn: true };
  const description = 'description' in change ? change.description : known?.description;
  const next: ActionTool = {
    ...kept,
    isOn: change.isOn ?? kept.isOn,
    ...(description === undefined || description === '' ? {} : { description }),
  };
  const others = tools.filter((tool) => tool !== known);
  const isAsItIs = next.isOn && next.description === undefined && next.parameters === undefined;
  return isAsItIs ? others : [...others, next];
}

/** `Name: value` lines as headers; null when a line is none. */
export function headersOf(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const match = /^\s*([!#$%&'*+\-.^_`|~\w]+)\s*:\s*(.*?)\s*$/.exec(line);
    if (match === null) return null;
    headers[match[1] as string] = match[2] as string;
  }
  return headers;
}

export function headersText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

/** `${secret:NAME}` places of a text. */
export function secretNames(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{secret:([\w.-]{1,64})\}/g)].map((match) => match[1] as string))];
}
