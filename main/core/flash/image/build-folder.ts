import { readFile, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashFile, type FlashOptions, flashOptions } from '../../../../preload/contract/flash.ts';

/** `flasher_args.json`, which every ESP-IDF build leaves in its folder. */
const flasherArgs = z.object({
  flash_files: z.record(z.string(), z.string()),
  flash_settings: z
    .object({ flash_mode: z.string().optional(), flash_size: z.string().optional(), flash_freq: z.string().optional() })
    .default({}),
  extra_esptool_args: z
    .object({ after: z.string().optional(), before: z.string().optional(), stub: z.boolean().optional(), chip: z.string().optional() })
    .default({}),
});

export interface BuildFolder {
  files: FlashFile[];
  options: Partial<FlashOptions>;
}

/** What a build says about flashing itself. Fails with `flash/bad-file` {path, reason} and `flash/bad-offset`. */
export async function readBuildFolder(folder: string): Promise<BuildFolder> {
  const path = resolve(folder, 'flasher_args.json');
  let args: z.infer<typeof flasherArgs>;
  try {
    args = flasherArgs.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
  const files: FlashFile[] = [];
  for (const [address, name] of Object.entries(args.flash_files)) {
    const offset = Number(address);
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(address) || offset > 0xffffffff)
      throw new TalkError('flash/bad-offset', { offset: address, reason: 'not a number' });
    files.push({ offset, name, source: { path: await insideOf(folder, name) } });
  }
  return { files, options: { ...settingsOf(args.flash_settings), ...optionsOf(args.extra_esptool_args) } };
}

/** What the build wants in the bootloader's header; its own menu may have changed after the bootloader was built. */
function settingsOf({ flash_mode, flash_size, flash_freq }: z.infer<typeof flasherArgs>['flash_settings']): Partial<FlashOptions> {
  const mode = flashOptions.shape.flashMode.safeParse(flash_mode);
  return {
    ...(mode.success ? { flashMode: mode.data } : {}),
    ...(flash_size === undefined ? {} : { flashSize: flash_size }),
    ...(flash_freq === undefined ? {} : { flashFrequency: flash_freq }),
  };
}

function optionsOf(extra: z.infer<typeof flasherArgs>['extra_esptool_args']): Partial<FlashOptions> {
  const options: Partial<FlashOptions> = {};
  if (extra.chip !== undefined && extra.chip !== 'auto') options.expectChip = extra.chip;
  if (extra.stub !== undefined) options.useStub = extra.stub;
  // esptool 5 writes 'no-reset' where 4 wrote 'no_reset'.
  const before = extra.before?.replaceAll('_', '-');
  if (before === 'no-reset' || before === 'usb-reset' || before === 'default-reset') options.before = before;
  const after = extra.after?.replaceAll('_', '-');
  if (after === 'no-reset' || after === 'no-reset-stub') options.after = 'stay';
  return options;
}

/** A folder somebody was given must not make us read anything else, by its paths or by its links. */
async function insideOf(folder: string, name: string): Promise<string> {
  const path = resolve(folder, name);
  try {
    const root = await realpath(folder);
    const real = await realpath(path);
    const way = relative(root, real);
    if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return real;
  } catch (cause) {
    throw new TalkError('flash/bad-file', { path, reason: reasonOf(cause) }, { cause });
  }
  throw new TalkError('flash/bad-file', { path, reason: 'outside the build folder' });
}

export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof SyntaxError) return 'not JSON';
  return error instanceof z.ZodError ? 'not a flasher_args.json' : 'unreadable';
}
