import { TalkError } from '../../../preload/contract/errors.ts';
import type { FileSource, Firmware } from '../../../preload/contract/flash.ts';
import { type Recipe, type RecipeFile, recipe as recipeSchema } from '../../../preload/contract/recipes.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { readExchanged, writeExchanged } from './exchange.ts';
import type { FirmwareShelf } from './firmware-shelf.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Of a name that gets a number behind it; all of it is 80 at most. */
const LONGEST_STEM = 72;

export interface Recipes {
  calls: Pick<CallHandlers, 'recipes.save' | 'recipes.remove' | 'recipes.export' | 'recipes.import'>;
  streams: Pick<StreamHandlers, 'recipes.all'>;
  /** Fails with `not-found`. */
  get(id: string): Recipe;
  /** What to flash by it, with these values in its provisioning. Fails with `flash/bad-file` for a file that is gone. */
  firmwareOf(recipe: Recipe, variables: Readonly<Record<string, string>>): Promise<Firmware>;
}

/** The lab's recipes. All of them are in memory; the store follows. */
export async function createRecipes(deps: { store: Store; shelf: FirmwareShelf; clock: Clock; log: Log }): Promise<Recipes> {
  const { store, shelf, clock, log } = deps;
  const recipes = new Map<string, Recipe>();
  for (const body of await store.read('recipe.list', {})) {
    const parsed = recipeSchema.safeParse(body);
    if (parsed.success) recipes.set(parsed.data.id, parsed.data);
    else log.error({ issues: parsed.error.issues }, 'a stored recipe cannot be read');
  }
  const all = () => [...recipes.values()].sort((a, b) => a.name.localeCompare(b.name));
  const topic = new Topic<Recipe[], Recipe[]>({ snapshot: all, retain: 8 });
  let changes: Promise<unknown> = Promise.resolve();

  /** One change after the other: a removal must not take the files of a recipe that is just being saved, and no name is free twice. */
  function inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = changes.then(change);
    changes = changed.catch(() => {});
    return changed;
  }

  function get(id: string): Recipe {
    const found = recipes.get(id);
    if (found === undefined) throw new TalkError('not-found', { what: 'recipe', id });
    return found;
  }

  async function save(given: Recipe, contents: readonly Uint8Array[]): Promise<Recipe> {
    const kept = new Set<string>();
    for (const data of contents) kept.add(await shelf.put(data));
    for (const file of filesOf(given)) {
      if ('path' in file.source || kept.has(file.source.sha256) || (await shelf.has(file.source.sha256))) continue;
      throw new TalkError('flash/bad-file', { path: file.name, reason: 'not in the library' });
    }
    const recipe = readable({ ...withoutSecrets(given), name: freeName(given), changedWallMs: clock.wallMs() });
    await store.write('recipe.save', { recipe });
    recipes.set(recipe.id, recipe);
    topic.publish(all());
    return recipe;
  }

  /** Names are unique: people choose by them. */
  function freeName({ id, name }: Recipe): string {
    const taken = new Set([...recipes.values()].filter((other) => other.id !== id).map((other) => other.name));
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name.slice(0, LONGEST_STEM).toWellFormed()} (${number})`;
    return free;
  }

  return {
    calls: {
      'recipes.save': ({ recipe, contents }) =>
        inTurn(() =>
          save(
            recipe,
            contents.map(({ data }) => data),
          ),
        ),
      'recipes.remove': ({ id }) =>
        inTurn(async () => {
          get(id);
          await store.write('recipe.remove', { id });
          recipes.delete(id);
          await shelf.keepOnly(
            new Set([...recipes.values()].flatMap(filesOf).flatMap(({ source }) => ('sha256' in source ? [source.sha256] : []))),
          );
          topic.publish(all());
          return {};
        }),
      'recipes.export': ({ id, withFiles }) => writeExchanged(get(id), shelf, withFiles),
      'recipes.import': ({ json }) =>
        inTurn(async () => {
          const { recipe, contents } = readExchanged(json, [...recipes.keys()]);
          return save(recipe, contents);
        }),
    },
    streams: { 'recipes.all': () => ({ topic, isState: true }) },
    get,
    async firmwareOf(recipe, variables) {
      const sourceOf = async ({ name, source }: RecipeFile): Promise<FileSource> =>
        'path' in source ? source : { data: await shelf.read(source.sha256, name) };
      const files: Firmware['files'] = [];
      for (const file of recipe.files)
        files.push({ name: file.name, source: await sourceOf(file), ...(file.offset === undefined ? {} : { offset: file.offset }) });
      const { provisioning, agentboot } = recipe;
      return {
        files,
        ...(recipe.buildFolder === undefined ? {} : { buildFolder: recipe.buildFolder }),
        options: {
          ...recipe.options,
          ...(recipe.chip === null || recipe.options.expectChip !== undefined ? {} : { expectChip: recipe.chip }),
          ...(agentboot === undefined ? {} : { agentboot: await sourceOf(agentboot) }),
        },
        ...(provisioning === undefined
          ? {}
          : { provisioning: { ...provisioning, variables: { ...provisioning.variables, ...variables } } }),
      };
    },
  };
}

/** What could not be read after a restart is refused now: a CSV's values are more, and larger, than entries may be. */
function readable(recipe: Recipe): Recipe {
  const parsed = recipeSchema.safeParse(recipe);
  if (parsed.success) return parsed.data;
  throw new TalkError('bad-request', { issues: parsed.error.issues.map(({ path, message }) => ({ path, message })) });
}

export function filesOf({ files, agentboot }: Recipe): RecipeFile[] {
  return agentboot === undefined ? files : [...files, agentboot];
}
