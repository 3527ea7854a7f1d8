import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type Recipe, type RecipeFile, recipe as recipeSchema } from '../../../preload/contract/recipes.ts';
import { readBuildFolder } from '../flash/image/build-folder.ts';
import { readLimited } from '../flash/image/read-file.ts';
import type { FirmwareShelf } from './firmware-shelf.ts';

const FORMAT = 'talkbench-recipe';
const VERSION = 1;
/** As many bytes as a JSON text can still carry in base64 without trouble. */
const MAX_FILES_BYTES = 96 * 1024 * 1024;

/** A recipe as a file for another bench. `contents`: base64 by SHA-256. */
const exchanged = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  recipe: recipeSchema,
  contents: z.record(z.string(), z.base64()).default({}),
});

/**
 * A recipe as JSON. With its files, those named by path are carried by their content too: the path means nothing elsewhere. A
 * build folder becomes its files. Fails with `flash/bad-file` for one that is gone and `too-large`.
 */
export async function writeExchanged(recipe: Recipe, shelf: FirmwareShelf, withFiles: boolean): Promise<{ name: string; json: string }> {
  const name = `${recipe.name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.recipe.json`;
  const json = (body: Recipe, contents: Record<string, string>) =>
    JSON.stringify({ format: FORMAT, version: VERSION, recipe: body, contents } satisfies z.input<typeof exchanged>, null, 2);
  if (!withFiles) return { name, json: json(recipe, {}) };

  const contents: Record<string, string> = {};
  let sizeBytes = 0;
  async function carry(file: RecipeFile): Promise<RecipeFile> {
    const data = 'path' in file.source ? await readLimited(file.source.path) : await shelf.read(file.source.sha256, file.name);
    sizeBytes += data.length;
    if (sizeBytes > MAX_FILES_BYTES) throw new TalkError('too-large', { limitBytes: MAX_FILES_BYTES, sizeBytes });
    const sha256 = createHash('sha256').update(data).digest('hex');
    contents[sha256] = Buffer.from(data).toString('base64');
    return { ...file, source: { sha256 } };
  }

  const { buildFolder, agentboot, ...rest } = recipe;
  const build = buildFolder === undefined ? null : await readBuildFolder(buildFolder);
  const files: RecipeFile[] = [];
  for (const file of recipe.files) files.push(await carry(file));
  for (const { name: fileName, offset, source } of build?.files ?? [])
    if ('path' in source) files.push(await carry({ name: fileName, source, ...(offset === undefined ? {} : { offset }) }));
  const { agentboot: _, ...fromBuild } = build?.options ?? {};
  const options = { ...fromBuild, ...rest.options };
  const carried = agentboot === undefined ? {} : { agentboot: await carry(agentboot) };
  return { name, json: json({ ...rest, files, options, ...carried }, contents) };
}

/** Fails with `recipe/bad-file` {reason}. A recipe whose id is here already comes in as another one. */
export function readExchanged(json: string, takenIds: readonly string[]): { recipe: Recipe; contents: Uint8Array[] } {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch (cause) {
    throw new TalkError('recipe/bad-file', { reason: 'not JSON' }, { cause });
  }
  const parsed = exchanged.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TalkError('recipe/bad-file', { reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a recipe'}` });
  }
  const { recipe, contents } = parsed.data;
  const files: Uint8Array[] = [];
  for (const [sha256, text] of Object.entries(contents)) {
    const data = new Uint8Array(Buffer.from(text, 'base64'));
    if (createHash('sha256').update(data).digest('hex') !== sha256)
      throw new TalkError('recipe/bad-file', { reason: `a file is not what its SHA-256 says: ${sha256}` });
    files.push(data);
  }
  return { recipe: takenIds.includes(recipe.id) ? { ...recipe, id: randomUUID() } : recipe, contents: files };
}
