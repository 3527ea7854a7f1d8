import { constants } from 'node:crypto';
import { createServer, DEFAULT_CIPHERS, type Server, TLSSocket } from 'node:tls';
import type { DeviceRegistry } from '../devices.ts';
import type { ServerCertificate, TlsIdentity } from '../tls.ts';
import type { TlsProof } from './admission.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

const identities = new WeakMap<TLSSocket, string>();

/**
 * MQTT's TLS listener: for boards that know the bench's authority, for those with a pre-shared key, and for those with a certificate of
 * their own. TLS 1.2 and nothing newer, which is what the boards' SDKs speak: there the cipher says whether the pre-shared key was what
 * the handshake was made with. Nor can a session be resumed, which would prove nothing of these, or
 * the handshake be made anew, which could name another device half-way.
 */
export function createTlsServer(deps: { tls: TlsIdentity; devices: DeviceRegistry; onConnection: (socket: TLSSocket) => void }): {
  server: Server;
  stop(): void;
} {
  const { tls, devices } = deps;
  const common = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    // Those of boards' SDKs are PSK-AES128-CBC-SHA and its like, which the default list forbids. First, and in our order: who has a key to
    // offer means it, and would else be given a suite of certificates, where nobody is proved.
    ciphers: `PSK:!eNULL:${DEFAULT_CIPHERS.replace(':!PSK', '')}`,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  } as const;
  const server = createServer(
    {
      ...common,
      ...contextOf(tls.server),
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      requestCert: true,
      rejectUnauthorized: false, // one without a certificate has other ways to prove itself
      pskCallback(socket, identity) {
        const secret = devices.findByClientId(identity)?.secret;
        if (!secret) return null;
        if (socket instanceof TLSSocket) identities.set(socket, identity);
        return Buffer.from(secret, 'base64');
      },
    },
    deps.onConnection,
  );
  const stop = tls.onRenew((renewed) => server.setSecureContext({ ...common, ...contextOf(renewed) }));
  return { server, stop };
}

function contextOf({ cert, key, ca }: ServerCertificate) {
  return { cert, key, ca };
}

/** What the handshake proved about the peer; null: nothing. */
export function proofOf(socket: unknown): TlsProof | null {
  if (!(socket instanceof TLSSocket)) return null;
  const identity = identities.get(socket);
  if (identity !== undefined && /(^|-)PSK-/.test(socket.getCipher().name)) return { kind: 'psk', identity };
  if (!socket.authorized) return null;
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  const commonName = subject?.CN;
  if (typeof commonName !== 'string' || typeof fingerprint256 !== 'string') return null;
  return { kind: 'certificate', commonName, fingerprint: fingerprint256 };
}
