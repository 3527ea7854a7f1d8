import { join } from 'node:path';
import type { Settings } from '../../../preload/contract/settings.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Devices } from '../devices/registry.ts';
import type { CallHandlers } from '../endpoint/handlers.ts';
import type { Log } from '../log.ts';
import type { SettingsService } from '../settings/settings.ts';
import { type Authority, openAuthority } from './authority.ts';
import type { KeyKind } from './certificate-maker.ts';
import { certifiedNames } from './certified-names.ts';

/** How often the machine's addresses are looked at, and the end of the certificate. */
const CHECKED_EVERY_US = 600_000_000;

export interface CertificateService {
  /** Of the settings' kind of keys; made where there is none yet. */
  authority(): Promise<Authority>;
  calls: Pick<CallHandlers, 'certificates.authority' | 'devices.issueCertificate'>;
  close(): void;
}

/** The bench's certificates: its authority, its listeners', and the boards'. */
export function createCertificates(deps: {
  dataDirectory: string;
  clock: Clock;
  settings: Pick<SettingsService, 'get' | 'onChange'>;
  /** With what the command line says about listeners. */
  listenerSettings: () => Settings;
  devices: Pick<Devices, 'find' | 'setCertificate'>;
  log: Log;
}): CertificateService {
  const { clock, settings, devices, log } = deps;
  const opened = new Map<KeyKind, Promise<Authority>>();
  let cancelCheck: (() => void) | null = null;

  const names = () => certifiedNames(deps.listenerSettings().listeners, settings.get().certificates.names);

  function authority(): Promise<Authority> {
    const kind = settings.get().certificates.keys;
    const known = opened.get(kind);
    if (known !== undefined) return known;
    const opening = openAuthority({ directory: join(deps.dataDirectory, 'certificates'), kind, names, clock, log });
    opened.set(kind, opening);
    // Tried anew when it is asked for again.
    opening.catch(() => opened.delete(kind));
    if (cancelCheck === null) checkLater();
    return opening;
  }

  function checkLater(): void {
    cancelCheck = clock.at((clock.nowUs() + CHECKED_EVERY_US) as ReturnType<Clock['nowUs']>, () => {
      renewAll();
      checkLater();
    });
  }

  function renewAll(): void {
    for (const opening of opened.values()) {
      opening.then((one) => one.renew()).catch((error: unknown) => log.error({ err: error }, 'the server certificate was not renewed'));
    }
  }

  const stopListening = settings.onChange((_settings, keys) => {
    if (keys.some((key) => key.startsWith('listeners.') || key === 'certificates.names')) renewAll();
  });

  return {
    authority,
    calls: {
      'certificates.authority': async () => {
        const current = await authority();
        await current.renew();
        return current.state();
      },
      'devices.issueCertificate': async ({ productId, deviceName }) => {
        if (devices.find(productId, deviceName) === undefined) throw new TalkError('device/unknown', { productId, deviceName });
        const { certificate, key, fingerprint, notAfterWallMs } = await (await authority()).issue({ productId, deviceName });
        const device = await devices.setCertificate(productId, deviceName, fingerprint);
        return { device, certificate, key, notAfterWallMs };
      },
    },
    close() {
      stopListening();
      cancelCheck?.();
    },
  };
}
