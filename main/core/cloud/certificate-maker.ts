import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';

export type KeyKind = 'ecdsa' | 'rsa';

/** A certificate with its private key (PKCS #8), both PEM. */
export interface Certified {
  certificate: string;
  key: string;
}

const algorithms = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
} as const;

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const DAY_MS = 86_400_000;
/** So that a machine whose clock is a little behind takes it too. */
const BACKDATED_MS = DAY_MS;

/** An authority that signs itself. */
export async function makeAuthority(kind: KeyKind, options: { name: string; nowWallMs: number; days: number }): Promise<Certified> {
  const x509 = await loadX509();
  const keys = await newKeys(kind);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: subject(options.name),
    ...validity(options),
    signingAlgorithm: algorithms[kind],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/** A certificate of the authority's for a listener (`hosts`: names and addresses) or, without hosts, for a client. */
export async function makeCertificate(
  kind: KeyKind,
  authority: Certified,
  options: { name: string; hosts?: readonly string[]; nowWallMs: number; days: number },
): Promise<Certified> {
  const x509 = await loadX509();
  const keys = await newKeys(kind);
  const issuer = new x509.X509Certificate(authority.certificate);
  const { hosts } = options;
  const usages = x509.KeyUsageFlags.digitalSignature | (kind === 'rsa' ? x509.KeyUsageFlags.keyEncipherment : 0);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject(options.name),
    issuer: issuer.subjectName,
    ...validity(options),
    signingAlgorithm: algorithms[kind],
    publicKey: keys.publicKey,
    signingKey: await signingKey(kind, authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(usages, true),
      new x509.ExtendedKeyUsageExtension([hosts === undefined ? CLIENT_AUTHENTICATION : SERVER_AUTHENTICATION]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(hosts === undefined ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(generalName))]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/**
 * Loaded where a certificate is made and nowhere else: it takes a quarter of a second. What it injects its parts with asks for the
 * reflection of decorators, of which these three are all that it uses.
 */
async function loadX509() {
  const metadata = new WeakMap<object, Map<unknown, unknown>>();
  const get = (key: unknown, target: object) => metadata.get(target)?.get(key);
  const define = (key: unknown, value: unknown, target: object) => {
    const known = metadata.get(target) ?? new Map<unknown, unknown>();
    metadata.set(target, known.set(key, value));
  };
  const reflect: Record<string, unknown> = Reflect;
  reflect.getMetadata ??= get;
  reflect.getOwnMetadata ??= get;
  reflect.defineMetadata ??= define;
  return import('@peculiar/x509');
}

function newKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify']);
}

function signingKey(kind: KeyKind, pem: string): Promise<CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return crypto.subtle.importKey('pkcs8', der, algorithms[kind], false, ['sign']);
}

async function pemOf(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

function generalName(value: string): { type: 'dns' | 'ip'; value: string } {
  return { type: isIP(value) === 0 ? 'dns' : 'ip', value };
}

function subject(name: string): { [type: string]: string[] }[] {
  return [{ CN: [name] }, { O: ['Talkbench'] }];
}

function validity({ nowWallMs, days }: { nowWallMs: number; days: number }): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowWallMs - BACKDATED_MS), notAfter: new Date(nowWallMs + days * DAY_MS) };
}

/** Positive, as X.509 asks. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
