import { z } from 'zod';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashOptions, flashOptions } from '../../../../preload/contract/flash.ts';

export const FLASHER_ARGS = 'flasher_args.json';
const LARGEST_TEXT = 1_000_000;
const MOST_FILES = 256;

/** `flasher_args.json`, which every ESP-IDF build leaves in its folder; beside these, one object for each part by its name. */
const flasherArgs = z.looseObject({
  flash_files: z.record(z.string(), z.string()),
  flash_settings: z
    .object({ flash_mode: z.string().optional(), flash_size: z.string().optional(), flash_freq: z.string().optional() })
    .default({}),
  extra_esptool_args: z
    .object({ after: z.string().optional(), before: z.string().optional(), stub: z.boolean().optional(), chip: z.string().optional() })
    .default({}),
});
const part = z.object({ file: z.string(), encrypted: z.union([z.literal('true'), z.literal(true)]) });

export interface FlasherArgs {
  /** `name`: relative to the build folder, as it stands there. */
  files: { offset: number; name: string; isEncrypted: boolean }[];
  options: Partial<FlashOptions>;
}

/** What a build says about flashing itself. Fails with `flash/bad-file` {path, reason} and `flash/bad-offset`. */
export function parseFlasherArgs(text: string, path: string): FlasherArgs {
  const fail = (reason: string, cause?: unknown) => new TalkError('flash/bad-file', { path, reason }, { cause });
  if (text.length > LARGEST_TEXT) throw fail('too long for a flasher_args.json');
  let args: z.infer<typeof flasherArgs>;
  try {
    args = flasherArgs.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    throw fail(cause instanceof SyntaxError ? 'not JSON' : 'not a flasher_args.json', cause);
  }
  const entries = Object.entries(args.flash_files);
  if (entries.length > MOST_FILES) throw fail(`more than ${MOST_FILES} files`);
  const encrypted = new Set(Object.values(args).flatMap((value) => part.safeParse(value).data?.file ?? []));
  const files = entries.map(([address, name]) => {
    const offset = Number(address);
    if (!/^(0x[0-9a-f]+|\d+)$/i.test(address) || offset > 0xffffffff)
      throw new TalkError('flash/bad-offset', { offset: address, reason: 'not-a-number' });
    return { offset, name, isEncrypted: encrypted.has(name) };
  });
  return { files, options: { ...settingsOf(args.flash_settings), ...optionsOf(args.extra_esptool_args) } };
}

/** What the build wants in the bootloader's header; its own menu may have changed after the bootloader was built. */
function settingsOf({ flash_mode, flash_size, flash_freq }: z.infer<typeof flasherArgs>['flash_settings']): Partial<FlashOptions> {
  const mode = flashOptions.shape.flashMode.safeParse(flash_mode);
  return {
    ...(mode.success && flash_mode !== undefined ? { flashMode: mode.data } : {}),
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
