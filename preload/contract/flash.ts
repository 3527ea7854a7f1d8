import { z } from 'zod';
import { bytes } from './bytes.ts';
import { talkErrorSchema } from './errors.ts';
import { nvsContents } from './nvs.ts';
import { portAddress } from './ports.ts';
import { provisioning } from './provisioning.ts';
import { monoUs } from './time.ts';

/** `path` is opened by the core's own host; `data` is what a browser host uploads instead. */
export const fileSource = z.union([z.object({ path: z.string() }), z.object({ data: bytes })]);

/**
 * One file of a flash. Without an offset the file goes where it belongs, which its content says: an Intel HEX file and a merged
 * image know, a partition table, a bootloader and an application have their places, and anything else goes to the partition of
 * its name. A `flasher_args.json` among them decides for all of them; a .soc or .binpkg is a whole package.
 */
export const flashFile = z.object({
  offset: z.number().int().min(0).max(0xffffffff).optional(),
  /** With folders, as a dropped folder has them: 'bootloader/bootloader.bin'. */
  name: z.string(),
  source: fileSource,
});

/** Whose download protocol. */
export const flashFamily = z.enum(['esp', 'cat1', 'bk7258']);

const optionChoices = {
  /** Baud rate for the transfer; the port returns to its own afterwards. Reduced by itself when writes fail. */
  baudRate: z.number().int().min(9600).max(12_000_000),
  /** How the board enters its loader. A string is a custom sequence: 'D0|R1|W0.1|D1|R0|W0.05|D0' (D DTR, R RTS, U both, W seconds). */
  before: z.union([z.enum(['default-reset', 'usb-reset', 'no-reset']), z.string().regex(/^[DRUW0-9.,|]{2,200}$/)]),
  after: z.enum(['hard-reset', 'stay']),
  useStub: z.boolean(),
  compress: z.boolean(),
  /** Leaves 64 KiB blocks alone whose MD5 on the board is that of what would be written. */
  skipUnchanged: z.boolean(),
  verify: z.boolean(),
  /** Erases the whole flash first. Never for LTE modules. */
  eraseAll: z.boolean(),
  /** Refuse unless the board is this chip ('esp32s3'); taken from flasher_args.json when a build folder is given. */
  expectChip: z.string(),
  /** Header patch at the bootloader offset; 'keep' leaves the image as built. */
  flashMode: z.enum(['keep', 'qio', 'qout', 'dio', 'dout']),
  flashFrequency: z.string(),
  flashSize: z.string(),
  /** Writes to a chip with secure boot or flash encryption on all the same, what does not fit its partition or is no image where one starts, and to what is another kind of board by its USB ids. */
  force: z.boolean(),
  /** LTE modules: which parts of the package to write, by their names in its plan; all unless said. */
  parts: z.array(z.string()),
  /** LTE modules: the second-stage loader that the vendor does not let anyone ship. */
  agentboot: fileSource,
  /** LTE modules: 'usb' follows the module's new USB port, 'uart' stays on this one. */
  transport: z.enum(['usb', 'uart']),
  /** What the sources of a protocol disagree about, or only one of them says (docs/cat1-flashing.md, docs/bk7258-flashing.md). */
  dialect: z
    .object({
      /** What a running module is told so that it enters its loader, tried in this order; none: by hand. */
      entries: z.array(z.enum(['ecrst-799', 'ecrst-500', 'ecrst-99', 'quectel', 'frame-only'])),
      /** Select and verify the image again before each 64 KiB. */
      infoPerPiece: z.boolean(),
      /** How the LuatOS script goes: as a file at its mapped address, or as a part of the application at its plain one. */
      scriptAs: z.enum(['flex', 'ap']),
      bootloaderAt: z.enum(['package', 'zero']),
      /** After a UART's baud rate was changed. */
      settleMs: z.number().min(0).max(5000),
      /** Writes go out in pieces of so many bytes, with a pause after each. */
      chunkBytes: z.number().int().min(1).max(65_536),
      chunkPauseMs: z.number().min(0).max(1000),
      /** Beken: whether the end of a CRC is the last byte, or the one behind it. */
      crcEnd: z.enum(['inclusive', 'exclusive']),
      /** Beken: how long the board waits at a new rate before it answers. */
      baudDelayMs: z.number().int().min(0).max(255),
      /** Beken: how the board is started again; the other way where that does not help. */
      restart: z.enum(['command', 'lines']),
      /** Beken: a CRC-16 after every 32 bytes of the script; auto: when the package says so and it has none. */
      scriptCrc: z.enum(['auto', 'always', 'never']),
    })
    .partial(),
};

