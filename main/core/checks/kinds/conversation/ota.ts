import { z } from 'zod';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { reportedFirmware } from '../../../analysis/facets.ts';
import type { BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { quietLine, startsOf, startsSince } from './line.ts';
import { known } from './numbers.ts';

type OtaEvent = Extract<PipelineEvent, { kind: 'device.ota' }>;

/** The board is given its own firmware as an update: it fetches it, writes it, starts it, and says that it runs. */
export const ota = check({
  name: 'conversation.ota',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** The name of a stored firmware file; empty: what was flashed onto the board last. */
    file: z.string().max(120).default(''),
    /** What it is offered as; empty: as that file, else as the version the board runs. */
    version: z.string().max(60).default(''),
    /** Until it is written. */
    timeoutS: z.number().min(5).max(3600).default(300),
    /** From there until it is back. */
    restartS: z.number().min(1).max(600).default(90),
  }),
  values: [
    { name: 'isOffered', limit: { equals: true }, next: 'subscribe-ota' },
    { name: 'state', limit: { equals: 'done' }, isOptional: true, next: 'fetch-update' },
    { name: 'resultCode' },
    { name: 'percent', unit: '%' },
    { name: 'downloadS', unit: 's' },
    { name: 'isBack', limit: { equals: true }, isOptional: true, next: 'report-version' },
    { name: 'versionAfter' },
    { name: 'restartS', unit: 's' },
    { name: 'starts', unit: 'count' },
    { name: 'isTalking', limit: { equals: true }, isOptional: true, next: 'talk-after-update' },
    { name: 'offered' },
  ],
  nexts: ['subscribe-ota', 'fetch-update', 'report-version', 'talk-after-update'],
  async measure(bench, given) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const image = await device.updateImage(given.file);
    if (image === null) return { skipped: 'no-image' };
    const version = [given.version, image.version, device.record()?.firmwareVersion ?? ''].find((each) => each !== '') ?? '1.0.0';
    const offered = `${image.name} ${version}, ${image.data.length} B`;
    const starts = startsOf(bench);
    const sinceUs = bench.clock.nowUs();
    try {
      await device.offerUpdate({ version, data: image.data });
    } catch (error) {
      if (!isTalkError(error, 'device/not-subscribed') && !isTalkError(error, 'device/offline')) throw error;
      return { values: { isOffered: false, offered }, next: 'subscribe-ota' };
    }
    const isLast = ({ state, percent }: OtaEvent) => {
      bench.progress(0.7 * Math.min(1, percent / 100));
      return state === 'done' || state === 'fail';
    };
    const last = await device.until('device.ota', { sinceUs, timeoutMs: given.timeoutS * 1000, accept: isLast });
    const reports = device.events(sinceUs).flatMap((event) => (event.kind === 'device.ota' ? [event] : []));
    const evidence = [{ kind: 'lines' as const, label: 'ota', lines: linesOf(reports, sinceUs) }];
    const told = last ?? reports.at(-1);
    const values = {
      ...{ isOffered: true, offered, state: told?.state ?? 'sent', resultCode: told?.resultCode ?? '' },
      percent: reports.length === 0 ? 0 : Math.max(...reports.map(({ percent }) => percent)),
      downloadS: last === null ? null : seconds(last.atUs - sinceUs),
    };
    if (last?.state !== 'done') return { values: known(values), evidence, next: 'fetch-update' };

    const back = await backWith(device, version, { sinceUs: last.atUs, timeoutMs: given.restartS * 1000 });
    bench.progress(0.85);
    const isTalking = back !== null && (await quietLine(bench, device, given.restartS * 1000)) !== null;
    return {
      values: known({
        ...values,
        isBack: back !== null,
        versionAfter: lastVersion(device, last.atUs) ?? device.record()?.firmwareVersion,
        restartS: back === null ? null : seconds(back - last.atUs),
        starts: startsSince(bench, starts),
        isTalking,
      }),
      evidence,
    };
  },
});

/** When the board said that it runs that version. */
async function backWith(device: BoardDevice, version: string, waiting: { sinceUs: number; timeoutMs: number }): Promise<number | null> {
  const reported = await device.until('wire.message', { ...waiting, accept: (event) => reportedFirmware(event)?.version === version });
  return reported?.atUs ?? null;
}

function lastVersion(device: BoardDevice, sinceUs: number): string | undefined {
  return device
    .events(sinceUs)
    .flatMap((event) => reportedFirmware(event)?.version ?? [])
    .at(-1);
}

/** A line a state, and one for each quarter of the download. */
function linesOf(reports: readonly OtaEvent[], sinceUs: number): string[] {
  const lines = new Map<string, string>();
  for (const { state, percent, resultCode, atUs } of reports) {
    const key = state === 'downloading' ? `${state} ${Math.floor(percent / 25)}` : state;
    const code = resultCode === '0' || resultCode === '' ? '' : ` (${resultCode})`;
    if (!lines.has(key)) lines.set(key, `+${seconds(atUs - sinceUs)} s ${state} ${percent} %${code}`);
  }
  return [...lines.values()];
}

function seconds(us: number): number {
  return Math.round(us / 10_000) / 100;
}
