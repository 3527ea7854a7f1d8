import type { AgentAssignment, AgentLayer, ConversationSection } from '../../../preload/contract/agents.ts';

type Section = ConversationSection;

/** The layer with a leaf said anew. */
export function withLeaf(layer: AgentLayer, section: Section, name: string, value: unknown): AgentLayer {
  return { ...layer, [section]: { ...layer[section], [name]: value } };
}

/** The layer without a leaf: it is inherited again. A section that says nothing more is gone. */
export function withoutLeaf(layer: AgentLayer, section: Section, name: string): AgentLayer {
  const { [name]: _gone, ...leaves } = layer[section] ?? {};
  const { [section]: _section, ...others } = layer;
  return Object.keys(leaves).length === 0 ? others : { ...others, [section]: leaves };
}

/** Leaves the layer says, 'turns.vadSilenceMs'. */
export function ownKeys(layer: AgentLayer): string[] {
  return Object.entries(layer).flatMap(([section, leaves]) => Object.keys(leaves ?? {}).map((name) => `${section}.${name}`));
}

export interface Scope {
  productId: string;
  /** Null: every device of the product. */
  deviceName: string | null;
  /** Null: every language. */
  language: 'zh' | 'en' | null;
}

export function assignmentOf(assignments: readonly AgentAssignment[], scope: Scope): AgentAssignment {
  const known = assignments.find(
    (each) => each.productId === scope.productId && each.deviceName === scope.deviceName && each.language === scope.language,
  );
  return known ?? { ...scope, agentId: null, layer: {} };
}

/** What an agent's name is stored under: like a name, and free. */
export function freeAgentId(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 56) || 'agent';
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}
