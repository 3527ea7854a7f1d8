import { z } from 'zod';

/**
 * One value for a board's NVS. `value` may hold `${product_id}`, `${device_name}`, `${device_secret}` (of the device given),
 * `${wifi_ssid}`, `${wifi_password}`, `${bench_host}`, or the name of any of `variables`. Numbers: decimal or 0x…; 'hex' and
 * 'base64' are blobs.
 */
export const nvsEntry = z.object({
  namespace: z.string().min(1).max(15),
  key: z.string().min(1).max(15),
  type: z.enum(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'string', 'hex', 'base64']),
  value: z.string().max(500_000),
});

/** A board's values as they stand in its NVS. Values of secret names are not given. */
export const nvsValue = z.object({
  namespace: z.string(),
  key: z.string(),
  type: z.enum(['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'string', 'blob']),
  /** Numbers in decimal, blobs in hex; null for one kept back. */
  value: z.string().nullable(),
  sizeBytes: z.number().int(),
});

/** What is wrong with an entry or a page of an NVS. */
export const nvsDamage = z.enum([
  'page-checksum', // of the page's header
  'page-not-empty', // a page that was never begun holds something
  'cut-short', // the image ends within this page
  'entry-checksum',
  'data-checksum', // of a string or a blob
  'bad-span', // entries that belong together run into others
  'unknown-type',
  'unknown-namespace',
  'no-terminator', // a string without its end
  'missing-chunk', // a blob that is not whole
  'stray-chunk', // of a blob that was not finished, or was replaced
]);

export const nvsContents = z.object({
  values: z.array(nvsValue),
  pages: z.array(z.object({ state: z.enum(['empty', 'active', 'full', 'freeing', 'corrupt', 'invalid']), usedEntries: z.number().int() })),
  /** What cannot be read, by page and index; -1 is the page itself. */
  damaged: z.array(z.object({ page: z.number().int(), entry: z.number().int(), reason: nvsDamage })),
  /** By NVS or flash encryption, as far as it looks: only the board can read it. */
  isEncrypted: z.boolean().default(false),
});

export type NvsEntry = z.infer<typeof nvsEntry>;
export type NvsValue = z.infer<typeof nvsValue>;
export type NvsDamage = z.infer<typeof nvsDamage>;
export type NvsContents = z.infer<typeof nvsContents>;