/** What a request says. What it leaves out the build folder decides, and after that `flashOptions`. */
export const requestedFlashOptions = z.object(optionChoices).partial();

export const flashOptions = z.object({
  baudRate: optionChoices.baudRate.default(460800),
  before: optionChoices.before.default('default-reset'),
  after: optionChoices.after.default('hard-reset'),
  useStub: optionChoices.useStub.default(true),
  compress: optionChoices.compress.default(true),
  skipUnchanged: optionChoices.skipUnchanged.default(true),
  verify: optionChoices.verify.default(true),
  eraseAll: optionChoices.eraseAll.default(false),
  expectChip: optionChoices.expectChip.optional(),
  flashMode: optionChoices.flashMode.default('keep'),
  flashFrequency: optionChoices.flashFrequency.default('keep'),
  flashSize: optionChoices.flashSize.default('keep'),
  force: optionChoices.force.default(false),
  parts: optionChoices.parts.optional(),
  agentboot: optionChoices.agentboot.optional(),
  transport: optionChoices.transport.default('usb'),
  dialect: optionChoices.dialect.optional(),
});

/** What to write: files or a build folder, how, and what makes this board itself. */
export const firmware = z.object({
  files: z.array(flashFile).max(256).default([]),
  /** A folder with a flasher_args.json, on the core's host; or the path of such a file. */
  buildFolder: z.string().optional(),
  options: requestedFlashOptions.default({}),
  /** An NVS image of these values goes with the files, into the partition it names. */
  provisioning: provisioning.optional(),
});

export const partition = z.object({
  name: z.string(),
  /** 'app', 'data', or the number in hex. */
  type: z.string(),
  /** 'factory', 'ota_0', 'nvs', 'spiffs', …, or the number in hex. */
  subtype: z.string(),
  offset: z.number().int(),
  sizeBytes: z.number().int(),
  isEncrypted: z.boolean(),
  isReadOnly: z.boolean(),
});

export const appDescriptor = z.object({
  version: z.string(),
  project: z.string(),
  idfVersion: z.string(),
  /** SHA-256 of the ELF the image was made of, hex: how a log finds its symbols. */
  elfSha256: z.string(),
});

export const plannedFile = z.object({
  offset: z.number().int(),
  name: z.string(),
  sizeBytes: z.number().int(),
  /** Of the file as given, hex. */
  sha256: z.string(),
  kind: z.enum(['bootloader', 'partition-table', 'app', 'nvs', 'data', 'merged', 'module-image']),
  /** The chip an image was built for. */
  chip: z.string().nullable(),
  app: appDescriptor.nullable(),
  /** The partition it goes into, where a table says so; of an LTE module's package: 'BL', 'AP', 'CP', 'FLEX'. */
  partition: z.string().nullable(),
  /** Files within, of a LuatOS script. */
  contents: z.array(z.object({ name: z.string(), sizeBytes: z.number().int() })).optional(),
});

/** What deserves a look before writing, and is no mistake. Each has a sentence. */
export const planWarning = z.object({
  code: z.enum([
    'no-bootloader', // data {chip}
    'no-partition-table', // data {}
    'not-at-partition', // data {name, offset}: between partitions, or inside one
    'no-image', // data {name, offset, place}: goes where a chip starts from, a bootloader's place or an application's, and is nothing it starts
    'app-not-bootable', // data {name, partition}: written to a partition that is no application's
    'beyond-table', // data {flashBytes, endBytes}: partitions end beyond the flash size in the image's header
    'flash-smaller', // data {flashBytes, neededBytes}: the board's flash is smaller than the one that the firmware, or its table, is made for
    'turns-encryption-on', // data {}: a build for flash encryption; its first start burns the chip's eFuses
    'ota-stays', // data {partition}: an OTA choice on the board may start another application than the one written
    'nvs-replaced', // data {partition}: what the board kept there is lost
    'nvs-encrypted', // data {partition}: the board's own values go there in plain text, which such a firmware may not read
    'calibration-kept', // data {}: LTE modules
    'no-block-crc', // data {name}: a program without the CRCs that a BK7258 runs from its flash with
    'agentboot-needed', // data {chip, transport}: LTE modules: to be given before it can be written
    'part-skipped', // data {name, type}: an entry of a package that is not for writing
    'unknown-chip', // data {chip}
    'secret-in-file', // data {name}
    'not-written', // data {names}: a text; beside a flasher_args.json that does not name them
    'signed', // data {name}: for secure boot; its header stays as built
    'table-replaced', // data {}: the board's partitions lie elsewhere now; what they kept may be lost
  ]),
  data: z.record(z.string(), z.unknown()),
});

