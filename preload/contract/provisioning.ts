import { z } from 'zod';
import { bytes } from './bytes.ts';
import { nvsContents, nvsEntry } from './nvs.ts';

/** Which device a board becomes: one the lab knows, the next unused one of an imported list, or one typed in. */
export const deviceChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('known'), productId: z.string(), deviceName: z.string() }),
  z.object({ kind: z.literal('list'), listId: z.string() }),
  z.object({
    kind: z.literal('given'),
    productId: z.string().min(1).max(64),
    deviceName: z.string().min(1).max(64),
    deviceSecret: z.string().min(1).max(256),
  }),
]);

/** What is burned into a board beside its firmware. */
export const provisioning = z.object({
  /** The partition's name; found in the table among the files, else in the board's. */
  partition: z.string().default('nvs'),
  /** Entries by a form, or a generator's CSV (key,type,encoding,value) as it is. Both: the CSV first. */
  entries: z.array(nvsEntry).max(2000).default([]),
  csv: z.string().max(2_000_000).optional(),
  /** Values by name. Secret ones (…password, …secret, …psk, …key, …token) are kept apart and never given back. */
  variables: z.record(z.string(), z.string().max(4000)).default({}),
  device: deviceChoice.optional(),
});

/** Well-known sets of entries, by which firmware reads them. */
export const provisioningTemplate = z.object({
  id: z.string(),
  /** 'TWeTalk', 'Wi-Fi of ESP-IDF', … */
  name: z.string(),
  entries: z.array(nvsEntry),
  /** Names to ask for. */
  variables: z.array(z.string()),
});

export const deviceList = z.object({
  listId: z.string(),
  name: z.string(),
  total: z.number().int(),
  free: z.number().int(),
  /** Being burned at this moment. */
  reserved: z.number().int(),
  used: z.number().int(),
});

export const deviceListEntry = z.object({
  productId: z.string(),
  deviceName: z.string(),
  state: z.enum(['free', 'reserved', 'used']),
  /** The board it went into. */
  mac: z.string().nullable(),
  usedWallMs: z.number().nullable(),
});

/** 'none': its first line is a device, whatever it looks like. 'auto': a header that is known, or lines that can be nothing but devices. */
export const listHeader = z.enum(['auto', 'none']);

export const provisioningCalls = {
  'provisioning.templates': { request: z.object({}), reply: z.object({ templates: z.array(provisioningTemplate) }), role: 'viewer' },
  /** The image itself, for who flashes it otherwise. Fails with 'nvs/…'. */
  'provisioning.image': {
    request: z.object({ provisioning, sizeBytes: z.number().int().min(0x3000).max(0x1000000) }),
    reply: z.object({ data: bytes, usedEntries: z.number().int(), totalEntries: z.number().int() }),
    role: 'operator',
  },
  /** Decodes an image from a file. */
  'provisioning.read': {
    request: z.object({ data: bytes }),
    reply: z.object({ contents: nvsContents }),
    role: 'operator',
  },
  /**
   * A CSV of triples (product id, device name, secret; with or without a header line, in any order a header names). Fails with
   * 'provisioning/bad-list' {line, reason}, and 'provisioning/header-unknown' {line, header} for a first line that may be either. Devices of all the lists are unique: one that is there already fails the import.
   */
  'provisioning.importList': {
    request: z.object({ name: z.string().min(1).max(80), csv: z.string().max(10_000_000), header: listHeader.default('auto') }),
    reply: deviceList,
    role: 'operator',
  },
  'provisioning.list': {
    request: z.object({ listId: z.string() }),
    reply: z.object({ entries: z.array(deviceListEntry) }),
    role: 'viewer',
  },
  'provisioning.removeList': { request: z.object({ listId: z.string() }), reply: z.object({}), role: 'operator' },
  /** Makes a used or reserved device free again: by a person who knows that it is on no board. */
  'provisioning.release': {
    request: z.object({ listId: z.string(), productId: z.string(), deviceName: z.string() }),
    reply: z.object({}),
    role: 'operator',
  },
} as const;

export const provisioningStreams = {
  'provisioning.lists': { request: z.object({}), snapshot: z.array(deviceList), delta: z.array(deviceList) },
} as const;

export type DeviceChoice = z.infer<typeof deviceChoice>;
export type Provisioning = z.infer<typeof provisioning>;
export type ProvisioningTemplate = z.infer<typeof provisioningTemplate>;
export type ListHeader = z.infer<typeof listHeader>;
export type DeviceList = z.infer<typeof deviceList>;
export type DeviceListEntry = z.infer<typeof deviceListEntry>;
