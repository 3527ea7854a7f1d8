import { TalkError } from '../../../preload/contract/errors.ts';
import type { Firmware, FlashPlan, PlannedFile } from '../../../preload/contract/flash.ts';
import { requireUse } from '../provisioning/require-use.ts';
import { prepareBk7258 } from './bk7258/prepare.ts';
import { prepareCat1 } from './cat1/prepare.ts';
import { writeEsp } from './esp/run.ts';
import { prepareEsp } from './image/esp-flash.ts';
import { loadFirmware } from './image/load.ts';
import { requireOwnTool } from './image/vendor-tool.ts';
import type { PreparedFlash } from './tool.ts';

/**
 * Reads and checks everything there is to write, touching no board, and gives the plan of the family it is for. Fails with
 * `flash/…`, `nvs/…`, `provisioning/unnamed` and `too-large`; with `bad-request` for an option that no such chip has, and with
 * `unsupported` for values that such a board cannot keep.
 */
export async function prepareFlash(firmware: Firmware): Promise<PreparedFlash> {
  if (firmware.provisioning !== undefined) requireUse(firmware.provisioning);
  const loaded = await loadFirmware(firmware);
  const package_ = (await prepareBk7258(loaded.files, loaded.options)) ?? (await prepareCat1(loaded.files, loaded.options));
  if (package_ !== null && firmware.provisioning !== undefined)
    throw new TalkError('unsupported', {
      feature: 'provisioning',
      why: package_.plan.family === 'cat1' ? 'an LTE module has no NVS' : 'a BK7258 has no NVS',
    });
  if (package_ !== null) return package_;
  requireOwnTool(loaded.files, loaded.options.expectChip);
  const flash = prepareEsp(loaded, firmware.provisioning ?? null);
  return { plan: flash.plan, write: (run) => writeEsp(flash, run) };
}

/**
 * Files are read again when a job is started: one that was built anew since its plan was shown is not what a person agreed to. Fails
 * with `flash/files-changed` {names}.
 */
export function requireAsPlanned(
  { files }: Pick<FlashPlan, 'files'>,
  shown: readonly Pick<PlannedFile, 'offset' | 'name' | 'sha256'>[],
): void {
  const keyOf = ({ offset, name, sha256 }: (typeof shown)[number]) => `${offset} ${sha256} ${name}`;
  const before = new Set(shown.map(keyOf));
  const now = new Set(files.map(keyOf));
  const changed = [...files.filter((file) => !before.has(keyOf(file))), ...shown.filter((file) => !now.has(keyOf(file)))];
  if (changed.length > 0) throw new TalkError('flash/files-changed', { names: [...new Set(changed.map(({ name }) => name))] });
}
