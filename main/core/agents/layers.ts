import {
  type AgentAssignment,
  type AgentDocument,
  type AgentLayer,
  conversationSections,
  type LayerOrigin,
} from '../../../preload/contract/agents.ts';
import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import { settingsSchema } from '../../../preload/contract/settings.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { refusePlainKeys } from '../settings/plain-keys.ts';
import { issuesOf, leafSchemas } from '../settings/settings.ts';

type Tree = Record<string, Record<string, unknown>>;
export interface LayerProblem {
  key: string;
  issue: string;
}

/** Who a conversation is with. */
export interface ConversationDevice {
  productId: string;
  deviceName: string;
}

const defaults = settingsSchema.parse({});

/** A layer's leaves, each checked as the setting of that name; what is none or does not fit is left out and told. */
export function checkedLayer(layer: Readonly<Record<string, unknown>>): { layer: AgentLayer; problems: LayerProblem[] } {
  const checked: Tree = {};
  const problems: LayerProblem[] = [];
  for (const [section, leaves] of Object.entries(layer)) {
    const isSection = (conversationSections as readonly string[]).includes(section) && typeof leaves === 'object' && leaves !== null;
    if (!isSection) {
      problems.push({ key: section, issue: 'no part of a conversation’s settings' });
      continue;
    }
    for (const [name, value] of Object.entries(leaves)) {
      const key = `${section}.${name}`;
      const found = leafSchemas.get(key)?.safeParse(value);
      if (found?.success) checked[section] = { ...checked[section], [name]: found.data };
      else problems.push({ key, issue: found === undefined ? 'no such setting' : issuesOf(found.error).join('; ') });
    }
  }
  return { layer: checked, problems };
}

/** The layer as it may be stored. Throws TalkError 'settings/invalid' naming the first bad key and every issue, or 'agent/plain-secret'. */
export function validLayer(layer: Readonly<Record<string, unknown>>): AgentLayer {
  const { layer: checked, problems } = checkedLayer(layer);
  if (problems[0] !== undefined) throw new TalkError('settings/invalid', { key: problems[0].key, issues: problems });
  refusePlainKeys((checked.agent?.tools ?? []) as ConversationSettings['agent']['tools']);
  return checked;
}

interface Known {
  agents: ReadonlyMap<string, AgentDocument>;
  assignments: readonly AgentAssignment[];
}

/**
 * What lies over the bench's settings for a device and language, the weakest first: agent ← product ← device, in each scope what is for
 * every language ← what is for this one.
 */
export function layersFor(device: ConversationDevice, language: 'zh' | 'en', known: Known): { origin: LayerOrigin; layer: AgentLayer }[] {
  const agent = agentFor(device, language, known);
  return [
    ...(agent ? [{ origin: 'agent' as const, layer: agent.layer }] : []),
    ...assignmentsOf(device, language, known).map(({ deviceName, layer }) => ({
      origin: deviceName === null ? ('product' as const) : ('device' as const),
      layer,
    })),
  ];
}

/** The agent of the strongest assignment that names one. */
export function agentFor(device: ConversationDevice, language: 'zh' | 'en', known: Known): AgentDocument | undefined {
  const agentId = assignmentsOf(device, language, known).findLast((each) => each.agentId !== null)?.agentId;
  return agentId ? known.agents.get(agentId) : undefined;
}

/** Those that are for the device and language, the weakest first. */
function assignmentsOf(device: ConversationDevice, language: 'zh' | 'en', { assignments }: Known): AgentAssignment[] {
  return assignments
    .filter((each) => each.productId === device.productId && (each.deviceName === null || each.deviceName === device.deviceName))
    .filter((each) => each.language === null || each.language === language)
    .toSorted((one, other) => strength(one) - strength(other));
}

function strength({ deviceName, language }: AgentAssignment): number {
  return (deviceName === null ? 0 : 2) + (language === null ? 0 : 1);
}

/** Each leaf's value from the last layer that says it, and which that is. */
export function resolved(
  bench: ConversationSettings,
  layers: readonly { origin: LayerOrigin; layer: AgentLayer }[],
): { settings: ConversationSettings; origins: Record<string, LayerOrigin> } {
  const settings: Tree = {};
  const origins: Record<string, LayerOrigin> = {};
  for (const section of conversationSections) {
    settings[section] = { ...bench[section] };
    for (const [name, value] of Object.entries(bench[section])) {
      const isDefault = JSON.stringify(value) === JSON.stringify((defaults[section] as Record<string, unknown>)[name]);
      origins[`${section}.${name}`] = isDefault ? 'default' : 'bench';
    }
    for (const { origin, layer } of layers) {
      for (const [name, value] of Object.entries(layer[section] ?? {})) {
        settings[section][name] = value;
        origins[`${section}.${name}`] = origin;
      }
    }
  }
  // Each leaf was checked where it was stored.
  return { settings: settings as unknown as ConversationSettings, origins };
}
