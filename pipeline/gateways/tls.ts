import type { SecureContextOptions } from 'node:tls';

export interface ServerCertificate extends Required<Pick<SecureContextOptions, 'cert' | 'key'>> {
  readonly ca: string;
}

/** The bench's server certificate, made by its own authority. */
export interface TlsIdentity {
  /** Certificate chain and key for a listener, and the authority for those who ask for client certificates. PEM. As it is now. */
  readonly server: ServerCertificate;
  /** A new certificate, before the old one expires or because the addresses are others now: `server.setSecureContext` with it. */
  onRenew(listener: (server: ServerCertificate) => void): () => void;
}
