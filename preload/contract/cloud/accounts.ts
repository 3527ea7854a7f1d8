import { z } from 'zod';

const secretId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const appId = z.string().regex(/^\d{1,20}$/);
const typedSecret = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/** The lab's account: its secrets are not in it, each is shown once when it is made. */
export const account = z.object({
  /** Tencent Cloud's app id, which paths and requests of the speech services name. */
  appId,
  /** The application of TRTC that rooms and callbacks name. */
  sdkAppId: z.number().int().min(1).max(4_294_967_295),
  /** Pairs for Tencent Cloud API v3 and signed requests. */
  keys: z.array(z.object({ secretId, note: z.string(), createdWallMs: z.number().int() })),
  /** App ids besides the account's own that may use the speech services. */
  allowedAppIds: z.array(appId),
  /** Tokens of the speech services. */
  speechTokens: z.array(z.object({ id: z.string(), name: z.string(), createdWallMs: z.number().int() })),
});

/** Whose cloud it is: the lab's account (app id, SecretId and key), and the tokens of the speech services. */
export const accountCalls = {
  'accounts.get': { request: z.object({}), reply: account, role: 'viewer' },
  'accounts.update': {
    request: z.object({
      appId: appId.optional(),
      sdkAppId: account.shape.sdkAppId.optional(),
      allowedAppIds: z.array(appId).max(200).optional(),
    }),
    reply: account,
    role: 'operator',
  },
  /** Without `secretId` or `secretKey` they are generated; a generated key is in this reply and in no other. */
  'accounts.addKey': {
    request: z.object({ secretId: secretId.optional(), secretKey: typedSecret.optional(), note: z.string().max(200).default('') }),
    reply: z.object({ account, secretId, generatedSecretKey: z.string().optional() }),
    role: 'operator',
  },
  'accounts.removeKey': { request: z.object({ secretId }), reply: account, role: 'operator' },
  /** Without `token` one is generated; it is in this reply and in no other. */
  'accounts.addSpeechToken': {
    request: z.object({ name: z.string().min(1).max(100), token: typedSecret.optional() }),
    reply: z.object({ account, id: z.string(), generatedToken: z.string().optional() }),
    role: 'operator',
  },
  'accounts.removeSpeechToken': { request: z.object({ id: z.string() }), reply: account, role: 'operator' },
} as const;

/** A delta is the whole new account. */
export const accountStreams = {
  'accounts.state': { request: z.object({}), snapshot: account, delta: account },
} as const;

export type Account = z.infer<typeof account>;
