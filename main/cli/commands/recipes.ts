import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { Recipe, RecipeFile } from '../../../preload/contract/recipes.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, runWithCore, withCommonOptions } from '../command.ts';
import { type FlashCommandOptions, firmwareOf, withFirmwareOptions } from '../firmware-options.ts';
import { writeOutputFile } from '../output-file.ts';
import { snapshotOf } from '../snapshot.ts';

/** By its name or id. Fails with `not-found`. */
export async function recipeOf(client: Client, wanted: string): Promise<Recipe> {
  const found = (await snapshotOf(client, 'recipes.all', {})).find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) throw new TalkError('not-found', { what: 'recipe', id: wanted });
  return found;
}

function recipeText({ name, family, chip, files, buildFolder }: Recipe): string {
  const what = buildFolder ?? files.map((file) => file.name).join(', ');
  return [name, family, chip ?? 'any', what].join('\t');
}

export function addRecipesCommand(program: Command): void {
  const recipes = program.command('recipes').description('what to flash, where and how: saved, exported, used again');

  withCommonOptions(recipes.command('list').description('all recipes')).action((options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) =>
      output.result(await snapshotOf(client, 'recipes.all', {}), (all) => all.map(recipeText).join('\n')),
    ),
  );

  withFirmwareOptions(
    withCommonOptions(
      recipes
        .command('save')
        .argument('<name>', 'what to call it')
        .argument('<what...>', 'as for `talkbench flash`')
        .description('keep a flash as a recipe; files stay where they are, secrets become variables'),
    ),
  ).action((name: string, targets: string[], options: FlashCommandOptions) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { files, buildFolder, options: flashOptions, provisioning } = await firmwareOf(client, targets, options);
      const { agentboot, ...rest } = flashOptions;
      const plan = await client.call('flash.plan', { files, ...(buildFolder === undefined ? {} : { buildFolder }), options: flashOptions });
      const old = (await snapshotOf(client, 'recipes.all', {})).find((recipe) => recipe.name === name);
      const saved = await client.call('recipes.save', {
        recipe: {
          id: old?.id ?? randomUUID(),
          name,
          family: plan.family,
          chip: plan.expectChip,
          files: files.map((file): RecipeFile => ({ ...file, source: { path: pathOf(file.source) } })),
          ...(buildFolder === undefined ? {} : { buildFolder }),
          options: rest,
          ...(agentboot === undefined ? {} : { agentboot: { name: 'agentboot', source: { path: pathOf(agentboot) } } }),
          ...(provisioning === undefined ? {} : { provisioning }),
        },
      });
      output.result(saved, recipeText);
    }),
  );

  withCommonOptions(
    recipes
      .command('export')
      .argument('<recipe>', 'name or id')
      .option('--out <file>', 'where to; standard output without')
      .option('--no-files', 'without the contents of its files')
      .description('one JSON file for another bench; never a secret'),
  ).action((wanted: string, options: CommonOptions & { out?: string; files: boolean }) =>
    runWithCore(options, 'offline', async (client, output) => {
      const { id } = await recipeOf(client, wanted);
      const { json } = await client.call('recipes.export', { id, withFiles: options.files });
      if (options.out === undefined) process.stdout.write(`${json}\n`);
      else {
        await writeOutputFile(options.out, (file) => file.writeFile(json));
        output.result({ file: options.out, sizeBytes: Buffer.byteLength(json) }, ({ file }) => file);
      }
    }),
  );

  withCommonOptions(recipes.command('import').argument('<file>', 'of another bench').description('take over a recipe')).action(
    (path: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const json = await readFile(path, 'utf8').catch((cause: unknown) => {
          throw new TalkError('recipe/bad-file', { reason: `unreadable: ${path}` }, { cause });
        });
        output.result(await client.call('recipes.import', { json }), recipeText);
      }),
  );

  withCommonOptions(recipes.command('remove').argument('<recipe>', 'name or id').description('forget a recipe')).action(
    (wanted: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        const { id, name } = await recipeOf(client, wanted);
        await client.call('recipes.remove', { id });
        output.result({ id, name }, (removed) => removed.name);
      }),
  );
}

function pathOf(source: { path: string } | { data: Uint8Array }): string {
  if ('path' in source) return source.path;
  throw new Error('the command line names files by path');
}
