import { z } from 'zod';

/**
 * MQTT: the bench's own broker and what it asks of boards, or a broker of the lab's (Mosquitto, EMQX) in its place. All read when the
 * listeners open, but the limits.
 */
export const brokerSettings = z
  .object({
    kind: z.enum(['embedded', 'external']).default('embedded'),
    /** Of the external one: `mqtt://host:1883` or `mqtts://host:8883`. Its password is a secret: `broker.setPassword`. */
    url: z
      .string()
      .regex(/^(mqtts?:\/\/[^\s@/?#]{1,300})?$/)
      .refine((url) => url === '' || URL.canParse(url))
      .default(''),
    username: z.string().max(200).default('talkbench'),
    /** With mqtts: whether the broker's certificate has to be of an authority this machine knows, or of `authority`. */
    isCertificateChecked: z.boolean().default(true),
    /** PEM of the authority that signed the external broker's certificate; empty: those this machine knows. */
    authority: z.string().max(20_000).default(''),
    /**
     * What is subscribed there. A wildcard at the front does not match topics that begin with `$` (MQTT 3.1.1 §4.7.2), so each prefix is
     * named; `$sys/operation/+/+` leaves out the answers under `$sys/operation/result`.
     */
    topics: z.array(z.string().min(1).max(200)).max(50).default(['$thing/up/#', '$twecall/up/#', '$ota/report/#', '$sys/operation/+/+']),
    /** Messages a second of one board; what is faster is read more slowly, not lost. */
    messagesPerSecond: z.number().int().min(1).max(10_000).default(50),
    /** Attempts of one device to connect in a minute, and of one address ten times as many; more are refused. */
    connectionsPerMinute: z.number().int().min(1).max(10_000).default(60),
    /** Refuses a username whose expiry has passed. Off: a board without a set clock still gets in. */
    isExpiryChecked: z.boolean().default(false),
  })
  .prefault({});

const access = z.object({
  hasPassword: z.boolean(),
  /** Stands in the addresses that the external broker asks; whoever knows it may try passwords of devices. */
  token: z.string(),
  /** Paths on the gateway's listeners. */
  paths: z.object({
    emqxAuthentication: z.string(),
    emqxAuthorization: z.string(),
    user: z.string(),
    superuser: z.string(),
    acl: z.string(),
  }),
});

export const brokerCalls = {
  /** What an external broker has to be told to ask the bench about devices. */
  'broker.access': { request: z.object({}), reply: access, role: 'operator' },
  /** The external broker's password for `broker.username`; null forgets it. Used from the next start of the listeners. */
  'broker.setPassword': { request: z.object({ password: z.string().min(1).max(500).nullable() }), reply: access, role: 'operator' },
  /** A new token: the broker's configuration has to name it from now on. */
  'broker.newToken': { request: z.object({}), reply: access, role: 'operator' },
} as const;

export type BrokerAccess = z.infer<typeof access>;