export const flashPlan = z.object({
  family: flashFamily,
  /** What it is, in the package's or the application's own words. */
  title: z.string().nullable(),
  files: z.array(plannedFile),
  totalBytes: z.number().int(),
  expectChip: z.string().nullable(),
  options: flashOptions.omit({ agentboot: true }),
  /** From the table among the files; null without one. */
  partitions: z.array(partition).nullable(),
  /** Size of the flash as far as it is known before a board is asked: the option, else the bootloader's header. */
  flashBytes: z.number().int().nullable(),
  warnings: z.array(planWarning),
  /** The same by our own command line, and by the vendor's tool where there is one; null for uploaded files' paths. */
  commands: z.array(z.object({ tool: z.enum(['talkbench', 'esptool']), line: z.string() })),
});

export const flashStage = z.enum([
  'connect',
  'identify',
  'stub', // Espressif's stub, an LTE module's agentboot
  'baud',
  'compare', // MD5 of what is on the board
  'erase',
  'write',
  'verify',
  'read',
  'reset',
]);

export const chipIdentity = z.object({
  chip: z.string(), // 'esp32s3', 'ec718'
  description: z.string(), // 'ESP32-S3 (revision v0.2)'
  /** 100 × major + minor, as image headers write it; null where the loader does not tell. */
  revision: z.number().int().nullable().default(null),
  /** Null where the loader does not tell. */
  mac: z.string().nullable(),
  flashBytes: z.number().int().nullable(),
  flashId: z.string().nullable(),
  security: z
    .object({
      secureBoot: z.boolean(),
      flashEncryption: z.boolean(),
      /** The ROM accepts only a part of the commands. */
      secureDownload: z.boolean(),
      jtagDisabled: z.boolean(),
      /** As the chip gave them. */
      flags: z.number().int(),
    })
    .nullable()
    .default(null),
});

/** What went otherwise than asked, and was mended or can be. Each has a sentence. */
export const flashNote = z.object({
  atUs: monoUs,
  code: z.enum([
    'rom-only', // data {chip, reason}: no stub: written by the ROM, slowly
    'stub-resident', // data {}: an earlier job's loader still ran
    'baud-reduced', // data {from, to, reason}
    'block-repeated', // data {offset, reason}
    'unchanged', // data {sizeBytes, ofBytes}
    'rebooted-by-loader', // data {}: the port has no control lines
    'not-reset', // data {}
    'not-protected', // data {}: a flash's write protection could not be put back as it was
    'security', // data {secureBoot, flashEncryption}: written all the same
    'press-boot', // data {how}: a person has to
    'port-moved', // data {from, to}
    'waits-its-turn', // data {}: boards that come back as another port, and would be taken for each other, go one at a time
  ]),
  data: z.record(z.string(), z.unknown()),
});

const range = z.object({ offset: z.number().int().min(0).max(0xffffffff), sizeBytes: z.number().int().min(1).max(0xffffffff) });

/** What a job does. */
export const flashTask = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('write'), ...firmware.shape }),
  /** Chip, flash, security, partition table, the applications there are. */
  z.object({ kind: z.literal('info'), family: flashFamily.default('esp'), options: requestedFlashOptions.default({}) }),
  /** A partition, a range, or all of the flash, for `flash.result`. */
  z.object({
    kind: z.literal('read'),
    what: z.union([z.literal('all'), z.object({ partition: z.string() }), range]),
    options: requestedFlashOptions.default({}),
  }),
  /** 'all' only with `confirm`: the word a person typed, the board's MAC or 'erase'. */
  z.object({
    kind: z.literal('erase'),
    what: z.union([z.literal('all'), z.object({ partition: z.string() }), range]),
    confirm: z.literal('erase'),
    options: requestedFlashOptions.default({}),
  }),
  /** The NVS partition of that name, decoded. */
  z.object({ kind: z.literal('nvs'), partition: z.string().default('nvs'), options: requestedFlashOptions.default({}) }),
]);

