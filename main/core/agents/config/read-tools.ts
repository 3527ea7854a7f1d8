import { asObject } from '../../../../pipeline/json-object.ts';
import { type AgentTool, agentTool } from '../../../../preload/contract/agents.ts';

/**
 * The tools of a configuration, as functions in OpenAI's form or as the console lists them ({Name, Description, Parameters}), in a list or
 * as JSON of one: each runs the action of its name on the board.
 */
export function readTools(value: unknown, path: string, notes: string[]): AgentTool[] {
  const list = typeof value === 'string' ? parsed(value) : value;
  if (!Array.isArray(list)) {
    notes.push(`${path}: not a list of tools`);
    return [];
  }
  return list.flatMap((item, index) => {
    const outer = asObject(item) ?? {};
    const tool = lowerKeys(asObject(outer.function) ?? asObject(outer.Function) ?? outer);
    const parameters = typeof tool.parameters === 'string' ? parsed(tool.parameters) : tool.parameters;
    const found = agentTool.safeParse({
      source: 'action',
      name: tool.name,
      ...(typeof tool.description === 'string' && { description: tool.description }),
      ...(asObject(parameters) !== null && { parameters }),
    });
    if (found.success) return found.data;
    notes.push(`${path}[${index}]: not a function with a name`);
    return [];
  });
}

function lowerKeys(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
