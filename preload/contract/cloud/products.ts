import { z } from 'zod';
import { deviceRecord, productAuthentication } from '../pipeline.ts';

const productId = z.string().regex(/^[A-Za-z0-9]{1,10}$/);
const deviceName = z.string().regex(/^[\w:@-]{1,48}$/);

export const productRecord = z.object({
  productId,
  name: z.string(),
  authentication: productAuthentication,
  /** Whether a product secret is kept: devices may register themselves with it. */
  hasSecret: z.boolean(),
  /** Whether a device that nobody registered is made when it registers itself with the product secret. */
  isOpen: z.boolean(),
  /** Null for one that is known by its devices alone. */
  createdWallMs: z.number().int().nullable(),
});

/** A product as it is now, or, once removed, as it last was. */
export const productChange = productRecord.extend({ isRemoved: z.literal(true).optional() });

/** Made just now; a secret is told this once. */
export const madeDevice = z.object({ productId, deviceName, secret: z.string() });

export const productCalls = {
  /**
   * Makes a product, or changes the one of that id: what is left out stays. Without `productId` one is made up, ten characters as the
   * console gives them.
   */
  'products.put': {
    request: z.object({
      productId: productId.optional(),
      name: z.string().max(100).optional(),
      authentication: productAuthentication.optional(),
      isOpen: z.boolean().optional(),
    }),
    reply: productRecord,
    role: 'operator',
  },
  /** `secret` null forgets it; without it one is generated and told this once. */
  'products.setSecret': {
    request: z.object({
      productId,
      secret: z
        .string()
        .regex(/^[\x21-\x7e]{16,100}$/)
        .nullable()
        .optional(),
    }),
    reply: z.object({ product: productRecord, generatedSecret: z.string().optional() }),
    role: 'operator',
  },
  /** Refused with `product/in-use` while it has devices, unless they go with it. */
  'products.remove': {
    request: z.object({ productId, withDevices: z.boolean().default(false) }),
    reply: z.object({ removedDevices: z.number().int() }),
    role: 'operator',
  },
  /** So many devices, `<prefix>001` and on, past those that are there. Their secrets are told this once. */
  'devices.generate': {
    request: z.object({
      productId,
      count: z.number().int().min(1).max(5000),
      prefix: z
        .string()
        .regex(/^[\w:@-]{1,40}$/)
        .default('dev'),
    }),
    reply: z.object({ devices: z.array(madeDevice) }),
    role: 'operator',
  },
  /**
   * Product id, device name, secret: the lines of a list, as for provisioning. All or nothing: `provisioning/bad-list`,
   * `provisioning/header-unknown`, `device/duplicate`. A device that is here already takes the list's secret.
   */
  'devices.import': {
    request: z.object({ csv: z.string().max(5_000_000), header: z.enum(['auto', 'none']).default('auto') }),
    reply: z.object({ added: z.number().int(), changed: z.number().int(), unchanged: z.number().int() }),
    role: 'operator',
  },
  /** What the registry knows of devices, as CSV and never with their secrets. */
  'devices.export': { request: z.object({ productId: productId.optional() }), reply: z.object({ csv: z.string() }), role: 'viewer' },
  /** A certificate with its key, for a board of a certificate product, told this once; the one before is not let in any more. PEM. */
  'devices.issueCertificate': {
    request: z.object({ productId, deviceName }),
    reply: z.object({ device: deviceRecord, certificate: z.string(), key: z.string(), notAfterWallMs: z.number() }),
    role: 'operator',
  },
} as const;

export const productStreams = {
  'products.state': { request: z.object({}), snapshot: z.array(productRecord), delta: productChange },
} as const;

export type ProductRecord = z.infer<typeof productRecord>;
export type ProductChange = z.infer<typeof productChange>;
export type MadeDevice = z.infer<typeof madeDevice>;
