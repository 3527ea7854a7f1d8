import type { LlmMessage } from '../engines/llm/engine.ts';

export interface AgentOptions {
  language: 'zh' | 'en';
  /** Templates with `${name}` places; the greeting of the conversation's language. */
  systemPrompt: string;
  greeting: string;
  variables: Readonly<Record<string, string>>;
}

export interface Agent {
  /** Empty: the agent does not speak first. */
  readonly greeting: string;
  /** The messages every request starts with. */
  readonly preamble: readonly LlmMessage[];
}

/** Fills the `${name}` places of a template from `variables`; an unknown one is left out. */
export function fillTemplate(template: string, variables: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{\s*([\w.-]+)\s*\}/gu, (_place, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? '') : '',
  );
}

export function createAgent(options: AgentOptions): Agent {
  const prompt = fillTemplate(options.systemPrompt, options.variables).trim();
  return {
    greeting: fillTemplate(options.greeting, options.variables).trim(),
    preamble: prompt === '' ? [] : [{ role: 'system', content: prompt }],
  };
}
