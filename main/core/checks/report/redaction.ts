import { type CheckRun, checkRun } from '../../../../preload/contract/checks.ts';
import { createRedact, type Redact } from '../../store/redact.ts';
import { redactShaped } from '../../store/redact-shape.ts';

/**
 * A run as it may leave the bench: secrets are blacked out wherever they stand, also IMSI and ICCID, which are the SIM card's. The IMEI and the
 * serial number stay: a sign-off that does not say which board it is for is none.
 */
export function leavingRun(run: CheckRun, secrets: readonly string[]): CheckRun {
  const withoutSecrets = createRedact({ includeIdentities: true, secrets });
  const withoutIdentities = createRedact({ includeIdentities: false, secrets: [] });
  const own = [run.serialNumber, String(run.facts.imei ?? '')].filter((text) => /^[0-9]{15}$/.test(text));
  const keeping = (text: string): string => keep(withoutSecrets(text), [...new Set(own)], withoutIdentities);
  const redact: Redact = Object.assign(keeping, { expressions: [] });
  return redactShaped(redact, checkRun, run) as CheckRun;
}

/** Redacts what stands between the board's own numbers, where they stand alone: an ICCID may have an IMEI's digits in it. */
function keep(text: string, own: readonly string[], redact: (text: string) => string): string {
  if (own.length === 0) return redact(text);
  const alone = new RegExp(`((?<![0-9])(?:${own.join('|')})(?![0-9A-Za-z]))`);
  return text
    .split(alone)
    .map((part, i) => (i % 2 === 1 ? part : redact(part)))
    .join('');
}
