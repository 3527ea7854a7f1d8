import { z } from 'zod';
import { TalkError } from '../../../../../preload/contract/errors.ts';

/** Addresses are hexadecimal text without a prefix; other tools write numbers. */
const address = z
  .union([
    z.number().int().min(0).max(0xffffffff),
    z
      .string()
      .regex(/^(?:0x)?[0-9a-f]{1,8}$/i)
      .transform((text) => Number.parseInt(text, 16)),
  ])
  .optional()
  .catch(undefined);

const text = z.coerce.string().max(200).optional().catch(undefined);
const count = z.coerce.number().int().min(0).optional().catch(undefined);

/** What of a package's info.json is used. Whatever is missing or odd is left out, but for the chip. */
const infoJson = z.object({
  chip: z.object({ type: z.string().min(1).max(40) }),
  rom: z.object({ file: text, 'version-core': text, 'version-bsp': text }).partial().optional().catch(undefined),
  script: z.object({ file: text, lua: text, bitw: count }).partial().optional().catch(undefined),
  download: z
    .object({ bl_addr: address, core_addr: address, app_addr: address, script_addr: address, force_br: count })
    .partial()
    .optional()
    .catch(undefined),
  user: z.object({ project: text, version: text }).partial().optional().catch(undefined),
});

export type PackageInfo = z.infer<typeof infoJson>;

/** Fails with 'flash/bad-file' {path, reason}. */
export function readInfo(bytes: Uint8Array, path: string): PackageInfo {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes).replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new TalkError('flash/bad-file', { path, reason: 'info.json is no JSON' }, { cause });
  }
  const parsed = infoJson.safeParse(value);
  if (!parsed.success) throw new TalkError('flash/bad-file', { path, reason: 'info.json names no chip' });
  return parsed.data;
}
