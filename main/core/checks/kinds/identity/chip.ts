import { z } from 'zod';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import { otherFamily } from '../../bench/family.ts';
import type { Bench, BoardPort } from '../../bench.ts';
import { check } from '../../check.ts';
import { bootsOf, isApplication, isLoaderOrPanic, isPanic } from '../power/boots.ts';

/** Not all zeros, not all ones, not a group address: what an eFuse that was never burnt, or read wrongly, gives. */
const realMac = /^(?!00(?::00){5}$|ff(?::ff){5}$)[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i;

/** What the ROM loader tells of the chip. It takes two resets, which are no fault of the board's. */
export const chip = check({
  name: 'identity.chip',
  group: 'identity',
  needs: ['port', 'esp'],
  parameters: z.strictObject({
    /** For the application to be back after the loader; 0 does not wait. */
    backS: z.number().min(0).max(300).default(20),
  }),
  values: [
    { name: 'chip', limit: { matches: '.+' }, next: 'no-chip' },
    { name: 'mac', limit: { matches: '[0-9a-f]{2}(:[0-9a-f]{2}){5}' }, next: 'bad-mac' },
    { name: 'isMacReal', limit: { equals: true }, next: 'bad-mac' },
    { name: 'flashBytes', unit: 'bytes', limit: { min: 2 * 1024 * 1024 }, next: 'small-flash' },
    { name: 'revision' },
    { name: 'hasSecureBoot', next: 'security' },
    { name: 'hasFlashEncryption', next: 'security' },
    { name: 'isDownloadSecured', next: 'security' },
    { name: 'isJtagDisabled', next: 'security' },
    // Left out where it says something that no grammar knows for its application's.
    { name: 'isBack', limit: { equals: true }, isOptional: true, next: 'not-back' },
  ],
  nexts: ['no-chip', 'bad-mac', 'small-flash', 'security', 'not-back'],
  async measure(bench, { backS }) {
    const { port, facts } = bench;
    if (port === null) return { skipped: 'no-port' };
    const other = otherFamily(port, 'esp');
    if (other !== null) return { skipped: other };
    const sinceUs = bench.clock.nowUs();
    const job = await port.info();
    if (job.error !== null && job.error !== undefined) throw TalkError.from(job.error);
    bench.progress(0.6);
    const told = job.chip;
    const mac = told?.mac?.toLowerCase() ?? null;
    const known = {
      ...{ chip: told?.chip, mac, flashBytes: told?.flashBytes, revision: told?.revision },
      ...{ appVersion: job.apps[0]?.app.version, appName: job.apps[0]?.app.project, idfVersion: job.apps[0]?.app.idfVersion },
      firmwareSha256: job.apps[0]?.app.elfSha256,
    };
    for (const [name, value] of Object.entries(known)) if (value !== undefined && value !== null) facts.set(name, value);
    const isBack = backS === 0 || (await comesBack(bench, port, { sinceUs, timeoutMs: backS * 1000 }));
    const security = told?.security;
    return {
      values: {
        chip: told?.chip ?? null,
        mac,
        isMacReal: mac !== null && realMac.test(mac),
        flashBytes: told?.flashBytes ?? null,
        ...(told?.revision != null && { revision: told.revision }),
        ...(security != null && {
          hasSecureBoot: security.secureBoot,
          hasFlashEncryption: security.flashEncryption,
          isDownloadSecured: security.secureDownload,
          isJtagDisabled: security.jtagDisabled,
        }),
        ...(isBack !== null && { isBack }),
      },
      evidence: [
        {
          kind: 'lines',
          label: 'partitions',
          lines: (job.partitions ?? []).map(
            ({ name, type, subtype, offset, sizeBytes }) => `${name}  ${type} ${subtype}  0x${offset.toString(16)}  ${sizeBytes}`,
          ),
        },
      ],
    };
  },
});

/** After the reset that ends the loader's work, any of these is no application that came back. */
const isFailedStart = (row: LogRow) => row.event === 'boot.waiting-for-download' || row.event === 'boot.invalid-image' || isPanic(row);

/**
 * Its application, after the loader: what it printed before the port was lent was before. Of firmware that keeps its log quiet the cloud tells; null:
 * something that is no loader's runs and does not fail, and nobody can tell what.
 */
async function comesBack(bench: Bench, port: BoardPort, waiting: { sinceUs: number; timeoutMs: number }): Promise<boolean | null> {
  const lent = port.rows(waiting.sinceUs).findLast(({ event }) => event === 'port.lent');
  const isAfter = (row: LogRow) => lent === undefined || row.seq > lent.seq;
  if ((await port.until((row) => isApplication(row) && isAfter(row), waiting)) !== null) return true;
  if (
    bench
      .device()
      ?.events(lent?.atUs ?? waiting.sinceUs)
      .some(({ kind }) => kind === 'device.online') === true
  )
    return true;
  const rows = port.rows(waiting.sinceUs).filter((row) => row.direction === 'received' && isAfter(row));
  if (rows.some(isFailedStart) || bootsOf(rows).length > 1) return false;
  return rows.some((row) => row.text.trim() !== '' && !isLoaderOrPanic(row)) ? null : false;
}