export const flashJob = z.object({
  jobId: z.string(),
  kind: z.enum(['write', 'info', 'read', 'erase', 'nvs']).default('write'),
  family: flashFamily.default('esp'),
  address: portAddress,
  /** What the user calls this board: of a batch. */
  label: z.string().nullable().default(null),
  batchId: z.string().nullable().default(null),
  /** The device it was provisioned as. */
  device: z.object({ productId: z.string(), deviceName: z.string() }).nullable().default(null),
  title: z.string().nullable().default(null),
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
      sha256: z.string().default(''),
      writtenBytes: z.number().int(),
      /** Of `writtenBytes`, those that were there already. */
      unchangedBytes: z.number().int().default(0),
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
  boardState: z.enum(['unknown', 'download-mode', 'running', 'partially-written', 'erased', 'not-booting']),
  /** What the board itself adds to the plan's warnings, once it answered. */
  warnings: z.array(planWarning).optional(),
  /** Of the board, where it was read. */
  partitions: z.array(partition).nullable().default(null),
  apps: z.array(z.object({ partition: z.string(), app: appDescriptor })).default([]),
  nvs: nvsContents.nullable().default(null),
  /** What a read left for `flash.result`. */
  result: z.object({ name: z.string(), sizeBytes: z.number().int(), sha256: z.string() }).nullable().default(null),
  notes: z.array(flashNote).default([]),
  commands: z.array(z.object({ tool: z.enum(['talkbench', 'esptool']), line: z.string() })).default([]),
  error: talkErrorSchema.nullable(),
});

/** One line of what went over the wire, as a person reads it. Secret bytes are never in it. */
export const flashTraceLine = z.object({
  atUs: monoUs,
  direction: z.enum(['sent', 'received', 'note']),
  text: z.string(),
});

export const flashCalls = {
  /** Reads the files and says what would be written, touching no board. */
  'flash.plan': { request: firmware, reply: flashPlan, role: 'operator' },
  'flash.start': {
    request: z.object({
      address: portAddress,
      label: z.string().max(80).optional(),
      task: flashTask,
      /** Of a write: the files of the plan that was shown. Refused with 'flash/files-changed' when it would be another one by now. */
      planned: z.array(plannedFile.pick({ offset: true, name: true, sha256: true })).optional(),
    }),
    reply: z.object({ jobId: z.string() }),
    role: 'operator',
  },
  'flash.cancel': { request: z.object({ jobId: z.string() }), reply: z.object({}), role: 'operator' },
  /** Bytes that a read brought, at most 1 MiB at once. Kept for the last few jobs. */
  'flash.result': {
    request: z.object({ jobId: z.string(), offset: z.number().int().min(0), sizeBytes: z.number().int().min(1).max(1_048_576) }),
    reply: z.object({ data: bytes }),
    role: 'operator',
  },
} as const;

/** Snapshot: jobs of this run; a delta is one job's new state. */
export const flashStreams = {
  'flash.jobs': { request: z.object({}), snapshot: z.array(flashJob), delta: flashJob },
  /** The newest lines of one job's protocol log. `droppedLines`: older ones that were not kept. */
  'flash.trace': {
    request: z.object({ jobId: z.string() }),
    snapshot: z.object({ droppedLines: z.number().int(), lines: z.array(flashTraceLine) }),
    delta: z.object({ lines: z.array(flashTraceLine) }),
  },
} as const;

export type FileSource = z.infer<typeof fileSource>;
export type FlashFile = z.infer<typeof flashFile>;
export type FlashFamily = z.infer<typeof flashFamily>;
export type FlashOptions = z.infer<typeof flashOptions>;
export type RequestedFlashOptions = z.infer<typeof requestedFlashOptions>;
export type Firmware = z.infer<typeof firmware>;
export type FlashTask = z.infer<typeof flashTask>;
export type FlashPlan = z.infer<typeof flashPlan>;
export type PlannedFile = z.infer<typeof plannedFile>;
export type PlanWarning = z.infer<typeof planWarning>;
export type Partition = z.infer<typeof partition>;
export type AppDescriptor = z.infer<typeof appDescriptor>;
export type FlashStage = z.infer<typeof flashStage>;
export type FlashNote = z.infer<typeof flashNote>;
export type FlashJob = z.infer<typeof flashJob>;
export type FlashTraceLine = z.infer<typeof flashTraceLine>;
export type ChipIdentity = z.infer<typeof chipIdentity>;
