import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import { resimulatedSettings } from '../../../../preload/contract/replay.ts';
import { type ConversationSettings, settingsSchema } from '../../../../preload/contract/settings.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { checkedLayer, resolved } from '../../agents/layers.ts';
import type { RecordedConversation } from './recorded.ts';

type Tree = Record<string, Record<string, unknown>>;

/** Sections that recordings of older versions do not have. */
const laterSections = ['frontEnd', 'voice', 'conversation'] as const;

const simulated: ReadonlySet<string> = new Set(resimulatedSettings);

/** The changes as a layer. Throws TalkError 'settings/invalid' {key, issues}, 'replay/needs-rerun' {keys}. */
export function validChanges(changes: Tree): AgentLayer {
  const { layer, problems } = checkedLayer(changes);
  if (problems[0] !== undefined) throw new TalkError('settings/invalid', { key: problems[0].key, issues: problems });
  const keys = Object.entries(layer).flatMap(([section, leaves]) => Object.keys(leaves).map((name) => `${section}.${name}`));
  const others = keys.filter((key) => !simulated.has(key));
  if (others.length > 0) throw new TalkError('replay/needs-rerun', { keys: others });
  return layer;
}

/** One more setting over the changes. */
export function withSetting(changes: Tree, key: string, value: unknown): Tree {
  const [section = '', name = ''] = key.split('.');
  return { ...changes, [section]: { ...changes[section], [name]: value } };
}

/** The recorded settings, then what was changed while it ran, then the changes to try. */
export interface SimulationSettings {
  current(): ConversationSettings;
  /** What the recording says was changed: `{'turns.vadSilenceMs': 400}`. */
  changed(changes: Readonly<Record<string, unknown>>): void;
}

export function simulationSettings({ opened, greeting }: RecordedConversation, changes: AgentLayer): SimulationSettings {
  const bench = settingsSchema.parse({ agent: { greetingZh: '', greetingEn: '' } });
  // What was masked in the recording is none of the schema's: it stays the default, and nothing here depends on it.
  const recorded = checkedLayer(opened.settings).layer;
  const known: Tree = {
    // The greeting was a template; what it became is what was said. Tools are the recorded board's, and the prompt is nobody's.
    agent: { greetingZh: greeting, greetingEn: greeting, tools: [], systemPrompt: '' },
    frontEnd: { noiseSuppression: 'off', isVoiceprintGated: false },
  };
  const later: Tree = {};
  const layered = () =>
    resolved(
      bench,
      [recorded, known, later, changes].map((layer) => ({ origin: 'bench' as const, layer: layer as AgentLayer })),
    ).settings;
  let current = layered();
  return {
    current: () => current,
    changed(leaves) {
      for (const [key, value] of Object.entries(leaves)) {
        const [section = '', name = ''] = key.split('.');
        if (!simulated.has(key) || section === 'engines') continue;
        const leaf = checkedLayer({ [section]: { [name]: value } }).layer as Tree;
        later[section] = { ...later[section], ...leaf[section] };
      }
      current = layered();
    },
  };
}

export function sectionsMissing({ opened }: RecordedConversation): number {
  return laterSections.filter((section) => opened.settings[section] === undefined).length;
}
