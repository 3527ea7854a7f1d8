import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { portAddress } from './ports.ts';

/** One region to write. `path` is opened by the core's own host; `data` is what a browser host uploads instead. */
export const flashFile = z.object({
  offset: z.number().int().min(0).max(0xffffffff),
  name: z.string(),
  source: z.union([z.object({ path: z.string() }), z.object({ data: bytes })]),
});

const optionChoices = {
  /** Baud rate for the transfer; the port returns to its own afterwards. */
  baudRate: z.number().int(),
  before: z.enum(['default-reset', 'usb-reset', 'no-reset']),
  after: z.enum(['hard-reset', 'stay']),
  useStub: z.boolean(),
  compress: z.boolean(),
  verify: z.boolean(),
  /** Refuse unless the board is this chip ('esp32s3'); taken from flasher_args.json when a build folder is given. */
  expectChip: z.string(),
  /** Header patch at the bootloader offset; 'keep' leaves the image as built. */
  flashMode: z.enum(['keep', 'qio', 'qout', 'dio', 'dout']),
  flashFrequency: z.string(),
  flashSize: z.string(),
};

/** What a request says. What it leaves out the build folder decides, and after that `flashOptions`. */
const requestedFlashOptions = z.object(optionChoices).partial();

export const flashOptions = z.object({
  baudRate: optionChoices.baudRate.default(460800),
  before: optionChoices.before.default('default-reset'),
  after: optionChoices.after.default('hard-reset'),
  useStub: optionChoices.useStub.default(true),
  compress: optionChoices.compress.default(true),
  verify: optionChoices.verify.default(true),
  expectChip: optionChoices.expectChip.optional(),
  flashMode: optionChoices.flashMode.default('keep'),
  flashFrequency: optionChoices.flashFrequency.default('keep'),
  flashSize: optionChoices.flashSize.default('keep'),
});

export const flashPlan = z.object({
  files: z.array(z.object({ offset: z.number().int(), name: z.string(), sizeBytes: z.number().int() })),
  totalBytes: z.number().int(),
  expectChip: z.string().nullable(),
  options: flashOptions,
});

export const flashStage = z.enum(['connect', 'identify', 'stub', 'baud', 'write', 'verify', 'reset']);

export const chipIdentity = z.object({
  chip: z.string(), // 'esp32s3'
  description: z.string(), // 'ESP32-S3 (revision v0.2)'
  mac: z.string(),
  flashBytes: z.number().int().nullable(),
  flashId: z.string().nullable(),
});

export const flashJob = z.object({
  jobId: z.string(),
  address: portAddress,
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  stage: flashStage,
  /** Stages gone through, with how long each took. */
  stages: z.array(z.object({ stage: flashStage, elapsedMs: z.number() })),
  chip: chipIdentity.nullable(),
  files: z.array(
    z.object({
      offset: z.number().int(),
      name: z.string(),
      sizeBytes: z.number().int(),
      writtenBytes: z.number().int(),
      md5: z.string().nullable(),
      verified: z.boolean().nullable(),
    }),
  ),
  totalBytes: z.number().int(),
  writtenBytes: z.number().int(),
  /** Uncompressed bytes per second over the last second or so; null until known. */
  bytesPerSecond: z.number().nullable(),
  etaMs: z.number().nullable(),
  /** What the board was left doing: it is never left unnamed. */
  boardState: z.enum(['unknown', 'download-mode', 'running', 'partially-written']),
  error: talkErrorSchema.nullable(),
});

export const flashCalls = {
  /** Reads the files (or `buildFolder`'s flasher_args.json) and says what would be written, touching no board. */
  'flash.plan': {
    request: z.object({
      files: z.array(flashFile).default([]),
      buildFolder: z.string().optional(),
      options: requestedFlashOptions.default({}),
    }),
    reply: flashPlan,
    role: 'operator',
  },
  'flash.start': {
    request: z.object({
      address: portAddress,
      files: z.array(flashFile).default([]),
      buildFolder: z.string().optional(),
      options: requestedFlashOptions.default({}),
    }),
    reply: z.object({ jobId: z.string() }),
    role: 'operator',
  },
  'flash.cancel': { request: z.object({ jobId: z.string() }), reply: z.object({}), role: 'operator' },
} as const;

/** Snapshot: jobs of this run; a delta is one job's new state. */
export const flashStreams = {
  'flash.jobs': { request: z.object({}), snapshot: z.array(flashJob), delta: flashJob },
} as const;

export type FlashFile = z.infer<typeof flashFile>;
export type FlashOptions = z.infer<typeof flashOptions>;
export type FlashPlan = z.infer<typeof flashPlan>;
export type FlashStage = z.infer<typeof flashStage>;
export type FlashJob = z.infer<typeof flashJob>;
export type ChipIdentity = z.infer<typeof chipIdentity>;
