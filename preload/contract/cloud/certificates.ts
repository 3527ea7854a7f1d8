import { z } from 'zod';
import { bytes } from '../bytes.ts';

/** The bench's own authority. */
export const certificateSettings = z
  .object({
    /**
     * Of all certificates, the authority's too: a board whose TLS library was built without elliptic curves needs RSA. Each kind has an
     * authority of its own, so a board that trusts one has to be given the other after a change.
     */
    keys: z.enum(['ecdsa', 'rsa']).default('ecdsa'),
    /** Names and addresses boards use besides the ones the bench knows: `bench.lab`, `10.0.0.7`, `*.example.com`. */
    names: z
      .array(z.string().regex(/^[\w*.:-]{1,253}$/))
      .max(100)
      .default([]),
  })
  .prefault({});

export const authorityState = z.object({
  keys: z.enum(['ecdsa', 'rsa']),
  subject: z.string(),
  /** SHA-256, `AA:BB:…`. */
  fingerprint: z.string(),
  notAfterWallMs: z.number(),
  pem: z.string(),
  der: bytes,
  server: z.object({ names: z.array(z.string()), notAfterWallMs: z.number() }),
});

export const certificateCalls = {
  /** The authority that boards and other programs have to trust; made when it is first asked for. */
  'certificates.authority': { request: z.object({}), reply: authorityState, role: 'viewer' },
} as const;

/** Nothing to follow yet: the authority stays, and the server's certificate renews itself. */
export const certificateStreams = {} as const;

export type AuthorityState = z.infer<typeof authorityState>;
