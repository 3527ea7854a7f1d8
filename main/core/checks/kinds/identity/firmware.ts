import { z } from 'zod';
import type { Bench } from '../../bench.ts';
import { check } from '../../check.ts';

/** Which firmware runs, as its log, the descriptor in its flash and the cloud know it. What it has to be is the list's to say. */
export const firmware = check({
  name: 'identity.firmware',
  group: 'identity',
  needs: [],
  parameters: z.strictObject({}),
  values: [
    { name: 'appVersion', limit: { matches: '.+' }, next: 'other-firmware' },
    { name: 'appName', next: 'other-firmware' },
    { name: 'firmwareSha256', next: 'other-firmware' },
    { name: 'idfVersion', next: 'other-firmware' },
    { name: 'sdkVersion', next: 'old-sdk' },
    { name: 'reportedVersion', next: 'other-firmware' },
    { name: 'isOneFirmware', limit: { equals: true }, next: 'two-firmwares' },
  ],
  nexts: ['other-firmware', 'old-sdk', 'two-firmwares'],
  async measure(bench) {
    const logged = fromLog(bench);
    const flashed = (name: string) => textOf(bench.facts.get(name));
    const reported = bench.device()?.record()?.firmwareVersion ?? null;
    const sha256 = [flashed('firmwareSha256'), logged.elfSha256].filter((one) => one !== null);
    const appVersion = logged.appVersion ?? flashed('appVersion') ?? logged.sdkVersion ?? reported;
    if (appVersion === null) return { skipped: bench.port === null ? 'no-port' : 'not-in-log' };
    const told = {
      appVersion,
      appName: logged.project ?? flashed('appName'),
      // The log has its first digits only.
      firmwareSha256: sha256[0] ?? null,
      idfVersion: logged.idfVersion ?? flashed('idfVersion'),
      sdkVersion: logged.sdkVersion,
      reportedVersion: reported,
    };
    for (const [name, value] of Object.entries(told)) if (value !== null && name !== 'reportedVersion') bench.facts.set(name, value);
    return {
      values: {
        ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
        isOneFirmware: agree(flashed('appVersion'), logged.appVersion) && agree(...sha256),
      },
    };
  },
});

function fromLog(bench: Bench): Record<'appVersion' | 'project' | 'elfSha256' | 'idfVersion' | 'sdkVersion', string | null> {
  const facts = bench.port?.state()?.facts ?? {};
  return {
    appVersion: textOf(facts.appVersion),
    project: textOf(facts.project),
    elfSha256: textOf(facts.elfSha256)?.replace(/\.+$/, '') ?? null,
    idfVersion: textOf(facts.idfVersion),
    sdkVersion: textOf(facts.sdkVersion),
  };
}

function textOf(value: unknown): string | null {
  return (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value) : null;
}

/** One is the other's beginning; what is not known contradicts nothing. */
function agree(first: string | null = null, second: string | null = null): boolean {
  return first === null || second === null || first.startsWith(second) || second.startsWith(first);
}
