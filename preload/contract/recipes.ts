import { z } from 'zod';
import { bytes } from './bytes.ts';
import { flashFamily, flashJob, requestedFlashOptions } from './flash.ts';
import { portAddress } from './ports.ts';
import { provisioning } from './provisioning.ts';

/** A file of a recipe: by its path on the core's host, or kept in the library by its content. */
export const recipeFile = z.object({
  offset: z.number().int().min(0).max(0xffffffff).optional(),
  name: z.string(),
  source: z.union([z.object({ path: z.string() }), z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })]),
});

/** What, where, on which kind of board, and how: everything of a flash but the board. */
export const recipe = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/),
  name: z.string().min(1).max(80),
  family: flashFamily.default('esp'),
  /** 'esp32s3', 'ec718'; null for any. */
  chip: z.string().nullable().default(null),
  files: z.array(recipeFile).max(256).default([]),
  buildFolder: z.string().optional(),
  options: requestedFlashOptions.omit({ agentboot: true }).default({}),
  agentboot: recipeFile.optional(),
  /** Without secrets: those are asked for, or come from a list. */
  provisioning: provisioning.optional(),
  notes: z.string().max(4000).default(''),
  changedWallMs: z.number().default(0),
});

export const batchBoard = z.object({
  address: portAddress,
  /** A serial number, a sticker: whatever tells it from the others. Unique in its batch. */
  label: z.string().max(80).default(''),
});

export const batch = z.object({
  batchId: z.string(),
  recipeId: z.string().nullable(),
  name: z.string(),
  startedWallMs: z.number(),
  state: z.enum(['running', 'done', 'cancelled']),
  /** The job of each board in the order given; null until it has begun, which a shared list of devices may delay. */
  boards: z.array(z.object({ address: portAddress, label: z.string(), job: flashJob.nullable() })),
});

export const recipeCalls = {
  /** Adds or replaces. Files given as data are kept in the library. */
  'recipes.save': {
    request: z.object({
      recipe,
      /** Contents of files the recipe names by SHA-256 and the library does not have yet. */
      contents: z
        .array(z.object({ data: bytes }))
        .max(64)
        .default([]),
    }),
    reply: recipe,
    role: 'operator',
  },
  'recipes.remove': { request: z.object({ id: z.string() }), reply: z.object({}), role: 'operator' },
  /** One JSON file; with `withFiles`, their contents too (base64), also of those named by path. Never a secret. */
  'recipes.export': {
    request: z.object({ id: z.string(), withFiles: z.boolean().default(true) }),
    reply: z.object({ name: z.string(), json: z.string() }),
    role: 'operator',
  },
  /** Fails with 'recipe/bad-file' {reason}. */
  'recipes.import': { request: z.object({ json: z.string().max(200_000_000) }), reply: recipe, role: 'operator' },
  /**
   * Flashes every board with one recipe, side by side; one failure never stops the others. `variables` are the secrets and
   * values that the recipe's provisioning asks for. Starts again those of an earlier batch that failed by giving only these.
   */
  'batch.start': {
    request: z.object({
      recipeId: z.string(),
      boards: z.array(batchBoard).min(1).max(64),
      variables: z.record(z.string(), z.string().max(4000)).default({}),
      /** How many at once. */
      atOnce: z.number().int().min(1).max(64).default(16),
    }),
    reply: z.object({ batchId: z.string() }),
    role: 'operator',
  },
  'batch.cancel': { request: z.object({ batchId: z.string() }), reply: z.object({}), role: 'operator' },
  /** The result table: a line a board, with label, address, chip, MAC, device, result, error, times, image SHA-256s. */
  'batch.export': {
    request: z.object({ batchId: z.string(), format: z.enum(['csv', 'json']), language: z.enum(['zh', 'en']).default('en') }),
    reply: z.object({ name: z.string(), text: z.string() }),
    role: 'operator',
  },
} as const;

export const recipeStreams = {
  /** Snapshot and delta: all of them, by name. */
  'recipes.all': { request: z.object({}), snapshot: z.array(recipe), delta: z.array(recipe) },
  /** Snapshot: batches of this run, newest last; a delta is one batch's new state. */
  'batch.all': { request: z.object({}), snapshot: z.array(batch), delta: batch },
} as const;

export type Recipe = z.infer<typeof recipe>;
export type RecipeFile = z.infer<typeof recipeFile>;
export type BatchBoard = z.infer<typeof batchBoard>;
export type Batch = z.infer<typeof batch>;
