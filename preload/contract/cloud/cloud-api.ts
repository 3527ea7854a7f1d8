import { z } from 'zod';

/** Ways that people get TC3-HMAC-SHA256 wrong, as a signature that came tells; each has its sentence on screen. */
export const signatureMistakes = [
  'header-values',
  'empty-body',
  'other-json',
  'no-empty-line',
  'method',
  'real-host',
  'local-date',
  'no-tc3',
  'header-order',
] as const;
export type SignatureMistake = (typeof signatureMistakes)[number];

/** Tencent Cloud API v3 (seed 001; reference/providers.md §2): what a backend asks of the cloud. */
export const cloudApiSettings = z
  .object({
    /** checked: TC3-HMAC-SHA256 with the account's keys · any: requests are answered whatever they are signed with. */
    signature: z.enum(['checked', 'any']).default('checked'),
    /** Of each action; more are refused with RequestLimitExceeded (the documents' 20). */
    requestsPerSecond: z.number().int().min(1).max(1000).default(20),
    /**
     * masked: credentials never leave the bench · given: whoever signs with the account's key and asks with IncludeCredentials gets those of
     * the engines as they are. The document says of that parameter only “whether masked”.
     */
    credentials: z.enum(['masked', 'given']).default('masked'),
    /** What Offset of GetTWeTalkProductConfigListV2 counts: the document calls it a page's number, its kind elsewhere counts items. */
    offset: z.enum(['items', 'pages']).default('items'),
  })
  .prefault({});

/** One request as it was judged. Keys are taken out of both bodies. */
export const apiRequest = z.object({
  requestId: z.string(),
  atWallMs: z.number().int(),
  action: z.string(),
  version: z.string(),
  region: z.string(),
  /** Of the credential's scope. */
  service: z.string(),
  secretId: z.string(),
  /** What the client calls itself: 'SDK_NODEJS_4.1.313', 'curl/8.5.0'. */
  client: z.string(),
  remote: z.string(),
  /** Empty: answered. */
  code: z.string(),
  message: z.string(),
  elapsedMs: z.number(),
  request: z.string(),
  response: z.string(),
  /** Of a request whose signature was refused: what it claims, and what should have been signed. Null otherwise. */
  signature: z
    .object({
      received: z.object({
        scope: z.string(),
        signedHeaders: z.array(z.object({ name: z.string(), value: z.string() })),
        timestamp: z.string(),
        signature: z.string(),
      }),
      /** One for each way the host may be signed: with its port, and without. */
      expected: z.array(z.object({ canonicalRequest: z.string(), stringToSign: z.string() })),
      /** What the client did instead; null when that cannot be told. */
      mistake: z.enum(signatureMistakes).nullable(),
    })
    .nullable(),
});

/** What a device has been activated for. */
export const activation = z.object({
  /** 'PRODUCT_device'. */
  sn: z.string(),
  service: z.enum(['twecall', 'twetalk']),
  /** The API's number of the package: PkgType, ServiceType. */
  type: z.number().int(),
  activatedWallMs: z.number().int(),
  expiresWallMs: z.number().int(),
});

export const cloudApiCalls = {
  /** The next answer of that action is this error ('InternalError.DBOperationError'); null: as it should be again. */
  'cloudapi.failNext': {
    request: z.object({
      action: z.string().min(1).max(100),
      code: z
        .string()
        .regex(/^[A-Za-z]+(\.[A-Za-z]+)?$/)
        .max(100)
        .nullable(),
    }),
    reply: z.object({}),
    role: 'operator',
  },
  'cloudapi.actions': {
    request: z.object({}),
    reply: z.object({ actions: z.array(z.object({ name: z.string(), version: z.string() })) }),
    role: 'viewer',
  },
} as const;

export const cloudApiStreams = {
  /** Snapshot: the newest, the oldest first. A delta is one more. */
  'cloudapi.requests': { request: z.object({}), snapshot: z.array(apiRequest), delta: apiRequest },
  /** Snapshot and delta: all of them. */
  'cloudapi.activations': { request: z.object({}), snapshot: z.array(activation), delta: z.array(activation) },
} as const;

export type ApiRequest = z.infer<typeof apiRequest>;
export type Activation = z.infer<typeof activation>;
