import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { ServerCertificate, TlsIdentity } from '../../../pipeline/gateways/tls.ts';
import type { AuthorityState } from '../../../preload/contract/cloud/certificates.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Log } from '../log.ts';
import { writePrivateFile } from '../settings/private-file.ts';
import { type KeyKind, makeAuthority, makeCertificate } from './certificate-maker.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const DEVICE_DAYS = 3650;
/** Some systems take no server certificate that lives longer, of whatever authority. */
const SERVER_DAYS = 397;
const RENEWED_BEFORE_MS = 30 * DAY_MS;

const authorityFile = z.object({ certificate: z.string(), key: z.string() });
const serverFile = authorityFile.extend({ names: z.array(z.string()) });
type ServerFile = z.infer<typeof serverFile>;

export interface Authority {
  /** For listeners. */
  readonly identity: TlsIdentity;
  state(): AuthorityState;
  /** A new certificate for the listeners where the names are others or the end is near; told to those who watch. */
  renew(): Promise<void>;
  /** For a board: its common name is product and device name run together, as its MQTT client id. */
  issue(device: DeviceName): Promise<{ certificate: string; key: string; fingerprint: string; notAfterWallMs: number }>;
}

/**
 * The bench's own authority of one kind of keys, made at first use and kept in files of `directory` that only their owner may read, and
 * the server's certificate by it.
 */
export async function openAuthority(deps: {
  directory: string;
  kind: KeyKind;
  names: () => readonly string[];
  clock: Pick<Clock, 'wallMs'>;
  log: Log;
}): Promise<Authority> {
  const { directory, kind, names, clock, log } = deps;
  const nowWallMs = () => clock.wallMs();
  const authorityPath = join(directory, `authority-${kind}.json`);
  const serverPath = join(directory, `server-${kind}.json`);
  const listeners = new Set<(server: ServerCertificate) => void>();

  const authority =
    (await readFileOf(authorityPath, authorityFile, log)) ??
    (await kept(
      authorityPath,
      await makeAuthority(kind, { name: `Talkbench ${hostname()} ${kind}`, nowWallMs: nowWallMs(), days: AUTHORITY_DAYS }),
    ));
  const own = new X509Certificate(authority.certificate);
  const storedServer = await readFileOf(serverPath, serverFile, log);
  let server = storedServer !== null && isGood(storedServer) ? storedServer : await newServer();
  let renewing: Promise<void> = Promise.resolve();

  function isGood({ certificate, names: certified }: ServerFile): boolean {
    const current = new X509Certificate(certificate);
    const isFresh = current.validToDate.getTime() - nowWallMs() > RENEWED_BEFORE_MS;
    return isFresh && current.checkIssued(own) && JSON.stringify(certified) === JSON.stringify(names());
  }

  async function newServer(): Promise<ServerFile> {
    const hosts = [...names()];
    const made = await makeCertificate(kind, authority, { name: 'Talkbench', hosts, nowWallMs: nowWallMs(), days: SERVER_DAYS });
    return kept(serverPath, { ...made, names: hosts });
  }

  const certificateOf = ({ certificate, key }: ServerFile): ServerCertificate => ({ cert: certificate, key, ca: authority.certificate });

  return {
    identity: {
      get server() {
        return certificateOf(server);
      },
      onRenew(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    state: () => ({
      keys: kind,
      subject: own.subject.replaceAll('\n', ', '),
      fingerprint: own.fingerprint256,
      notAfterWallMs: own.validToDate.getTime(),
      pem: authority.certificate,
      der: new Uint8Array(own.raw),
      server: { names: server.names, notAfterWallMs: new X509Certificate(server.certificate).validToDate.getTime() },
    }),
    renew() {
      renewing = renewing
        .catch(() => {})
        .then(async () => {
          if (isGood(server)) return;
          server = await newServer();
          for (const listener of listeners) listener(certificateOf(server));
        });
      return renewing;
    },
    async issue({ productId, deviceName }) {
      const made = await makeCertificate(kind, authority, { name: `${productId}${deviceName}`, nowWallMs: nowWallMs(), days: DEVICE_DAYS });
      const { fingerprint256, validToDate } = new X509Certificate(made.certificate);
      return { ...made, fingerprint: fingerprint256, notAfterWallMs: validToDate.getTime() };
    },
  };
}

/** Null for one that is not there, or whose certificate and key are none or not of each other: then another is made, and it is said. */
async function readFileOf<Contents extends z.infer<typeof authorityFile>>(
  path: string,
  schema: z.ZodType<Contents>,
  log: Log,
): Promise<Contents | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const contents = schema.parse(JSON.parse(text));
    createSecureContext({ cert: contents.certificate, key: contents.key });
    return contents;
  } catch {
    log.error({ path }, 'a certificate of the bench cannot be read; a new one takes its place');
    return null;
  }
}

async function kept<Contents>(path: string, contents: Contents): Promise<Contents> {
  await writePrivateFile(path, JSON.stringify(contents));
  return contents;
}
