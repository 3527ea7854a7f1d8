import type { z } from 'zod';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type Settings, settingsSchema } from '../../../preload/contract/settings.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { refusePlainKeys } from './plain-keys.ts';

type Problem = { key: string; issue: string };
type Tree = Record<string, Record<string, unknown>>;

export interface SettingsService {
  get(): Settings;
  /** All or nothing. Throws TalkError 'settings/invalid' naming the first bad key and every issue, or 'agent/plain-secret'. */
  set(changes: Tree): Promise<{ settings: Settings; restartNeeded: string[] }>;
  /** Stored values that were no longer valid and gave way to their defaults. */
  readonly problems: readonly Problem[];
  onChange(listener: (settings: Settings, changedKeys: readonly string[]) => void): () => void;
  calls: Pick<CallHandlers, 'settings.get' | 'settings.set'>;
  streams: Pick<StreamHandlers, 'settings.state'>;
}

/** Read once, when the listeners open. */
const restartSections: ReadonlySet<string> = new Set(['listeners', 'broker', 'certificates']);

/** The schema of each setting by its key, 'turns.vadSilenceMs'. */
export const leafSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  Object.entries(settingsSchema.shape).flatMap(([section, schema]) => {
    const object: z.ZodObject = schema.unwrap();
    return Object.entries(object.shape).map(([name, leaf]): [string, z.ZodType] => [`${section}.${name}`, leaf as z.ZodType]);
  }),
);

/** The settings as stored, each leaf checked by itself so that one bad value costs no other. */
export async function createSettings(deps: { store: Store; log: Log }): Promise<SettingsService> {
  const { store, log } = deps;
  const problems: Problem[] = [];
  const stored: Tree = {};
  for (const { key, value } of await store.read('setting.all', {})) {
    const schema = leafSchemas.get(key);
    const checked = schema?.safeParse(value);
    if (checked?.success) put(stored, key, checked.data);
    else problems.push({ key, issue: checked === undefined ? 'no such setting' : issuesOf(checked.error).join('; ') });
  }
  if (problems.length > 0) log.warn({ problems }, 'stored settings gave way to their defaults');
  let settings = settingsSchema.parse(stored);
  const listeners = new Set<(settings: Settings, changedKeys: readonly string[]) => void>();
  const topic = new Topic<Settings, Settings>({ snapshot: () => settings });
  /** One change after the other: each is checked against what the one before it left. */
  let changing: Promise<unknown> = Promise.resolve();

  async function apply(changes: Tree): Promise<{ settings: Settings; restartNeeded: string[] }> {
    const values: Record<string, unknown> = {};
    const invalid: Problem[] = [];
    for (const [section, leaves] of Object.entries(changes)) {
      for (const [name, value] of Object.entries(leaves)) {
        const key = `${section}.${name}`;
        const checked = leafSchemas.get(key)?.safeParse(value);
        if (checked?.success) values[key] = checked.data;
        else invalid.push({ key, issue: checked === undefined ? 'no such setting' : issuesOf(checked.error).join('; ') });
      }
    }
    if (invalid[0] !== undefined) throw new TalkError('settings/invalid', { key: invalid[0].key, issues: invalid });
    refusePlainKeys((values['agent.tools'] ?? []) as Settings['agent']['tools']);
    const changedKeys = Object.keys(values).filter((key) => JSON.stringify(read(settings, key)) !== JSON.stringify(values[key]));
    await store.write('setting.put', { values });
    const next: Tree = structuredClone(settings);
    for (const [key, value] of Object.entries(values)) put(next, key, value);
    settings = settingsSchema.parse(next);
    for (const key of Object.keys(values)) removeProblem(problems, key);
    if (changedKeys.length > 0) {
      topic.publish(settings);
      for (const listener of listeners) listener(settings, changedKeys);
    }
    return { settings, restartNeeded: changedKeys.filter((key) => restartSections.has(key.split('.')[0] ?? '')) };
  }

  function set(changes: Tree): Promise<{ settings: Settings; restartNeeded: string[] }> {
    const result = changing.then(() => apply(changes));
    changing = result.catch(() => {});
    return result;
  }

  return {
    get: () => settings,
    set,
    problems,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    calls: {
      'settings.get': async () => ({ settings, problems: [...problems] }),
      'settings.set': ({ changes }) => set(changes),
    },
    streams: { 'settings.state': () => ({ topic }) },
  };
}

function put(tree: Tree, key: string, value: unknown): void {
  const [section = '', name = ''] = key.split('.');
  tree[section] = { ...tree[section], [name]: value };
}

function read(tree: Tree, key: string): unknown {
  const [section = '', name = ''] = key.split('.');
  return tree[section]?.[name];
}

function removeProblem(problems: Problem[], key: string): void {
  const at = problems.findIndex((problem) => problem.key === key);
  if (at >= 0) problems.splice(at, 1);
}

export function issuesOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => issue.message);
}
